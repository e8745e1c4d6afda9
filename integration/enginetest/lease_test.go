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
	"github.com/quartz-cluster/quartz/schema"
)

// long is a lease that a node made up by the test does not outlive.
var long = lab.With(func(c *core.Config) { c.Lease = time.Minute })

// short is a lease for tests in which one ends, and others, on a busy machine, do not.
var short = lab.With(func(c *core.Config) { c.Lease = 8 * time.Second })

// patient lets runs end by themselves that a test holds back while their node stops.
var patient = lab.With(func(c *core.Config) { c.StopTimeout = time.Minute })

// A node whose registration was deleted cancels its runs and registers again as
// a new node. The fires that it had are lost, by the record; it goes on with the
// next ones.
func TestANodeWhoseRegistrationIsDeletedRegistersAgain(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		first := lab.NewGate()
		l.Start(lab.As("key"), lab.Running(l.Handlers(func(ctx context.Context, f *core.Fire) error {
			if f.PreviousTime.IsZero() {
				return first.Wait(ctx, f)
			}
			return nil
		})))
		id := l.Execute(client.Every(300 * time.Millisecond))
		fence := l.UntilRuns(id, 1)[0].Fence
		require.NoError(t, l.Client.DeleteNode(t.Context(), lab.App, "key"))
		l.Until(func() bool { return l.Runs(id)[0].Done }, "the run was cancelled")
		require.ErrorIs(t, l.Runs(id)[0].Cause, core.ErrLeaseLost)
		l.Until(func() bool { // what had begun before the deletion may end under the old one
			runs := l.Runs(id)
			return runs[len(runs)-1].Fence > fence
		}, "it runs under another fence")
		row := l.UntilRow(id, func(e schema.Execute) bool { return e.LostCount == 1 }, "its fire is recorded as lost")
		require.Zero(t, row.FailCount, "cut off is not failed")
		require.Equal(t, []string{"key"}, l.LiveNodes())
		require.Greater(t, l.NodeRows()[0].NodeID, fence)
		require.Len(t, l.Events(observe.LeaseLost), 1)
		require.Len(t, l.Events(observe.Registered), 2)
	})
}

// A handler that ends well although its lease is lost has done its work: the
// outcome is written, unless the fire was taken from the node before.
func TestAnOutcomeAfterTheLossOfTheLease(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		gate := lab.NewGate()
		l.Start(lab.As("key"), lab.Running(l.Handlers(func(context.Context, *core.Fire) error {
			<-gate.Opened() // ignores its context
			return nil
		})))
		id := l.Execute(client.Now())
		l.UntilRuns(id, 1)
		require.NoError(t, l.Client.DeleteNode(t.Context(), lab.App, "key"))
		row := l.UntilState(id, schema.Complete)
		require.Equal(t, schema.Lost, row.LastState)
		gate.Open()
		e := l.UntilEvents(observe.Superseded, 1)[0]
		require.Equal(t, id, e.ExecuteID)
		require.Equal(t, schema.Lost, l.Row(id).LastState, "what is recorded stays")
		require.Zero(t, l.Row(id).FireCount)
	})
}

// A node that cannot reach the database acts as if its lease were lost before any
// peer may take over, and is back once the database is.
func TestADatabaseThatIsAway(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		n := l.Start(short)
		id := l.Execute(client.Every(200 * time.Millisecond))
		l.UntilRuns(id, 2)
		n.Pool.Cut()
		l.UntilEvents(observe.DatabaseAway, 1)
		l.UntilEvents(observe.LeaseLost, 1)
		runs := len(l.Runs(id))
		n.Pool.Mend()
		l.UntilRuns(id, runs+3)
		l.UntilEvents(observe.Registered, 2)
		require.Len(t, l.Events(observe.DatabaseAway), 1)
		require.Len(t, l.UntilEvents(observe.DatabaseBack, 1), 1, "also where the lease did not last so long")
		require.NoError(t, n.Stop(t.Context()))
		require.Len(t, l.Events(observe.Stopped), 1)
		nominals := l.Nominals(id)
		for i := range nominals[1:] {
			require.Equal(t, 200*time.Millisecond, nominals[i+1].Sub(nominals[i]), "late by less than the threshold: none is left out")
		}
	})
}

