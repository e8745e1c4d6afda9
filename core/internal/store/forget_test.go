package store

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/internal/sqldb"
	"github.com/quartz-cluster/quartz/schema"
)

// An execute that has nothing left to fire is kept while its last instant waits for
// another attempt: a child without an origin is claimed by nobody.
func TestWhatIsNotOverIsNotForgotten(t *testing.T) {
	t.Parallel()
	const copied, below = 8, 9
	row := func(id int64, kind schema.Origin, of int64) schema.Execute {
		return schema.Execute{
			ID: id, PID: 1, Application: "app", State: schema.Executing, JobType: schema.Simple, HostIP: "h", HostName: "h",
			NextFireTime: now + hour, Origin: kind, OriginID: of, ChildKey: schema.ChildKey(of, kind, id),
		}
	}
	over := row(copied, schema.ChildAll, 7)
	over.State, over.NextFireTime = schema.Complete, 0
	running := over
	running.FireTime = 1
	b := newBench(t)
	for name, c := range map[string]struct {
		children []schema.Execute
		goes     bool
	}{
		"nothing left":             {nil, true},
		"a retry waits":            {[]schema.Execute{row(copied, schema.ChildRetry, 7)}, false},
		"a copy has more to fire":  {[]schema.Execute{row(copied, schema.ChildAll, 7)}, false},
		"a copy is over":           {[]schema.Execute{over}, true},
		"a copy runs":              {[]schema.Execute{running}, false},
		"a retry of a copy's fire": {[]schema.Execute{over, row(below, schema.ChildRetry, copied)}, false},
	} {
		b.reset()
		b.due(7)
		b.exec("UPDATE QRTZ_EXECUTE SET STATE = 'COMPLETE', NEXT_FIRE_TIME = NULL, LAST_END_TIME = 5")
		expired := func() []schema.Execute {
			found, err := b.Expired(t.Context(), []int64{1}, now, 10)
			require.NoError(t, err)
			return found
		}
		found := expired()
		require.Len(t, found, 1, name)
		require.NoError(t, sqldb.Insert(t.Context(), b.db, "QRTZ_EXECUTE", c.children...))
		require.Equal(t, c.goes, len(expired()) == 1, name)
		forgotten, err := b.Forget(t.Context(), found[0])
		require.NoError(t, err)
		require.Equal(t, c.goes, forgotten, name)
	}
}
