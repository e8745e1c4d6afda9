package enginetest

import (
	"context"
	"slices"
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

// A node knows how it stands through all of its life.
func TestStatus(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		fresh, err := core.New(l.DB.Gorm, l.Config())
		require.NoError(t, err)
		require.Equal(t, core.Status{App: lab.App, State: core.StateNew, Key: "node-1", Slots: 10}, fresh.Status())

		gate := lab.NewGate()
		defer gate.Open()
		var node atomic.Pointer[lab.Node]
		asked := observe.Func(func(context.Context, observe.Event) { // whatever it is told of
			if n := node.Load(); n != nil {
				n.Status()
			}
		})
		n := l.Start(lab.As("key"), short, patient, lab.Running(l.Handlers(gate.Wait)), lab.With(func(c *core.Config) {
			c.Observer = observe.Multi{c.Observer, asked}
		}))
		node.Store(n)
		is := func(what string, holds func(s core.Status) bool) core.Status {
			t.Helper()
			var s core.Status
			l.Until(func() bool { s = n.Status(); return holds(s) }, "the node is %s: %+v", what, &s)
			return s
		}
		s := is("master", func(s core.Status) bool { return s.Master })
		require.Equal(t, core.StateRunning, s.State)
		require.Equal(t, "key", s.Key)
		require.Equal(t, l.NodeRows()[0].NodeID, s.NodeID)
		require.Empty(t, s.Quiet)
		require.WithinDuration(t, time.Now(), s.LastBeat, time.Minute)
		require.Zero(t, s.AwaySince)
		require.False(t, s.LastTry.Before(s.LastBeat))
		id := l.Execute(client.Now())
		l.UntilRuns(id, 1)
		require.Equal(t, 1, n.Status().Running)

		ctx := t.Context()
		for _, c := range []struct {
			quiet    core.Quiet
			on, back func() error
		}{
			{
				core.QuietDrained, func() error { _, err := l.Client.DrainNode(ctx, lab.App, "key"); return err },
				func() error { _, err := l.Client.RejoinNode(ctx, lab.App, "key"); return err },
			},
			{
				core.QuietPaused, func() error { _, err := l.Client.PauseNode(ctx, lab.App, "key"); return err },
				func() error { _, err := l.Client.ResumeNode(ctx, lab.App, "key"); return err },
			},
			{
				core.QuietMaintenance, func() error { _, err := l.Client.BeginMaintenance(ctx, lab.App); return err },
				func() error { _, err := l.Client.EndMaintenance(ctx, lab.App); return err },
			},
			{
				core.QuietAppPaused, func() error { _, err := l.Client.PauseApp(ctx, lab.App); return err },
				func() error { _, err := l.Client.ResumeApp(ctx, lab.App); return err },
			},
		} {
			require.NoError(t, c.on())
			require.Equal(t, core.StateRunning, is(string(c.quiet), func(s core.Status) bool { return s.Quiet == c.quiet }).State)
			require.NoError(t, c.back())
			is("at work", func(s core.Status) bool { return s.Quiet == "" })
		}

		n.Pool.Cut()
		s = is("without a registration", func(s core.Status) bool { return s.State == core.StateRegistering })
		require.False(t, s.AwaySince.Before(s.LastBeat))
		require.Zero(t, s.NodeID)
		require.False(t, s.Master)
		before := s.LastBeat
		is("trying", func(now core.Status) bool { return now.LastTry.After(s.LastTry) && now.State == core.StateRegistering })
		n.Pool.Mend()
		s = is("back", func(s core.Status) bool { return s.State == core.StateRunning && s.AwaySince.IsZero() })
		require.True(t, s.LastBeat.After(before))

		running := l.Execute(client.Now())
		l.UntilRuns(running, 1)
		stopped := make(chan error, 1)
		go func() { stopped <- n.Stop(context.Background()) }()
		is("draining", func(s core.Status) bool { return s.State == core.StateDraining })
		gate.Open()
		require.NoError(t, <-stopped)
		require.Equal(t, core.StateStopped, n.Status().State)
		require.Empty(t, n.Status().Error)
		require.Equal(t, schema.Complete, l.Row(running).State)
	})
}

// A node that has lost its registration goes by the key that it had, which is not that of
// another one on its host.
func TestANodeBetweenTwoRegistrationsKeepsItsKey(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		l.Start(lab.As("key"))
		n := l.Start(lab.As("key"), short)
		require.Equal(t, "key#2", n.Status().Key)
		n.Pool.Break()
		l.Until(func() bool { return n.Status().State == core.StateRegistering }, "its lease is lost")
		require.Equal(t, "key#2", n.Status().Key)
		require.Empty(t, n.Key())
		var registering observe.Event
		l.Until(func() bool {
			told := l.Events(observe.Trouble)
			i := slices.IndexFunc(told, func(e observe.Event) bool { return e.Reason == "register" })
			if i >= 0 {
				registering = told[i]
			}
			return i >= 0
		}, "it says why it does not register")
		require.Equal(t, "key#2", registering.Node)
	})
}
