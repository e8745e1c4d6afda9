package enginetest

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/core"
	"github.com/quartz-cluster/quartz/integration/internal/lab"
	"github.com/quartz-cluster/quartz/schema"
)

// crowd counts how many runs of an execute go on at a time.
type crowd struct {
	mu        sync.Mutex
	now, most map[int64]int
}

func newCrowd() *crowd { return &crowd{now: map[int64]int{}, most: map[int64]int{}} }

func (c *crowd) add(id int64, n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now[id] += n
	c.most[id] = max(c.most[id], c.now[id])
}

func (c *crowd) largest(id int64) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.most[id]
}

// hourly is a schedule whose first instant is now and whose second never comes.
var hourly = client.Every(time.Hour)

// thenEvery gives an execute, of which a fire runs, a schedule whose instants all
// come due while it does.
func thenEvery(l *lab.Lab, t *testing.T, id int64, every time.Duration, times int64) {
	t.Helper()
	_, err := l.Client.UpdateExecute(t.Context(), client.ID(id), l.Row(id).Version, client.SetSchedule(client.Every(every).Times(times)))
	require.NoError(t, err)
}

// first reports whether a run is that of the first instant of an hourly schedule.
func first(f *core.Fire) bool { return f.PreviousTime.IsZero() && f.Attempt == 1 }

// overlapCases say what becomes of five instants that come due while the first fire
// of their execute runs.
var overlapCases = map[string]struct {
	option  client.ExecuteOption
	runs    int // in all
	skipped int64
	most    int // at a time
}{
	"ALLOW":    {client.OnOverlap(schema.Allow), 6, 0, 6},
	"ALLOW, 2": {client.AtMost(2), 6, 0, 2},
	"ALLOW, 1": {client.AtMost(1), 6, 0, 1},
	"SKIP":     {client.OnOverlap(schema.SkipOverlap), 1, 5, 1},
	"QUEUE":    {client.OnOverlap(schema.Queue), 2, 4, 1},
}

// Of an execute whose first fire runs until the gate opens, five instants come due
// meanwhile. What becomes of them is the policy's to say, on one node as on four; each
// is accounted for.
func TestOverlap(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		for nodes := 1; nodes <= 4; nodes++ {
			overlapOn(t, l, nodes)
			l.Clear()
		}
	})
}

func overlapOn(t *testing.T, l *lab.Lab, nodes int) {
	t.Helper()
	const times = 5
	gate, crowd := lab.NewGate(), newCrowd()
	defer gate.Open()
	handlers := l.Handlers(func(ctx context.Context, f *core.Fire) error {
		crowd.add(f.ExecuteID, 1)
		defer crowd.add(f.ExecuteID, -1)
		if first(f) {
			return gate.Wait(ctx, f)
		}
		return nil
	})
	for range nodes {
		l.Start(lab.Running(handlers))
	}
	job := l.Job()
	ids := map[string]int64{}
	for name, c := range overlapCases {
		ids[name] = l.ExecuteOf(job, hourly, c.option)
	}
	var last int64
	for _, id := range ids {
		l.UntilRuns(id, 1)
		thenEvery(l, t, id, 100*time.Millisecond, times)
		last = l.Row(id).StartTime + (times-1)*100
	}
	l.UntilRuns(ids["ALLOW"], 1+times)
	l.UntilRuns(ids["ALLOW, 2"], 1+times)
	l.Until(func() bool { return l.Now().UnixMilli() > last }, "the last instant has passed")
	gate.Open()
	for name, c := range overlapCases {
		id := ids[name]
		row := l.UntilState(id, schema.Complete)
		require.Len(t, l.Runs(id), c.runs, name)
		require.Equal(t, c.skipped, row.SkipCount, name)
		require.EqualValues(t, c.runs, row.FireCount, name)
		require.LessOrEqual(t, crowd.largest(id), c.most, name)
		if c.most > 1 {
			require.Greater(t, crowd.largest(id), 1, name)
		}
		require.Len(t, slices.Compact(l.Nominals(id)), c.runs, "%s: each instant once", name)
	}
	newest := l.Nominals(ids["QUEUE"])[1].UnixMilli()
	require.Equal(t, l.Row(ids["QUEUE"]).StartTime+(times-1)*100, newest, "of those that waited")
}