// A failure that is shorter than the lease costs nothing.
func TestAShortFailureCostsNothing(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		n := l.Start()
		fence := l.NodeRows()[0].NodeID
		l.UntilRuns(l.Execute(client.Every(200*time.Millisecond)), 1)
		once := lab.Fail(1)
		n.Pool.Hook(lab.Beat, lab.Hook{Before: func(string, []any) error { return once.Next() }})
		l.UntilEvents(observe.DatabaseAway, 1)
		l.UntilEvents(observe.DatabaseBack, 1)
		require.Equal(t, fence, l.NodeRows()[0].NodeID)
		require.Empty(t, l.Events(observe.LeaseLost))
	})
}

// Deleting the app's row does not stop its nodes for ever.
func TestTheRowOfTheAppIsAddedAgain(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		n := l.Start()
		l.Exec(1, "DELETE FROM QRTZ_APP WHERE APPLICATION = ?", lab.App)
		n.Beats(3)
		id := l.Execute(client.Now())
		l.UntilState(id, schema.Complete)
		require.Equal(t, schema.On, l.AppRow().State)
	})
}

func TestStopWaitsForRuns(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		gate := lab.NewGate()
		n := l.Start(lab.Running(l.Handlers(gate.Wait)), patient, lab.With(func(c *core.Config) { c.Slots = 1 }))
		id := l.Execute(client.Now())
		l.UntilRuns(id, 1)
		second := l.Execute(client.Now()) // no slot is free for it
		stopped := make(chan error, 1)
		go func() { stopped <- n.Stop(context.Background()) }()
		l.UntilEvents(observe.Draining, 1)
		l.Passes(2)
		gate.Open()
		require.NoError(t, <-stopped)
		require.Empty(t, l.Runs(second), "nothing more is claimed")
		require.Equal(t, schema.Succeeded, l.Row(id).LastState)
		require.Equal(t, schema.Complete, l.Row(id).State)
		require.Empty(t, l.NodeRows(), "it has left")
		require.NoError(t, n.Stop(context.Background()), "every call returns the same")
		require.ErrorIs(t, n.Start(context.Background()), core.ErrStarted)
	})
}

func TestStopCancelsWhatTakesTooLong(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		n := l.Start(lab.Running(l.Handlers(lab.NewGate().Wait)), lab.With(func(c *core.Config) { c.StopTimeout = 100 * time.Millisecond }))
		id := l.Execute(client.Now())
		l.UntilRuns(id, 1)
		require.NoError(t, n.Stop(context.Background()))
		require.ErrorIs(t, l.Runs(id)[0].Cause, core.ErrStopped)
		row := l.Row(id)
		require.Equal(t, schema.Failed, row.LastState)
		require.Equal(t, context.Canceled.Error(), row.LastError)
		require.Empty(t, l.NodeRows())
	})
}

// A second signal waits for no run.
func TestStopUnderAContextThatHasEnded(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		n := l.Start(lab.Running(l.Handlers(lab.NewGate().Wait)), lab.With(func(c *core.Config) { c.StopTimeout = time.Hour }))
		id := l.Execute(client.Now())
		l.UntilRuns(id, 1)
		over, cancel := context.WithCancel(context.Background())
		cancel()
		require.NoError(t, n.Stop(over))
		require.Equal(t, schema.Failed, l.Row(id).LastState)
	})
}

// A node that finds no database says so once, however often it tries to register, and
// once more where that fails for another reason.
func TestADatabaseThatIsAwayFromTheStart(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		n := l.Launch(lab.Through((*lab.Pool).Break))
		tries := func() {
			want := n.Pool.Tried() + 4
			l.Until(func() bool { return n.Pool.Tried() >= want }, "it tries")
		}
		tries()
		require.Len(t, l.Events(observe.DatabaseAway), 1)
		require.Empty(t, l.Events(observe.Trouble))
		n.Pool.Hook(lab.Register, lab.Hook{Before: func(string, []any) error { return errors.New("permission denied") }})
		n.Pool.Mend()
		l.UntilEvents(observe.Trouble, 1)
		tries()
		require.Len(t, l.Events(observe.Trouble), 1)
		require.ErrorContains(t, l.Events(observe.Trouble)[0].Err, "permission denied")
		require.Len(t, l.Events(observe.DatabaseAway), 1)
		require.Empty(t, l.Events(observe.DatabaseBack))
		n.Pool.Hook(lab.Register, lab.Hook{})
		l.UntilEvents(observe.Registered, 1)
		require.Len(t, l.UntilEvents(observe.DatabaseBack, 1), 1)
	})
}

