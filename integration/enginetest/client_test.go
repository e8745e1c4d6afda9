package enginetest

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/core"
	"github.com/quartz-cluster/quartz/integration/internal/lab"
	"github.com/quartz-cluster/quartz/schema"
)

// later is a schedule that fires nothing while a test lasts.
func later(l *lab.Lab) client.Schedule {
	return client.Every(time.Hour).StartAt(l.Now().Add(time.Hour))
}

// untilEnd waits for the end of the context of a run and returns its cause.
func untilEnd(ctx context.Context, _ *core.Fire) error {
	<-ctx.Done()
	return context.Cause(ctx)
}

// onlyRunning waits until one fire of an execute is in flight and begun.
func onlyRunning(t *testing.T, l *lab.Lab, id int64, runs int) client.RunningFire {
	t.Helper()
	l.UntilRuns(id, runs)
	page, err := l.Client.Running(t.Context(), client.RunningFilter{Execute: client.ID(id)})
	require.NoError(t, err)
	require.Len(t, page.Items, 1)
	return *page.Items[0]
}

func TestAClientRunsAnExecuteNow(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		l.Nodes(2)
		for _, overlap := range schema.Overlaps {
			id := l.Execute(later(l), client.WithData([]int{1}), client.OnOverlap(overlap))
			before := l.Row(id)
			var want []time.Time
			for range 3 {
				fires, err := l.Client.RunNow(t.Context(), client.ID(id), client.RunWith([]int{2}))
				require.NoError(t, err)
				require.Len(t, fires, 1)
				want = append(want, fires[0].Time)
			}
			row := l.UntilRow(id, func(e schema.Execute) bool { return e.FireCount == 3 }, "three fires are over")
			require.Empty(t, l.Children(id))
			require.Equal(t, before.NextFireTime, row.NextFireTime)
			require.Zero(t, row.HighTime, "its schedule has not moved")
			require.Equal(t, schema.Succeeded, row.LastState)
			for _, run := range l.Runs(id) {
				require.True(t, run.RunNow)
				require.Equal(t, 1, run.Attempt)
				require.JSONEq(t, "[2]", string(run.Data))
				require.True(t, slices.ContainsFunc(want, run.NominalTime.Equal))
			}
			require.Len(t, l.Runs(id), 3)
		}
	})
}

// What is complete is removed only once no fire of it waits.
func TestAFireThatWaitsKeepsItsExecute(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		job := l.Job()
		waits, gone := l.ExecuteOf(job, client.Now()), l.ExecuteOf(job, client.Now())
		for _, id := range []int64{waits, gone} {
			l.Set(id, "STATE = 'COMPLETE', NEXT_FIRE_TIME = NULL, LAST_END_TIME = ?", l.Now().Add(-time.Hour).UnixMilli())
		}
		_, err := l.Client.RunNow(t.Context(), client.ID(waits))
		require.NoError(t, err)
		_, err = l.Client.PauseJob(t.Context(), job)
		require.NoError(t, err)
		l.Start(lab.With(func(c *core.Config) { c.Retention = time.Minute }))
		l.Until(func() bool {
			_, err := l.Client.GetExecute(t.Context(), client.ID(gone))
			return errors.Is(err, client.ErrNotFound)
		}, "the other is removed")
		l.Passes(2)
		require.Len(t, l.Children(waits), 1)
		_, err = l.Client.ResumeJob(t.Context(), job)
		require.NoError(t, err)
		row := l.UntilRow(waits, func(e schema.Execute) bool { return e.FireCount == 1 }, "its fire is over")
		require.Equal(t, schema.Complete, row.State)
	})
}

