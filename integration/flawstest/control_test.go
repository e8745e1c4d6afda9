package flawstest

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/core"
	"github.com/quartz-cluster/quartz/core/observe"
	"github.com/quartz-cluster/quartz/integration/internal/lab"
	"github.com/quartz-cluster/quartz/integration/internal/testdb"
	"github.com/quartz-cluster/quartz/schema"
)

// short is a lease for tests in which one ends, and others, on a busy machine, do not.
var short = lab.With(func(c *core.Config) { c.Lease = 8 * time.Second })

func TestAPauseTakesSecondsAndResumingTheAppWipesTheNodesPauses(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		n := l.Start()
		id := l.Execute(client.Every(50 * time.Millisecond))
		l.UntilRuns(id, 2)
		_, err := l.Client.PauseExecute(t.Context(), client.ID(id))
		require.NoError(t, err)
		paused := l.Now()
		row := l.UntilRow(id, func(e schema.Execute) bool { return e.FireTime == 0 }, "nothing is in flight")
		n.Scans(3)
		require.LessOrEqual(t, row.FireStart, paused.UnixMilli(), "no claim after the pause was acknowledged")
		require.Equal(t, row.FireStart, l.Row(id).FireStart)

		_, err = l.Client.PauseNode(t.Context(), lab.App, n.Key())
		require.NoError(t, err)
		_, err = l.Client.PauseApp(t.Context(), lab.App)
		require.NoError(t, err)
		_, err = l.Client.ResumeApp(t.Context(), lab.App)
		require.NoError(t, err)
		l.Passes(2)
		require.Equal(t, schema.Off, l.NodeRows()[0].State)
	})
}

func TestPausingEverythingDoesNothing(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		nodes := l.Nodes(2)
		id := l.Execute(client.Every(50 * time.Millisecond))
		l.UntilRuns(id, 2)
		_, err := l.Client.PauseApp(t.Context(), lab.App)
		require.NoError(t, err)
		for _, n := range nodes {
			l.Until(func() bool { return n.Status().Quiet == core.QuietAppPaused }, "%s has seen it", n.Key())
			n.Beats(2) // and no claim from before is under way
		}
		l.UntilIdle(id)
		runs := len(l.Runs(id))
		for _, n := range nodes {
			n.Beats(5)
		}
		require.Len(t, l.Runs(id), runs)
	})
}

func TestShutdownHangsWhenPausedOrWithoutADatabase(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		paused := l.Start()
		_, err := l.Client.PauseNode(t.Context(), lab.App, paused.Key())
		require.NoError(t, err)
		l.UntilEvents(observe.NodePaused, 1)
		require.NoError(t, paused.Stop(context.Background()))

		limits := lab.With(func(c *core.Config) {
			c.StopTimeout, c.StopGrace, c.CallTimeout = time.Second, time.Second, time.Second
		})
		cut := l.Start(limits)
		cut.Pool.Cut()
		require.NoError(t, cut.Stop(context.Background()), "it had nothing to write")
	})
}

func TestShutdownDoesNotWaitForRunningJobs(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		gate := lab.NewGate()
		n := l.Start(lab.Running(l.Handlers(gate.Wait)), lab.With(func(c *core.Config) { c.Slots, c.StopTimeout = 1, time.Minute }))
		id := l.Execute(client.Now())
		l.UntilRuns(id, 1)
		late := l.Execute(client.Now()) // no slot is free for it
		stopped := make(chan error, 1)
		go func() { stopped <- n.Stop(context.Background()) }()
		l.UntilEvents(observe.Draining, 1)
		gate.Open()
		require.NoError(t, <-stopped)
		require.Empty(t, l.Runs(late), "nothing more is claimed")
		require.NotZero(t, l.Row(late).NextFireTime)
		require.Equal(t, schema.Succeeded, l.Row(id).LastState)
		require.NoError(t, n.Pool.PingContext(t.Context()), "the connections are the user's to close")
	})
}

func TestTwoSchedulersInOneProcessBlockEachOther(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		gate := lab.NewGate()
		l.Start(lab.As("one"), lab.Running(l.Handlers(gate.Wait)), lab.With(func(c *core.Config) { c.Slots = 1 }))
		held := l.Execute(client.Now())
		l.UntilRuns(held, 1)
		l.Start(lab.As("two"))
		l.Start(lab.As("other app"), lab.With(func(c *core.Config) { c.App = "other" }))
		job, err := l.Client.AddJob(t.Context(), client.Job{App: "other", Class: lab.Work})
		require.NoError(t, err)
		theirs := l.ExecuteOf(job.ID, client.Now())
		mine := l.Execute(client.Now())
		l.UntilState(theirs, schema.Complete)
		l.UntilState(mine, schema.Complete)
		gate.Open()
		l.UntilState(held, schema.Complete)
	})
}

func TestADeadNodeIsNeverDetected(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		gate := lab.NewGate()
		dead := l.Start(lab.As("dead"), lab.Running(l.Handlers(gate.Wait)), short)
		id := l.Execute(client.Now())
		l.UntilRuns(id, 1)
		dead.Pool.Cut()
		l.Start(lab.As("alive"), short)
		require.Equal(t, schema.Lost, l.UntilState(id, schema.Complete).LastState)
		require.Equal(t, []string{"alive"}, l.LiveNodes())
		require.Equal(t, "dead", l.UntilEvents(observe.NodeRemoved, 1)[0].Peer)
	})
}