// What ignores its context is left behind, by name; others find it lost.
func TestStopSaysWhatItLeavesBehind(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		gate := lab.NewGate()
		defer gate.Open()
		stubborn := l.Handlers(func(context.Context, *core.Fire) error { <-gate.Opened(); return nil })
		n := l.Start(lab.Running(stubborn), lab.With(func(c *core.Config) { c.StopTimeout, c.StopGrace = 50*time.Millisecond, 50*time.Millisecond }))
		id := l.Execute(client.Now())
		l.UntilRuns(id, 1)
		var left *core.StopError
		require.ErrorAs(t, n.Stop(context.Background()), &left)
		require.Zero(t, left.Unwritten)
		require.Len(t, left.Running, 1)
		require.Equal(t, id, left.Running[0].ExecuteID)
		require.Equal(t, left.Error(), n.Status().Error)
		require.ErrorIs(t, l.Events(observe.Stopped)[0].Err, left)
		l.Start()
		require.Equal(t, schema.Lost, l.UntilState(id, schema.Complete).LastState)
		gate.Open()
		require.Equal(t, id, l.UntilEvents(observe.Abandoned, 1)[0].ExecuteID, "and then comes back")
	})
}

func TestAPausedNodeStops(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		n := l.Start()
		_, err := l.Client.PauseNode(t.Context(), lab.App, n.Key())
		require.NoError(t, err)
		l.UntilEvents(observe.NodePaused, 1)
		require.NoError(t, n.Stop(context.Background()))
	})
}

// Stopping takes no longer than its limits when the database is away, before the
// first registration as well as with runs in flight.
func TestStopWhileTheDatabaseIsAway(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		gate := lab.NewGate()
		limits := lab.With(func(c *core.Config) {
			c.StopTimeout, c.StopGrace, c.CallTimeout = time.Second, time.Second, time.Second
		})
		n := l.Start(limits, short, lab.Running(l.Handlers(gate.Wait)))
		id := l.Execute(client.Now())
		l.UntilRuns(id, 1)
		n.Pool.Cut()
		gate.Open()
		began := time.Now()
		err := n.Stop(context.Background())
		require.Less(t, time.Since(began), 30*time.Second, "a bound, not a measurement")
		var left *core.StopError
		require.ErrorAs(t, err, &left)
		require.Equal(t, 1, left.Unwritten)
		abandoned := l.Events(observe.Abandoned)
		require.Len(t, abandoned, 1)
		require.Equal(t, id, abandoned[0].ExecuteID)
		require.Equal(t, string(schema.Succeeded), abandoned[0].State)

		never := l.Launch(limits, lab.Through(func(p *lab.Pool) { p.Cut() }))
		require.NoError(t, never.Stop(context.Background()))
		select {
		case <-never.Ready():
			t.Fatal("it never registered")
		default:
		}
	})
}

func TestRunBlocksUntilItsContextEnds(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		node, err := core.New(l.DB.Gorm, l.Config())
		require.NoError(t, err)
		require.ErrorIs(t, node.Stop(context.Background()), core.ErrNotStarted)
		ctx, cancel := context.WithCancelCause(context.WithValue(t.Context(), key{}, "value"))
		ended := make(chan error)
		go func() { ended <- node.Run(ctx) }()
		<-node.Ready()
		id := l.Execute(client.Now())
		l.UntilState(id, schema.Complete)
		cancel(errors.New("signal"))
		require.NoError(t, <-ended)
		require.Empty(t, l.NodeRows())
	})
}

type key struct{}