func TestAClientCancelsAFire(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		l.Start(lab.Running(l.Handlers(untilEnd)))
		// One of the schedule, and one that was asked for.
		id := l.Execute(client.Now(), client.Retry(5, time.Millisecond))
		fire := onlyRunning(t, l, id, 1)
		require.Empty(t, fire.Child)
		require.NoError(t, l.Client.CancelFire(t.Context(), fire.FireID))
		row := l.UntilState(id, schema.Complete)
		require.Equal(t, schema.Cancelled, row.LastState)
		require.Zero(t, row.FailCount)
		require.ErrorIs(t, l.Runs(id)[0].Cause, core.ErrCancelled)

		fires, err := l.Client.RunNow(t.Context(), client.ID(id))
		require.NoError(t, err)
		fire = onlyRunning(t, l, id, 2)
		require.Equal(t, schema.ChildRunNow, fire.Origin)
		require.Equal(t, fires[0].Time, fire.Time)
		n, err := l.Client.Cancel(t.Context(), client.ID(id))
		require.NoError(t, err)
		require.Equal(t, 1, n)
		l.UntilRow(id, func(e schema.Execute) bool { return e.FireCount == 2 && e.LastState == schema.Cancelled }, "both were cancelled")
		require.Len(t, l.Runs(id), 2, "neither was tried again")
		var conflict *client.StateConflictError
		require.ErrorAs(t, l.Client.CancelFire(t.Context(), fire.FireID), &conflict)
	})
}

// A retry that waits is dropped, with its outcome on its origin.
func TestAClientCancelsARetry(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		l.Start(lab.Running(l.Handlers(func(context.Context, *core.Fire) error { return errFailed })))
		id := l.Execute(client.Now(), client.Retry(5, time.Hour))
		l.Until(func() bool { return len(l.Children(id)) == 1 }, "it waits for its retry")
		require.NoError(t, l.Client.CancelFire(t.Context(), client.FireID{ExecuteID: client.ID(id), Time: l.Runs(id)[0].NominalTime, Attempt: 1}))
		row := l.UntilState(id, schema.Complete)
		require.Equal(t, schema.Cancelled, row.LastState)
		require.EqualValues(t, 1, row.FireCount)
	})
}

// What was suspended goes on from its checkpoint, as the next attempt of the same
// fire, and uses no retry.
func TestASuspendedFireGoesOn(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		l.Start(lab.Running(l.Handlers(func(ctx context.Context, f *core.Fire) error {
			var at int
			if found, err := f.Resume(&at); err != nil || found {
				return errors.Join(err, map[bool]error{false: errFailed}[at == 42])
			}
			if err := f.Checkpoint(ctx, 42); err != nil {
				return err
			}
			return untilEnd(ctx, f)
		})))
		for name, s := range map[string]client.Schedule{"last": client.Now(), "one of many": client.Every(time.Hour)} {
			id := l.Execute(s)
			l.UntilRow(id, func(e schema.Execute) bool { return e.Checkpoint == "42" }, "it has left a checkpoint")
			info, err := l.Client.SuspendExecute(t.Context(), client.ID(id))
			require.NoError(t, err)
			require.Equal(t, schema.StopSuspend, info.InFlight.Stop)
			l.Until(func() bool { c := l.Children(id); return len(c) == 1 && c[0].FireTime == 0 }, "%s: it waits", name)
			require.ErrorIs(t, l.Runs(id)[0].Cause, core.ErrSuspended)
			l.Passes(2)
			require.Len(t, l.Runs(id), 1, "it waits until it is resumed")

			_, err = l.Client.ResumeExecute(t.Context(), client.ID(id))
			require.NoError(t, err)
			row := l.UntilRow(id, func(e schema.Execute) bool { return e.FireCount == 1 }, "its fire is over")
			require.Equal(t, schema.Succeeded, row.LastState, row.LastError)
			runs := l.Runs(id)
			require.Len(t, runs, 2)
			require.Equal(t, runs[0].NominalTime, runs[1].NominalTime)
			require.Equal(t, 2, runs[1].Attempt)
			require.Empty(t, l.Children(id))
		}
	})
}

