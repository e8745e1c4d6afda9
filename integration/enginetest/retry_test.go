package enginetest

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/core"
	"github.com/quartz-cluster/quartz/core/observe"
	"github.com/quartz-cluster/quartz/integration/internal/lab"
	"github.com/quartz-cluster/quartz/schema"
)

var errFailed = errors.New("failed on purpose")

// A failed fire runs again as often as its execute allows, under its own nominal
// time, one attempt after another; its outcome is that of the last one.
func TestAFailedFireRunsAgain(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		handlers := l.Handlers(func(_ context.Context, f *core.Fire) error {
			var succeedAt [1]int
			if err := f.Decode(&succeedAt); err != nil {
				return err
			}
			if f.Attempt == succeedAt[0] {
				return nil
			}
			return errFailed
		})
		l.Start(lab.Running(handlers))
		l.Start(lab.Running(handlers))
		job := l.Job()
		for _, c := range []struct {
			succeedAt, retries, attempts int
			outcome                      schema.Outcome
		}{
			{1, 2, 1, schema.Succeeded},
			{2, 2, 2, schema.Succeeded},
			{3, 2, 3, schema.Succeeded},
			{4, 2, 3, schema.Failed},
			{2, 0, 1, schema.Failed},
		} {
			options := []client.ExecuteOption{client.WithData([]int{c.succeedAt})}
			if c.retries > 0 {
				options = append(options, client.Retry(c.retries, 20*time.Millisecond))
			}
			id := l.ExecuteOf(job, client.Now(), options...)
			row := l.UntilState(id, schema.Complete)
			runs := l.Runs(id)
			require.Len(t, runs, c.attempts)
			for i, run := range runs {
				require.Equal(t, i+1, run.Attempt)
				require.Equal(t, runs[0].NominalTime, run.NominalTime)
				require.Equal(t, id, run.ExecuteID)
			}
			require.Equal(t, c.outcome, row.LastState)
			require.Equal(t, runs[0].NominalTime.UnixMilli(), row.LastFireTime)
			require.EqualValues(t, 1, row.FireCount, "a fire, however many attempts")
			failed := int64(0)
			if c.outcome == schema.Failed {
				failed = 1
				require.Equal(t, errFailed.Error(), row.LastError)
			}
			require.Equal(t, failed, row.FailCount)
			require.EqualValues(t, failed, row.FailStreak)
		}
	})
}

// An attempt that was to be tried again is lost where the Java edition's client has
// deleted its execute meanwhile.
func TestAFireWhoseExecuteWasDeletedIsLost(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		gate := lab.NewGate()
		l.Start(lab.Running(l.Handlers(func(ctx context.Context, f *core.Fire) error {
			if f.Attempt == 2 {
				_ = gate.Wait(ctx, f)
			}
			return errFailed
		})))
		id := l.Execute(client.Now(), client.Retry(2, time.Millisecond))
		l.UntilRuns(id, 2) // the second one in a child
		l.Exec(1, "DELETE FROM QRTZ_EXECUTE WHERE ID = ?", id)
		gate.Open()
		e := l.UntilEvents(observe.Lost, 1)[0]
		require.Equal(t, id, e.ExecuteID)
		require.Equal(t, 2, e.Attempt)
		require.Equal(t, "its execute was deleted", e.Reason)
		require.Empty(t, l.Children(id))
	})
}

// An error may say that there is no point in trying again, or when there is.
func TestAnErrorSaysWhetherAndWhenToTryAgain(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		l.Start(lab.Running(l.Handlers(func(_ context.Context, f *core.Fire) error {
			if string(f.Data) == `["never"]` {
				return core.NoRetry(errFailed)
			}
			if f.Attempt == 1 {
				return core.RetryAfter(errFailed, 300*time.Millisecond)
			}
			return nil
		})))
		job := l.Job()
		never := l.ExecuteOf(job, client.Now(), client.WithData([]string{"never"}), client.Retry(5, 10*time.Millisecond))
		after := l.ExecuteOf(job, client.Now(), client.WithData([]string{"after"}), client.Retry(5, time.Hour))
		require.Equal(t, schema.Failed, l.UntilState(never, schema.Complete).LastState)
		require.Len(t, l.Runs(never), 1)
		require.Equal(t, schema.Succeeded, l.UntilState(after, schema.Complete).LastState)
		runs := l.Runs(after)
		require.Len(t, runs, 2)
		require.GreaterOrEqual(t, runs[1].Started.Sub(runs[0].Started), 300*time.Millisecond)
		waits := l.Events(observe.Retrying)
		require.Len(t, waits, 1)
		require.Equal(t, 300*time.Millisecond, waits[0].Wait)
	})
}

