package scan

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/core/internal/store"
	"github.com/quartz-cluster/quartz/schema"
)

// Every shard has one owner among those who can serve it, whoever else looks after
// it, and as few others as can be.
func TestShardsAreDividedByWhoHasRoom(t *testing.T) {
	t.Parallel()
	roomy := store.Peer{State: schema.On, Capacity: 10, Running: 9, Handlers: `["work", "more"]`}
	full, unfit, paused := roomy, roomy, roomy
	full.Running = 10
	unfit.Handlers = `["more"]`
	paused.State = schema.Off
	for name, peers := range map[string][]store.Peer{
		"one":                {roomy},
		"two":                {roomy, roomy},
		"three":              {roomy, roomy, roomy},
		"nine":               {roomy, roomy, roomy, roomy, roomy, roomy, roomy, roomy, roomy},
		"one full":           {full, roomy, roomy},
		"two of three full":  {full, roomy, full},
		"all full":           {full, full},
		"one without work":   {roomy, unfit},
		"one paused":         {paused, roomy, roomy},
		"ten, and most full": {full, full, full, full, full, full, full, full, roomy, roomy},
	} {
		able := 0
		for i := range peers {
			peers[i].NodeID = int64(i + 1)
			if peers[i].Running < peers[i].Capacity && peers[i].State == schema.On && peers[i].Handlers == roomy.Handlers {
				able++
			}
		}
		var owners, ableOwners [schema.Shards]int
		for _, p := range peers {
			mine := divide(p.NodeID, []string{"work"}, peers)
			if p.State == schema.Off {
				continue // it looks, as far as anybody knows, but claims nothing
			}
			for shard, own := range mine {
				if own {
					owners[shard]++
					if p.Running < p.Capacity && p.Handlers == roomy.Handlers {
						ableOwners[shard]++
					}
				}
			}
		}
		for shard := range schema.Shards {
			if able > 0 {
				require.NotZero(t, ableOwners[shard], "%s, shard %d", name, shard)
			} else {
				require.NotZero(t, owners[shard], "%s, shard %d", name, shard)
			}
			if able <= schema.Shards {
				require.LessOrEqual(t, ableOwners[shard], 1, "%s, shard %d", name, shard)
			}
		}
	}
}
