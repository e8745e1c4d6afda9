package store

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/internal/sqldb"
	"github.com/quartz-cluster/quartz/schema"
)

func (b *bench) onAll(id int64) schema.Execute {
	b.t.Helper()
	b.due(id)
	b.exec("UPDATE QRTZ_EXECUTE SET RUN_ON = 'ALL', SHARD = ? WHERE ID = ?", schema.SharedShard, id)
	return b.row(id)
}

func (b *bench) copies(id int64) []Copy {
	b.t.Helper()
	out, err := b.Copies(b.t.Context(), []int64{id})
	require.NoError(b.t, err)
	return out
}

func child(o schema.Execute, node int64) schema.Execute {
	c := o
	c.ID, c.Origin, c.OriginID, c.ChildKey = schema.NewID(), schema.ChildAll, o.ID, schema.ChildKey(o.ID, schema.ChildAll, node)
	c.RunOn, c.Targets, c.Shard = schema.RunOnNode, text(node), schema.NodeShard(node)
	return c
}

// Copies are added, and their origin moves on, only while it is as it was read,
// and each at most once.
func TestSpreadingNamesTheOrigin(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for _, change := range []string{
		"VERSION = VERSION + 1", "STATE = 'PAUSED'", "RUN_ON = 'ANY'", "RUN_ON = NULL", "NEXT_FIRE_TIME = NEXT_FIRE_TIME + 1", "FIRE_TIME = 1",
	} {
		b.reset()
		o := b.onAll(7)
		b.exec("UPDATE QRTZ_EXECUTE SET " + change)
		before := b.row(7)
		for _, to := range []Span{{}, {Last: now, Next: now + hour}, {Last: now}} {
			done, err := b.Spread(t.Context(), o, []schema.Execute{child(o, 5)}, to)
			require.NoError(t, err)
			require.False(t, done, change)
			require.Equal(t, before, b.row(7), change)
			require.Empty(t, b.copies(7), change)
		}
	}
	b.reset()
	o := b.onAll(7)
	done, err := b.Spread(t.Context(), o, []schema.Execute{child(o, 5)}, Span{})
	require.NoError(t, err)
	require.True(t, done)
	done, err = b.Spread(t.Context(), o, []schema.Execute{child(o, 5), child(o, 6)}, Span{Last: now})
	require.NoError(t, err)
	require.False(t, done, "there is one for the node")
	require.Equal(t, o, b.row(7))
	done, err = b.Spread(t.Context(), o, []schema.Execute{child(o, 6)}, Span{Last: now})
	require.NoError(t, err)
	require.True(t, done)
	require.Len(t, b.copies(7), 2)
	row := b.row(7)
	require.Equal(t, schema.Complete, row.State)
	require.Equal(t, now, row.HighTime)
	require.Zero(t, row.NextFireTime)
}

func TestFollowingNamesTheCopy(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for _, change := range []string{
		"VERSION = VERSION + 1", "STATE = 'PAUSED'", "NEXT_FIRE_TIME = NEXT_FIRE_TIME + 1", "FIRE_TIME = 1", "ORIGIN = 'RETRY'",
	} {
		b.reset()
		o := b.onAll(7)
		k := child(o, 5)
		require.NoError(t, sqldb.Insert(t.Context(), b.db, "QRTZ_EXECUTE", k))
		c := b.copies(7)[0]
		b.exec("UPDATE QRTZ_EXECUTE SET "+change+" WHERE ID = ?", k.ID)
		o.Version++
		done, err := b.Follow(t.Context(), c, o, now+hour, schema.Executing)
		require.NoError(t, err)
		require.False(t, done, change)
	}
}

// A child goes only while its node is gone and it has nothing in flight.
func TestRemovingAChildNamesItsNode(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for _, kind := range []schema.Origin{schema.ChildAll, schema.ChildRunNow} {
		b.reset()
		o := b.onAll(7)
		k := child(o, b.node.NodeID)
		k.Origin, k.FireAttempt, k.Trace = kind, 2, "trace"
		require.NoError(t, sqldb.Insert(t.Context(), b.db, "QRTZ_EXECUTE", k))
		homeless := func(live ...int64) []Homeless {
			found, err := b.Homeless(t.Context(), live, 0, 0, 10)
			require.NoError(t, err)
			return found
		}
		require.Empty(t, homeless(b.node.NodeID))
		found := homeless(5)
		require.Len(t, found, 1)
		require.Equal(t, 3, found[0].Attempt, "the next")
		require.Equal(t, "trace", found[0].Trace)
		remove := func() bool {
			removed, err := b.Remove(t.Context(), found[0], "gone")
			require.NoError(t, err)
			return removed
		}
		require.False(t, remove(), "its node lives")
		b.exec("DELETE FROM QRTZ_NODE")
		b.exec("UPDATE QRTZ_EXECUTE SET FIRE_TIME = 1 WHERE ID = ?", k.ID)
		require.Empty(t, homeless(5))
		require.False(t, remove(), "it has a fire in flight")
		b.exec("UPDATE QRTZ_EXECUTE SET FIRE_TIME = NULL WHERE ID = ?", k.ID)
		require.True(t, remove())
		require.False(t, remove(), "once")
		lost := int64(0)
		if kind == schema.ChildRunNow {
			lost = 1
		}
		require.Equal(t, lost, b.row(7).LostCount)
	}
}

// What a node that is gone had in flight is told by the execute with the schedule, and
// by the trace of the fire, or that of the call where the row has no other.
func TestFlightsNameTheExecuteAndItsCall(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.reset()
	b.onAll(7)
	b.exec("UPDATE QRTZ_EXECUTE SET TRACE = 'call', FIRE_TIME = 1, FIRE_NODE = ?, REPEAT_COUNT = 2", b.node.NodeID)
	copied := child(b.row(7), b.node.NodeID)
	below := func(origin schema.Execute, trace string) schema.Execute {
		c := origin
		c.ID, c.Origin, c.OriginID, c.ChildKey = schema.NewID(), schema.ChildRetry, origin.ID, trace
		c.RepeatCount, c.Trace = 1, trace
		return c
	}
	retried, spilled := below(copied, "attempt"), below(b.row(7), "")
	require.NoError(t, sqldb.Insert(t.Context(), b.db, "QRTZ_EXECUTE", copied, retried, spilled))
	flights, err := b.Flights(t.Context(), b.node.NodeID, 0, 10)
	require.NoError(t, err)
	have := map[int64][2]string{}
	for _, f := range flights {
		require.EqualValues(t, 7, f.Of)
		have[f.ID] = [2]string{f.Trace, f.Link}
	}
	require.Equal(t, map[int64][2]string{
		7: {"", "call"}, copied.ID: {"", "call"}, retried.ID: {"attempt", "call"}, spilled.ID: {"", "call"},
	}, have)
}