// While a fire waits for its retry its execute shows why, and the next instants
// are its own affair.
func TestTheScheduleGoesOnBesideARetry(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		l.Start(lab.Running(l.Handlers(func(_ context.Context, f *core.Fire) error {
			if f.Attempt == 1 && f.PreviousTime.IsZero() {
				return errFailed
			}
			return nil
		})))
		id := l.Execute(client.Every(100*time.Millisecond).Times(4), client.Retry(1, time.Hour))
		row := l.UntilRow(id, func(e schema.Execute) bool { return e.FireCount == 3 }, "the other three have run")
		require.Equal(t, schema.Complete, row.State, "its schedule is over")
		var children []schema.Execute
		l.Until(func() bool {
			children = l.Children(id)
			return len(children) == 1 && children[0].FireTime == 0
		}, "the first one waits for its retry")
		require.Equal(t, schema.ChildRetry, children[0].Origin)
		require.Equal(t, row.StartTime, children[0].StartTime, "the first instant")
		require.Equal(t, errFailed.Error(), children[0].LastError)
		l.Exec(1, "UPDATE QRTZ_EXECUTE SET NEXT_FIRE_TIME = {now} WHERE ID = ?", children[0].ID)
		row = l.UntilState(id, schema.Complete)
		require.EqualValues(t, 4, row.FireCount)
		require.Zero(t, row.FailCount)
		require.Len(t, l.Runs(id), 5)
	})
}

// Too many failures in a row take an execute out of the schedule until a client
// puts it back.
func TestFailuresInARowPauseAnExecute(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		l.Start(lab.Running(l.Handlers(func(_ context.Context, f *core.Fire) error {
			if f.PreviousTime.IsZero() { // fail, succeed, fail, fail, fail
				return errFailed
			}
			if len(l.Runs(f.ExecuteID)) == 2 {
				return nil
			}
			return errFailed
		})))
		id := l.Execute(client.Every(50*time.Millisecond), client.PauseAfter(3), client.OnOverlap(schema.Queue))
		row := l.UntilState(id, schema.Error)
		require.Len(t, l.Runs(id), 5)
		require.Equal(t, 3, row.FailStreak)
		require.EqualValues(t, 4, row.FailCount)
		require.Equal(t, errFailed.Error(), row.LastError)
		faulted := l.UntilEvents(observe.Faulted, 1)[0]
		require.Equal(t, id, faulted.ExecuteID)
		require.Contains(t, faulted.Reason, "PauseAfter")
		l.Passes(2)
		require.Len(t, l.Runs(id), 5)
		require.Len(t, l.Events(observe.Faulted), 1)
	})
}

// A run that takes too long is recorded at once, whatever its handler does, and
// keeps its slot until that returns.
func TestATimeoutIsRecordedAtOnce(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		gate := lab.NewGate()
		defer gate.Open()
		var heeded atomic.Int64
		n := l.Start(lab.Running(l.Handlers(func(ctx context.Context, f *core.Fire) error {
			if f.Attempt == 2 {
				return nil
			}
			<-ctx.Done()
			if errors.Is(context.Cause(ctx), core.ErrTimeout) {
				heeded.Add(1)
			}
			<-gate.Opened()
			return nil
		})), lab.With(func(c *core.Config) { c.Slots = 2 }))
		job := l.Job()
		id := l.ExecuteOf(job, client.Now(), client.Timeout(50*time.Millisecond))
		row := l.UntilState(id, schema.Complete)
		require.Equal(t, schema.TimedOut, row.LastState)
		require.Contains(t, row.LastError, "50ms")
		require.EqualValues(t, 1, row.FailCount)
		l.Until(func() bool { return heeded.Load() == 1 }, "its handler is told why")
		l.UntilEvents(observe.TimedOut, 1)

		// Its second attempt has all that time to return.
		again := l.ExecuteOf(job, client.Now(), client.Timeout(5*time.Second), client.Retry(1, 10*time.Millisecond))
		l.UntilRow(again, func(schema.Execute) bool { return len(l.Events(observe.TimedOut)) == 2 }, "the second one is timed out too")
		n.Beats(3)
		require.Len(t, l.Runs(again), 1, "both slots are held")
		gate.Open()
		require.Equal(t, schema.Succeeded, l.UntilState(again, schema.Complete).LastState)
		require.Len(t, l.Runs(again), 2)
	})
}

// What a run keeps, its next attempt reads, and no other fire.
func TestACheckpointOutlivesTheAttempt(t *testing.T) {
	type progress struct{ Done int }
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		read := make(chan int, 10)
		l.Start(lab.Running(l.Handlers(func(ctx context.Context, f *core.Fire) error {
			var p progress
			if _, err := f.Resume(&p); err != nil {
				return err
			}
			read <- p.Done
			if p.Done == 3 {
				return nil
			}
			p.Done++
			if err := f.Checkpoint(ctx, p); err != nil {
				return err
			}
			if err := f.Checkpoint(ctx, p); err != nil { // the same once more
				return err
			}
			var large *core.CheckpointError
			if err := f.Checkpoint(ctx, strings.Repeat("x", schema.MaxData)); !errors.As(err, &large) || large.Size == 0 {
				return core.NoRetry(errors.New("too large a checkpoint was taken"))
			}
			return errFailed
		})))
		id := l.Execute(client.Every(2*time.Second).Times(2), client.OnOverlap(schema.Queue), client.Retry(5, 10*time.Millisecond))
		row := l.UntilState(id, schema.Complete)
		require.Zero(t, row.FailCount, row.LastError)
		require.Empty(t, row.Checkpoint)
		for _, want := range []int{0, 1, 2, 3, 0, 1, 2, 3} {
			require.Equal(t, want, <-read)
		}
	})
}