// Where only so many fires run at a time, one that waits for its retry stands in the way of
// the next instants as one that runs does.
func TestARetryOccupiesItsExecute(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		gate := lab.NewGate()
		defer gate.Open()
		l.Start(lab.Running(l.Handlers(func(ctx context.Context, f *core.Fire) error {
			if !first(f) {
				return nil
			}
			if err := gate.Wait(ctx, f); err != nil {
				return err
			}
			return core.RetryAfter(errFailed, time.Hour)
		})))
		job := l.Job()
		skip := l.ExecuteOf(job, hourly, client.OnOverlap(schema.SkipOverlap), client.Retry(1, time.Second))
		queue := l.ExecuteOf(job, hourly, client.OnOverlap(schema.Queue), client.Retry(1, time.Second))
		one := l.ExecuteOf(job, hourly, client.AtMost(1), client.Retry(1, time.Second))
		var last int64
		for _, id := range []int64{skip, queue, one} {
			l.UntilRuns(id, 1)
			thenEvery(l, t, id, 100*time.Millisecond, 3)
			last = l.Row(id).StartTime + 200
		}
		gate.Open()
		for _, id := range []int64{skip, queue, one} {
			l.Until(func() bool { return len(l.Children(id)) == 1 }, "the fire waits for its retry")
		}
		l.Until(func() bool { return l.Now().UnixMilli() > last+2500 }, "a scan has seen the instants")
		for _, id := range []int64{skip, queue, one} {
			require.Len(t, l.Runs(id), 1)
			l.Exec(1, "UPDATE QRTZ_EXECUTE SET NEXT_FIRE_TIME = {now} WHERE ORIGIN_ID = ?", id)
		}
		row := l.UntilState(skip, schema.Complete)
		require.EqualValues(t, 1, row.FireCount)
		require.EqualValues(t, 3, row.SkipCount)
		row = l.UntilState(queue, schema.Complete)
		require.EqualValues(t, 2, row.FireCount)
		require.EqualValues(t, 2, row.SkipCount)
		require.EqualValues(t, 4, l.UntilState(one, schema.Complete).FireCount, "none is skipped, they wait")
		runs := l.Runs(queue)
		require.Len(t, runs, 3)
		require.Equal(t, row.StartTime+200, runs[2].NominalTime.UnixMilli(), "the newest that came due meanwhile")
	})
}

// A checkpoint and an outcome find their fire after it made way for the next.
func TestAFireThatMadeWayIsStillItsNodes(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		gate := lab.NewGate()
		defer gate.Open()
		l.Start(lab.Running(l.Handlers(func(ctx context.Context, f *core.Fire) error {
			switch {
			case first(f):
				if err := gate.Wait(ctx, f); err != nil {
					return err
				}
				if err := f.Checkpoint(ctx, []int{7}); err != nil {
					return core.NoRetry(err)
				}
				return errFailed
			case f.Attempt == 2:
				var kept [1]int
				if ok, err := f.Resume(&kept); !ok || err != nil || kept[0] != 7 {
					return errFailed
				}
			}
			return nil
		})))
		id := l.Execute(hourly, client.Retry(1, 10*time.Millisecond))
		began := l.UntilRuns(id, 1)[0].NominalTime.UnixMilli()
		thenEvery(l, t, id, 100*time.Millisecond, 2)
		l.UntilRuns(id, 3)
		require.True(t, slices.ContainsFunc(l.Children(id), func(c schema.Execute) bool {
			return c.Origin == schema.ChildOverlap && c.StartTime == began
		}), "the first one goes on in a child")
		gate.Open()
		row := l.UntilState(id, schema.Complete)
		require.EqualValues(t, 3, row.FireCount)
		require.Zero(t, row.FailCount, row.LastError)
		require.Len(t, l.Runs(id), 4)
	})
}

// What may not start any more is skipped, and what may still, runs.
func TestDeadline(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		job := l.Job()
		late := l.ExecuteOf(job, client.At(l.Now().Add(time.Hour)), client.Deadline(10*time.Second))
		soon := l.ExecuteOf(job, client.At(l.Now().Add(time.Hour)), client.Deadline(10*time.Minute))
		for _, id := range []int64{late, soon} {
			due := l.Now().Add(-30 * time.Second).UnixMilli() // below the misfire threshold
			l.Set(id, "START_TIME = ?, NEXT_FIRE_TIME = ?", due, due)
		}
		all := l.ExecuteOf(job, client.Every(time.Hour), client.Deadline(150*time.Minute), client.OnMisfire(schema.FireAll))
		start := l.Now().Add(-10*time.Hour + 30*time.Minute).UnixMilli()
		l.Set(all, "START_TIME = ?, NEXT_FIRE_TIME = ?", start, start)
		l.Start()
		row := l.UntilState(late, schema.Complete)
		require.EqualValues(t, 1, row.SkipCount)
		require.Empty(t, l.Runs(late))
		l.UntilState(soon, schema.Complete)
		require.Len(t, l.Runs(soon), 1)
		row = l.UntilRow(all, func(e schema.Execute) bool { // the last but one may run on in a child
			return e.NextFireTime > l.Now().UnixMilli() && e.FireTime == 0 && e.FireCount > 1
		}, "it has caught up")
		require.EqualValues(t, 10, row.SkipCount+row.FireCount)
		require.EqualValues(t, 2, row.FireCount, "those of the last two and a half hours")
	})
}
