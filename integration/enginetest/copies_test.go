package enginetest

import (
	"context"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/core"
	"github.com/quartz-cluster/quartz/core/observe"
	"github.com/quartz-cluster/quartz/integration/internal/lab"
	"github.com/quartz-cluster/quartz/internal/sqldb"
	"github.com/quartz-cluster/quartz/schema"
)

// onAll adds an execute that runs on all nodes.
func onAll(l *lab.Lab, job client.ID, s client.Schedule, options ...client.ExecuteOption) int64 {
	id := l.ExecuteOf(job, s, append(options, client.Paused())...)
	l.Everywhere(id)
	l.Set(id, "RUN_ON = 'ALL', SHARD = ?, STATE = 'EXECUTING'", schema.SharedShard)
	return id
}

// copiesOf reads the copies of an execute by the key of their node; those whose
// node is gone are under its id.
func copiesOf(t *testing.T, l *lab.Lab, origin int64) map[string]schema.Execute {
	t.Helper()
	rows, err := sqldb.Select[schema.Execute](t.Context(), l.SQL, "SELECT "+sqldb.Columns[schema.Execute]("")+
		" FROM QRTZ_EXECUTE WHERE ORIGIN_ID = ? AND ORIGIN = 'ALL'", origin)
	require.NoError(t, err)
	keys := make(map[string]string)
	for _, n := range l.NodeRows() {
		keys[strconv.FormatInt(n.NodeID, 10)] = n.Key
	}
	out := make(map[string]schema.Execute)
	for _, e := range rows {
		key := e.Targets
		if k := keys[key]; k != "" {
			key = k
		}
		require.NotContains(t, out, key, "one for each node")
		out[key] = e
	}
	return out
}

func keysOf[V any](m map[string]V) []string {
	out := []string{}
	for k := range m {
		out = append(out, k)
	}
	return out
}

func untilCopies(t *testing.T, l *lab.Lab, origin int64, keys ...string) map[string]schema.Execute {
	t.Helper()
	var copies map[string]schema.Execute
	l.Until(func() bool {
		copies = copiesOf(t, l, origin)
		for _, k := range keys {
			if _, ok := copies[k]; !ok {
				return false
			}
		}
		return len(copies) == len(keys)
	}, "execute %d has copies for %v", origin, keys)
	return copies
}

// Each live node that can run it has one copy of what runs on all, as nodes come
// and go.
func TestEachNodeHasItsCopy(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		first := l.Start(lab.As("first"), short)
		l.Start(lab.As("second"), short)
		other := core.NewHandlers()
		other.Add("other", l.Handler(nil))
		l.Start(lab.As("unable"), lab.Running(other), short)
		start := l.Now().Add(time.Hour)
		id := onAll(l, l.Job(), client.Every(time.Hour).StartAt(start), client.WithData(map[string]int{"a": 1}))
		l.Set(id, "TIMEOUT = 5000, PRIORITY = 3, RETRY_MAX = 2, OVERLAP = 'SKIP', RECOVER = 3")
		copies := untilCopies(t, l, id, "first", "second")
		origin := l.Row(id)
		for key, c := range copies {
			node := nodeRow(t, l, key)
			require.Equal(t, start.UnixMilli(), c.NextFireTime)
			require.Equal(t, schema.NodeShard(node.NodeID), c.Shard)
			require.Equal(t, schema.RunOnNode, c.RunOn)
			require.Equal(t, schema.ChildKey(id, schema.ChildAll, node.NodeID), c.ChildKey)
			require.Equal(t, schema.Executing, c.State)
			require.Equal(t, lab.App, c.Application)
			require.Equal(t, origin.PID, c.PID)
			require.Equal(t, origin.Version, c.Version)
			require.Equal(t, origin.Data, c.Data)
			require.Equal(t, time.Hour.Milliseconds(), c.RepeatInterval)
			require.Zero(t, c.Recover, "the other nodes have their own")
		}
		third := l.Start(lab.As("third"), short)
		untilCopies(t, l, id, "first", "second", "third")
		require.NoError(t, third.Stop(context.Background()))
		untilCopies(t, l, id, "first", "second")
		first.Pool.Cut()
		untilCopies(t, l, id, "second")
		first.Pool.Mend()
		untilCopies(t, l, id, "first", "second")
		l.Passes(2)
		row := l.Row(id)
		require.Equal(t, start.UnixMilli(), row.NextFireTime, "it has not moved")
		require.Zero(t, row.FireNode)
	})
}

// What came due before there was a copy is not passed by: not by a new execute,
// and not where no node was there at all.
func TestACopyBeginsWithTheFirstInstantOfItsNode(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		job := l.Job()
		before := onAll(l, job, client.Now())
		due := l.Row(before).NextFireTime
		l.Start(lab.As("first"))
		row := l.UntilState(before, schema.Complete)
		require.Equal(t, due, row.HighTime)
		require.Equal(t, due, copiesOf(t, l, before)["first"].StartTime)
		l.Start(lab.As("second"))
		now := onAll(l, job, client.Now())
		l.UntilState(now, schema.Complete)
		require.ElementsMatch(t, []string{"first", "second"}, keysOf(copiesOf(t, l, now)))
		l.Passes(2)
		require.Equal(t, []string{"first"}, keysOf(copiesOf(t, l, before)), "what is over is not for who came later")

		endless := onAll(l, job, client.Every(time.Hour))
		row = l.UntilRow(endless, func(e schema.Execute) bool { return e.HighTime != 0 }, "it moved on")
		require.Equal(t, row.HighTime+time.Hour.Milliseconds(), row.NextFireTime)
		l.Start(lab.As("third"))
		c := untilCopies(t, l, endless, "first", "second", "third")["third"]
		require.Equal(t, row.NextFireTime, c.NextFireTime)
	})
}

