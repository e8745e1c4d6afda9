package enginetest

import (
	"context"
	"errors"
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

// A fire that is marked for recovery runs again after its node died, from its
// checkpoint, as the next attempt; any other is recorded as lost.
func TestAFireOfADeadNodeIsRecovered(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		gate := lab.NewGate()
		defer gate.Open()
		dying := l.Start(lab.As("dying"), short, lab.Running(l.Handlers(func(ctx context.Context, f *core.Fire) error {
			if err := f.Checkpoint(ctx, []int{5}); err != nil {
				return err
			}
			return gate.Wait(ctx, f)
		})))
		job := l.Job()
		recovered := l.ExecuteOf(job, client.Now(), client.Recover())
		lost := l.ExecuteOf(job, client.Now())
		both := []int64{recovered, lost}
		for _, id := range both {
			l.UntilRow(id, func(e schema.Execute) bool { return e.Checkpoint != "" }, "it has kept a checkpoint")
		}
		l.Start(lab.As("living"), short, lab.Running(l.Handlers(func(_ context.Context, f *core.Fire) error {
			var kept [1]int
			if ok, err := f.Resume(&kept); !ok || err != nil || kept[0] != 5 {
				return errors.New("the checkpoint is missing")
			}
			return nil
		})))
		dying.Pool.Cut()

		row := l.UntilState(recovered, schema.Complete)
		require.Equal(t, schema.Succeeded, row.LastState, row.LastError)
		require.EqualValues(t, 1, row.FireCount)
		require.Zero(t, row.LostCount)
		runs := l.Runs(recovered)
		require.Len(t, runs, 2)
		require.Equal(t, 2, runs[1].Attempt)
		require.Equal(t, "living", runs[1].Node)
		require.Equal(t, runs[0].NominalTime, runs[1].NominalTime)
		require.Greater(t, runs[1].Fence, runs[0].Fence)

		row = l.UntilState(lost, schema.Complete)
		require.Equal(t, schema.Lost, row.LastState)
		require.EqualValues(t, 1, row.LostCount)
		require.Len(t, l.Runs(lost), 1)
		require.Len(t, l.UntilEvents(observe.Recovered, 1), 1)
		require.Equal(t, recovered, l.Events(observe.Recovered)[0].ExecuteID)
	})
}

// A node that was alone takes up what its own registration left, and does not come to
// that in turn: the table names many others.
func TestANodeTakesUpItsOwnFiresAtOnce(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		l.Start(lab.As("key"), lab.Running(l.Handlers(func(ctx context.Context, f *core.Fire) error {
			if f.Attempt == 1 {
				<-ctx.Done()
			}
			return context.Cause(ctx)
		})))
		id := l.Execute(client.Now(), client.Recover())
		fence := l.UntilRuns(id, 1)[0].Fence
		others := make([]schema.Execute, 1000)
		row := l.Row(id)
		for i := range others {
			others[i] = row
			e := &others[i]
			e.ID, e.State, e.FireTime, e.FireNode = schema.NewID(), schema.Paused, 0, 2*fence+int64(i)
		}
		require.NoError(t, sqldb.Insert(t.Context(), l.SQL, "QRTZ_EXECUTE", others...))
		require.NoError(t, l.Client.DeleteNode(t.Context(), lab.App, "key"))
		require.Equal(t, schema.Succeeded, l.UntilState(id, schema.Complete).LastState)
		var passes int // of the registration that recovered it, until it did
		for _, e := range l.Events(observe.Registered, observe.PassDone, observe.Recovered) {
			switch e.Kind {
			case observe.Registered:
				passes = 0
			case observe.Recovered:
				require.Less(t, passes, 5)
				return
			default:
				passes++
			}
		}
	})
}