func TestTheHandlerSpinsWithoutADatabaseAndLeaksConnections(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		n := l.Start(lab.With(func(c *core.Config) { c.Lease = time.Minute }))
		l.Passes(1)
		n.Pool.Break()
		l.UntilEvents(observe.DatabaseAway, 1)
		began, tried := time.Now(), n.Pool.Tried()
		<-time.After(2 * time.Second)
		// Per second ten heartbeats, ten scans and five passes.
		perSecond := float64(n.Pool.Tried()-tried) / time.Since(began).Seconds()
		require.Less(t, perSecond, 100.0)
		n.Pool.Mend()
		l.UntilEvents(observe.DatabaseBack, 1)
		l.Passes(2)
		require.NoError(t, n.Stop(context.Background()))
		l.Until(func() bool { return n.Pool.Stats().InUse == 0 }, "all connections are back")
	})
}

func TestCleaningUpDeletesTheRowsOfOtherApps(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		_, err := l.Client.EnsureApp(t.Context(), "other")
		require.NoError(t, err)
		job, err := l.Client.AddJob(t.Context(), client.Job{App: "other", Class: lab.Work})
		require.NoError(t, err)
		theirs := l.ExecuteOf(job.ID, client.Now())
		mine := l.Execute(client.Now())
		for _, id := range []int64{theirs, mine} {
			l.Set(id, "STATE = 'COMPLETE', LAST_END_TIME = 1000, NEXT_FIRE_TIME = NULL")
		}
		l.Start(lab.With(func(c *core.Config) { c.Retention = time.Millisecond }))
		require.Equal(t, mine, l.UntilEvents(observe.Forgotten, 1)[0].ExecuteID)
		l.Passes(2)
		require.Equal(t, schema.Complete, l.Row(theirs).State)
		require.Len(t, l.Events(observe.Forgotten), 1)
	})
}

func TestThePrefixIsIgnoredInPlaces(t *testing.T) {
	lab.EachKind(t, func(t *testing.T, kind testdb.Kind) {
		l := lab.Bare(t, kind, nil) // no table under the default prefix
		require.NoError(t, schema.Migrate(t.Context(), l.DB.Gorm, schema.Options{TablePrefix: "ACME_", Logger: slog.New(slog.DiscardHandler)}))
		c, err := client.New(l.DB.Gorm, client.Config{TablePrefix: "ACME_"})
		require.NoError(t, err)
		n := l.Start(lab.With(func(c *core.Config) { c.TablePrefix, c.Retention = "ACME_", time.Hour }))
		job, err := c.AddJob(t.Context(), client.Job{App: lab.App, Class: lab.Work})
		require.NoError(t, err)
		e, err := c.AddExecute(t.Context(), job.ID, client.Every(100*time.Millisecond))
		require.NoError(t, err)
		l.UntilRuns(int64(e.ID), 3)
		l.Passes(2)
		_, err = c.PauseJobWithExecutes(t.Context(), job.ID)
		require.NoError(t, err)
		_, err = c.PauseAppWithNodes(t.Context(), lab.App)
		require.NoError(t, err)
		_, err = c.ListExecutes(t.Context(), client.ExecuteFilter{App: lab.App, Class: lab.Work})
		require.NoError(t, err)
		require.NoError(t, n.Stop(context.Background()))
		_, err = c.DeleteJobWithExecutes(t.Context(), job.ID)
		require.NoError(t, err)
		require.Empty(t, l.Events(observe.Trouble))
	})
}

func TestADatabaseErrorComesBackAsNotFoundOrNothing(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		id := client.ID(l.Execute(client.Now()))
		db := testdb.Open(t, l.DB.Kind)
		broken, err := client.New(db)
		require.NoError(t, err)
		conns, err := db.DB()
		require.NoError(t, err)
		require.NoError(t, conns.Close())
		ctx := t.Context()
		calls := map[string]func() error{
			"get execute":    func() error { _, err := broken.GetExecute(ctx, id); return err },
			"get app":        func() error { _, err := broken.GetApp(ctx, lab.App); return err },
			"list executes":  func() error { _, err := broken.ListExecutes(ctx, client.ExecuteFilter{}); return err },
			"list nodes":     func() error { _, err := broken.ListNodes(ctx, client.NodeFilter{}); return err },
			"pause execute":  func() error { _, err := broken.PauseExecute(ctx, id); return err },
			"delete execute": func() error { return broken.DeleteExecute(ctx, id) },
			"delete app":     func() error { return broken.DeleteApp(ctx, lab.App) },
			"verify":         func() error { return schema.Verify(ctx, db, schema.Options{}) },
			"new node":       func() error { _, err := core.New(db, l.Config()); return err },
		}
		for name, call := range calls {
			err := call()
			require.Error(t, err, name)
			require.NotErrorIs(t, err, client.ErrNotFound, name)
			var problems *schema.VerifyError
			require.NotErrorAs(t, err, &problems, name)
		}
	})
}

func TestAFailingJobLeavesNoLogAndNoState(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		var log locked
		failing := l.Handlers(func(context.Context, *core.Fire) error { return errors.New("no paper") })
		l.Start(lab.Running(failing), lab.With(func(c *core.Config) { c.Logger = slog.New(slog.NewTextHandler(&log, nil)) }))
		id := l.Execute(client.Now())
		row := l.UntilState(id, schema.Complete)
		require.Equal(t, schema.Failed, row.LastState)
		require.Equal(t, "no paper", row.LastError)
		require.EqualValues(t, 1, row.FailCount)
		require.Equal(t, 1, row.FailStreak)
		require.ErrorContains(t, l.UntilEvents(observe.Failed, 1)[0].Err, "no paper")
		require.Contains(t, log.String(), "fire failed")
		require.Contains(t, log.String(), "no paper")
	})
}
