package scan

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"github.com/quartz-cluster/quartz/core/internal/store"
	"github.com/quartz-cluster/quartz/schema"
)

// A node leaves the shards of others alone while it has enough to do in its own, and
// helps with what is overdue there once it has not.
func TestANodeHelpsWhenItsOwnShareIsDone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, 30)
		node := store.Peer{NodeID: b.cfg.NodeID, State: schema.On, Capacity: 30, Handlers: `["work"]`}
		peer := node
		peer.NodeID++
		b.Heard(store.Cluster{Peers: []store.Peer{node, peer}}, false)
		b.add(0, 40, -time.Second)   // the node's
		b.add(1, 10, -2*time.Second) // the peer's
		_ = b.round(t.Context(), t.Context())
		require.Len(t, b.started, 30)
		require.Equal(t, 1, b.full)
		others := func() (n int) {
			for _, id := range b.started {
				n += int(id % 2)
			}
			return n
		}
		b.started = b.started[:0]
		_ = b.round(t.Context(), t.Context())
		require.Len(t, b.started, 10)
		require.Zero(t, others(), "there was a backlog of its own")
		_ = b.round(t.Context(), t.Context())
		require.Equal(t, 10, others())

		// Whoever was in the way there is at work there.
		b.started = b.started[:0]
		b.add(1, 5, -3*time.Second)
		require.NoError(t, b.gorm.Callback().Row().Before("gorm:row").Register("peer", func(db *gorm.DB) {
			if strings.Contains(db.Statement.SQL.String(), "SELECT ID, NAME, JOB_CLASS") {
				_, err := b.db.Exec(t.Context(), "UPDATE QRTZ_EXECUTE SET VERSION = VERSION + 1 WHERE SHARD = 1")
				require.NoError(t, err)
			}
		}))
		_ = b.round(t.Context(), t.Context())
		require.Zero(t, others())
		require.NoError(t, b.gorm.Callback().Row().Remove("peer"))
		_ = b.round(t.Context(), t.Context())
		require.Zero(t, others(), "it is left alone")
		time.Sleep(b.cfg.Interval)
		_ = b.round(t.Context(), t.Context())
		require.Equal(t, 5, others(), "for an interval")
	})
}

// What is overdue in the shards of others is claimed little by little, so that
// whoever is at work there is met before much was asked for in vain.
func TestANodeProbesTheShardsOfOthers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, 1000)
		node := store.Peer{NodeID: b.cfg.NodeID, State: schema.On, Capacity: 1000, Handlers: `["work"]`}
		peer := node
		peer.NodeID++
		b.Heard(store.Cluster{Peers: []store.Peer{node, peer}}, false)
		_ = b.round(t.Context(), t.Context()) // nothing of its own
		b.add(1, 100, -2*time.Second)
		for _, sum := range []int{probe, 3 * probe, 100} {
			rest := b.round(t.Context(), t.Context())
			require.Len(t, b.started, sum)
			if sum < 100 {
				require.Equal(t, gap, rest, "there is more")
			}
		}
	})
}

// What comes due beside a backlog has its turn with the next look, also where that
// comes late.
func TestALateLookFindsWhatCameDueMeanwhile(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, 10)
		b.add(0, 1000, -time.Minute)
		_ = b.round(t.Context(), t.Context())
		require.Len(t, b.started, 10)
		fresh := time.Now().UnixMilli()
		b.add(1, 6, 0)
		for _, want := range []int{5, 1} { // half of the slots are theirs
			time.Sleep(5 * b.cfg.Interval)
			b.started = b.started[:0]
			_ = b.round(t.Context(), t.Context())
			got := 0
			for _, id := range b.started {
				if id >= fresh {
					got++
				}
			}
			require.Equal(t, want, got)
		}
	})
}