// What a pass has recorded as lost is told, once, although the answer to that was lost.
func TestALossIsToldWhoseAnswerWasLost(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		gate := lab.NewGate()
		defer gate.Open()
		dying := l.Start(lab.As("dying"), short, lab.Running(l.Handlers(gate.Wait)))
		id := l.Execute(client.Now())
		_, err := l.Client.RunNow(t.Context(), client.ID(id)) // in a child
		require.NoError(t, err)
		l.UntilRuns(id, 2)
		f := lab.Fail(1)
		l.Start(lab.As("living"), short, lab.Through(func(p *lab.Pool) { p.Hook(lab.End, lab.Hook{After: f.Next}) }))
		dying.Pool.Cut()
		l.Until(func() bool { return f.Left() == 0 }, "an answer was lost")
		l.UntilEvents(observe.Lost, 2)
		require.EqualValues(t, 2, l.UntilState(id, schema.Complete).LostCount)
		l.Passes(2)
		require.Len(t, l.Events(observe.Lost), 2)
	})
}

// A fire that outlives no node is recovered only so often, however it fell.
func TestRecoveriesAreBounded(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		job := l.Job()
		id := l.ExecuteOf(job, client.Now(), client.RecoverTimes(2))
		l.Start(lab.As("handler"), lab.With(func(c *core.Config) {
			c.Handlers = core.NewHandlers() // takes up what others leave, and runs nothing of it
			c.Handlers.Add("other", func(context.Context, *core.Fire) error { return nil })
		}))
		for attempt := 1; attempt <= 3; attempt++ {
			n := l.Start(lab.As("dying"), short, lab.Running(l.Handlers(lab.NewGate().Wait)))
			l.UntilRuns(id, attempt)
			n.Pool.Cut()
			l.UntilEvents(observe.NodeRemoved, attempt)
			require.NoError(t, n.Stop(ended()), "its run has ended with its lease")
		}
		row := l.UntilState(id, schema.Complete)
		require.Equal(t, schema.Lost, row.LastState)
		require.EqualValues(t, 1, row.LostCount, "a fire, not an attempt")
		require.Len(t, l.Events(observe.Recovered), 2)
	})
}

func ended() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}

// A node that stops hands over what may run again: the next one goes on with it,
// and neither a retry nor a recovery is used.
func TestAStopHandsOver(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		stopping := l.Start(lab.As("stopping"), lab.Running(l.Handlers(func(ctx context.Context, f *core.Fire) error {
			if err := f.Checkpoint(ctx, []string{"half"}); err != nil {
				return err
			}
			<-ctx.Done()
			return ctx.Err()
		})), lab.With(func(c *core.Config) { c.StopTimeout = 50 * time.Millisecond }))
		job := l.Job()
		marked := l.ExecuteOf(job, client.Now(), client.RecoverTimes(1))
		retried := l.ExecuteOf(job, client.Now(), client.Retry(1, time.Hour))
		plain := l.ExecuteOf(job, client.Now())
		for _, id := range []int64{marked, retried, plain} {
			l.UntilRow(id, func(e schema.Execute) bool { return e.Checkpoint != "" }, "it has kept a checkpoint")
		}
		require.NoError(t, stopping.Stop(context.Background()))
		require.Len(t, l.Events(observe.HandedOver), 2)
		for _, id := range []int64{marked, retried} {
			children := l.Children(id)
			require.Len(t, children, 1)
			require.Zero(t, children[0].LostCount+int64(children[0].FireFails))
		}
		l.Start(lab.As("next"), lab.Running(l.Handlers(func(_ context.Context, f *core.Fire) error {
			var kept [1]string
			if ok, err := f.Resume(&kept); !ok || err != nil || kept[0] != "half" {
				return errors.New("the checkpoint is missing")
			}
			return nil
		})))
		for _, id := range []int64{marked, retried} {
			row := l.UntilState(id, schema.Complete)
			require.Equal(t, schema.Succeeded, row.LastState, row.LastError)
			runs := l.Runs(id)
			require.Len(t, runs, 2)
			require.Equal(t, 2, runs[1].Attempt)
			require.ErrorIs(t, runs[0].Cause, core.ErrStopped)
		}
		row := l.UntilState(plain, schema.Complete)
		require.Equal(t, schema.Failed, row.LastState)
		require.Len(t, l.Runs(plain), 1)
	})
}