func TestAClientRunsAnExecuteOnAllNodes(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		l.Start(lab.As("a"))
		l.Start(lab.As("b"))
		other := core.NewHandlers()
		other.Add("other", l.Handler(nil))
		l.Start(lab.As("without"), lab.Running(other))
		for _, overlap := range schema.Overlaps {
			id := l.Execute(later(l), client.OnAllNodes(), client.OnOverlap(overlap))
			untilCopies(t, l, id, "a", "b")
			fires, err := l.Client.RunNow(t.Context(), client.ID(id))
			require.NoError(t, err)
			require.Len(t, fires, 2)
			var on []string
			for _, run := range l.UntilRuns(id, 2) {
				on = append(on, run.Node)
			}
			slices.Sort(on)
			require.Equal(t, []string{"a", "b"}, on, overlap)
			l.Until(func() bool {
				page, err := l.Client.Running(t.Context(), client.RunningFilter{Execute: client.ID(id)})
				return err == nil && len(page.Items) == 0
			}, "both are over")
			require.Len(t, l.Runs(id), 2)
		}
	})
}

// Where an execute of the Java edition's client is to run may have been said
// before anybody took it over.
func TestATakenOverExecuteKeepsItsPlace(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		id := l.Execute(later(l))
		l.Set(id, "APPLICATION = NULL, SHARD = 0")
		_, err := l.Client.UpdateExecute(t.Context(), client.ID(id), 0, client.SetRunOn(schema.RunOnMaster))
		require.NoError(t, err)
		l.Start()
		row := l.UntilRow(id, func(e schema.Execute) bool { return e.Application == lab.App }, "it is taken over")
		require.Equal(t, schema.SharedShard, row.Shard)
	})
}

func TestAClientCommandsNodes(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		gate := lab.NewGate()
		l.Start(lab.As("a"), lab.Running(l.Handlers(gate.Wait)))
		stops := l.Start(lab.As("b"))
		answer, err := l.Client.PingNode(t.Context(), lab.App, "a")
		require.NoError(t, err)
		require.Positive(t, answer.RoundTrip)
		require.False(t, answer.At.IsZero())

		_, err = l.Client.DrainNode(t.Context(), lab.App, "b")
		require.NoError(t, err)
		b := func() *client.NodeInfo {
			info, err := l.Client.GetNode(t.Context(), lab.App, "b")
			require.NoError(t, err)
			return info
		}
		l.Until(func() bool { return b().Draining }, "b tells that it drains")
		id := l.Execute(client.Now())
		require.Equal(t, "a", l.UntilRuns(id, 1)[0].Node)
		_, err = l.Client.RejoinNode(t.Context(), lab.App, "b")
		require.NoError(t, err)
		l.Until(func() bool { return !b().Draining }, "b tells that it is back")

		// Idle, but for what runs on a.
		_, err = l.Client.BeginMaintenance(t.Context(), lab.App)
		require.NoError(t, err)
		held := l.Execute(client.Now())
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		done := make(chan error, 1)
		go func() { done <- l.Client.WaitMaintenance(ctx, lab.App) }()
		l.Until(func() bool { return nodeRow(t, l, "b").AppSeen == l.AppRow().Version }, "b is idle")
		require.Less(t, nodeRow(t, l, "a").AppSeen, l.AppRow().Version)
		gate.Open()
		require.NoError(t, <-done)
		require.Empty(t, l.Runs(held))
		_, err = l.Client.EndMaintenance(t.Context(), lab.App)
		require.NoError(t, err)
		l.UntilRuns(held, 1)

		_, err = l.Client.PreferMaster(t.Context(), lab.App, "b")
		require.NoError(t, err)
		l.Until(func() bool { return b().Master }, "b is the master")
		_, err = l.Client.StopNode(t.Context(), lab.App, "b")
		require.NoError(t, err)
		<-stops.Done()
		require.Equal(t, []string{"a"}, l.LiveNodes())
		_, err = l.Client.PingNode(t.Context(), lab.App, "b")
		require.ErrorIs(t, err, client.ErrNotFound)

		events, err := l.Client.Events(t.Context(), lab.App)
		require.NoError(t, err)
		for _, want := range []string{"joined", "elected", "command DRAIN", "answer DRAIN", "maintenance begin", "command STOP", "answer STOP", "left"} {
			require.True(t, slices.ContainsFunc(events, func(e client.AppEvent) bool {
				return e.Kind == want || e.Kind+" "+e.Text == want
			}), "%s in %v", want, events)
		}
	})
}