// The copies follow their origin's edits.
func TestCopiesFollowTheirOrigin(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		l.Nodes(2)
		start := l.Now().Add(time.Hour)
		id := onAll(l, l.Job(), client.Every(time.Hour).StartAt(start))
		follows := func(same func(c schema.Execute) bool, what string) {
			t.Helper()
			l.Until(func() bool {
				copies := copiesOf(t, l, id)
				n := 0
				for _, c := range copies {
					if same(c) {
						n++
					}
				}
				return n == 2 && len(copies) == 2
			}, "both copies have %s", what)
		}
		untilCopies(t, l, id, "node-1", "node-2")
		l.Set(id, "DATA = '{}', TIMEOUT = 7000, RETRY_MAX = 2, VERSION = VERSION + 1")
		version := l.Row(id).Version
		follows(func(c schema.Execute) bool {
			return c.Data == "{}" && c.Timeout == 7000 && c.RetryMax == 2 && c.Version == version && c.NextFireTime == start.UnixMilli()
		}, "the new policies and the old time")
		l.Set(id, "DATA = NULL, TIMEOUT = NULL, VERSION = VERSION + 1")
		follows(func(c schema.Execute) bool { return c.Data == "" && c.Timeout == 0 && c.RetryMax == 2 }, "what was taken away")

		later := start.Add(time.Hour).UnixMilli()
		l.Set(id, "START_TIME = ?, NEXT_FIRE_TIME = ?", later, later) // as the Java edition's client edits: without VERSION
		follows(func(c schema.Execute) bool { return c.StartTime == later && c.NextFireTime == later }, "the new schedule")
		l.Set(id, "JOB_TYPE = 'CRON', CRON = ?, ZONE_ID = 'UTC', NEXT_FIRE_TIME = ?, VERSION = VERSION + 1",
			"0 0 0 1 1 ? 2099", time.Date(2099, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli())
		follows(func(c schema.Execute) bool { return c.Cron != "" && c.NextFireTime == l.Row(id).NextFireTime }, "the cron expression")
	})
}

func TestCopiesGoWithTheirOrigin(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		l.Nodes(2)
		job := l.Job()
		later := client.At(l.Now().Add(time.Hour))
		moved, deleted := onAll(l, job, later), onAll(l, job, later)
		untilCopies(t, l, moved, "node-1", "node-2")
		untilCopies(t, l, deleted, "node-1", "node-2")
		l.Set(moved, "RUN_ON = NULL, SHARD = ?, VERSION = VERSION + 1", schema.ShardOf(moved))
		l.Exec(1, "DELETE FROM QRTZ_EXECUTE WHERE ID = ?", deleted)
		untilCopies(t, l, moved)
		untilCopies(t, l, deleted)
	})
}

// A fire that only one node may run is lost with it, and counted; a copy of a
// node that is gone stays until what it had in flight is accounted for.
func TestWhatOnlyOneNodeMayRunGoesWithIt(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		id := onAll(l, l.Job(), client.At(l.Now().Add(time.Hour)))
		row := l.Row(id)
		child := row
		child.ID, child.Origin, child.OriginID, child.ChildKey = schema.NewID(), schema.ChildRunNow, id, schema.ChildKey(id, schema.ChildRunNow, 5)
		child.RunOn, child.Targets, child.Shard = schema.RunOnNode, "4711", schema.NodeShard(4711)
		require.NoError(t, sqldb.Insert(t.Context(), l.SQL, "QRTZ_EXECUTE", child))
		l.Start(lab.As("key"))
		row = l.UntilRow(id, func(e schema.Execute) bool { return e.LostCount == 1 }, "the fire is lost")
		require.Equal(t, schema.Lost, row.LastState)
		require.Contains(t, row.LastError, "only it could run this fire")
		require.Equal(t, schema.Executing, row.State)
		told := l.UntilEvents(observe.Lost, 1)[0]
		require.Equal(t, id, told.ExecuteID)
		require.Equal(t, 1, told.Attempt)
		untilCopies(t, l, id, "key")
		l.Passes(2)
		require.EqualValues(t, 1, l.Row(id).LostCount, "once")
	})
}

// A stop breaks off what a copy runs, for good: none of it is handed over, and lost.
func TestAStopLosesNothingOfACopy(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		id := onAll(l, l.Job(), client.Now(), client.Retry(3, time.Millisecond))
		running := make(chan struct{})
		n := l.Start(lab.As("stopping"), short, lab.Running(l.Handlers(func(ctx context.Context, _ *core.Fire) error {
			close(running)
			<-ctx.Done()
			return context.Cause(ctx)
		})))
		<-running
		require.NoError(t, n.Stop(ended()))
		require.Len(t, l.Events(observe.Failed), 1)
		l.Start(lab.As("other"), short)
		untilCopies(t, l, id)
		l.Passes(2)
		require.Empty(t, l.Events(observe.HandedOver, observe.Retrying, observe.Lost))
	})
}

// A schedule that cannot run is set aside.
func TestABrokenScheduleOnAllNodes(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		id := onAll(l, l.Job(), client.Cron(secondly, "UTC"))
		l.Set(id, "CRON = 'no cron at all'")
		l.Start()
		require.Contains(t, l.UntilState(id, schema.Error).LastError, "no cron at all")
		require.Empty(t, copiesOf(t, l, id))
	})
}