// A client cancels a run on whatever node it is: its outcome is CANCELLED, and
// nothing is retried.
func TestAClientCancelsARun(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		handlers := l.Handlers(func(ctx context.Context, f *core.Fire) error {
			if first(f) {
				<-ctx.Done()
				return ctx.Err()
			}
			return nil
		})
		l.Start(lab.Running(handlers))
		l.Start(lab.Running(handlers))
		job := l.Job()
		plain := l.ExecuteOf(job, client.Now(), client.Retry(3, time.Millisecond))
		spilled := l.ExecuteOf(job, hourly, client.Retry(3, time.Millisecond))
		l.UntilRuns(plain, 1)
		l.UntilRuns(spilled, 1)
		thenEvery(l, t, spilled, 100*time.Millisecond, 1)
		l.UntilRuns(spilled, 2)
		l.UntilRow(spilled, func(e schema.Execute) bool { return e.FireTime == 0 }, "the second one is over")
		for _, id := range []int64{plain, spilled} {
			_, err := l.Client.Cancel(t.Context(), client.ID(id))
			require.NoError(t, err)
			row := l.UntilState(id, schema.Complete)
			runs := l.Runs(id)
			require.ErrorIs(t, runs[0].Cause, core.ErrCancelled)
			require.Zero(t, row.FailCount)
			if id == plain {
				require.Equal(t, schema.Cancelled, row.LastState)
				require.Len(t, runs, 1)
			}
		}
		require.Len(t, l.UntilEvents(observe.Cancelled, 2), 2)
	})
}

// A suspended run goes on from its checkpoint once its execute is resumed, and not
// before.
func TestASuspendedRunGoesOnWhenResumed(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		l.Start(lab.Running(l.Handlers(func(ctx context.Context, f *core.Fire) error {
			var kept []string
			if ok, err := f.Resume(&kept); ok || err != nil {
				return err
			}
			if err := f.Checkpoint(ctx, []string{"half"}); err != nil {
				return err
			}
			<-ctx.Done()
			return context.Cause(ctx)
		})))
		id := l.Execute(client.Now(), client.Retry(1, time.Hour))
		l.UntilRow(id, func(e schema.Execute) bool { return e.Checkpoint != "" }, "it has kept a checkpoint")
		_, err := l.Client.SuspendExecute(t.Context(), client.ID(id))
		require.NoError(t, err)
		l.UntilEvents(observe.Suspended, 1)
		l.Until(func() bool { return len(l.Children(id)) == 1 }, "the rest of it waits in a child")
		l.Passes(2)
		require.Len(t, l.Runs(id), 1)
		require.Equal(t, schema.Paused, l.Row(id).State)
		require.Empty(t, l.Row(id).LastError, "it has not failed")
		require.Empty(t, l.Children(id)[0].LastError, "nor has what is left of it")
		_, err = l.Client.ResumeExecute(t.Context(), client.ID(id))
		require.NoError(t, err)
		row := l.UntilState(id, schema.Complete)
		require.Equal(t, schema.Succeeded, row.LastState, row.LastError)
		runs := l.Runs(id)
		require.Len(t, runs, 2)
		require.ErrorIs(t, runs[0].Cause, core.ErrSuspended)
		require.Equal(t, 2, runs[1].Attempt)
	})
}

// A fire that a client asks for runs beside the schedule, with data of its own.
func TestRunNow(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		l.Start()
		job := l.Job()
		id := l.ExecuteOf(job, client.At(l.Now().Add(time.Hour)), client.WithData([]int{1}))
		fires, err := l.Client.RunNow(t.Context(), client.ID(id), client.RunWith([]int{2}))
		require.NoError(t, err)
		runs := l.UntilRuns(id, 1)
		require.True(t, runs[0].RunNow)
		require.Equal(t, "[2]", string(runs[0].Data))
		require.Len(t, fires, 1)
		row := l.UntilRow(id, func(e schema.Execute) bool { return e.FireCount == 1 }, "it is counted")
		require.Equal(t, schema.Executing, row.State)
		require.NotZero(t, row.NextFireTime, "the schedule is as it was")
		require.Zero(t, row.HighTime)
		l.Until(func() bool { return len(l.Children(id)) == 0 }, "the child is gone")
	})
}
