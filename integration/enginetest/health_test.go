package enginetest

import (
	"context"
	"database/sql"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/core"
	"github.com/quartz-cluster/quartz/core/health"
	"github.com/quartz-cluster/quartz/integration/internal/lab"
)

// probes asks both probes of a node and returns their answers, and what is wrong.
func probes(t *testing.T, h *health.Health) (live, ready int, wrong []string) {
	t.Helper()
	ask := func(probe http.Handler) (int, health.Report) {
		answer := httptest.NewRecorder()
		probe.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/", nil))
		var report health.Report
		require.NoError(t, json.Unmarshal(answer.Body.Bytes(), &report))
		return answer.Code, report
	}
	live, _ = ask(h.Live())
	ready, report := ask(h.Ready())
	for _, problem := range report.Nodes[0].Problems {
		wrong = append(wrong, problem.Code)
	}
	return live, ready, wrong
}

// Whatever holds a node back makes it not ready, and nothing of it is a reason to be
// restarted.
func TestHealth(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		n := l.Start(lab.As("key"), short)
		h, err := health.New(health.Config{}, n.Node)
		require.NoError(t, err)
		until := func(want ...string) {
			t.Helper()
			var live, ready int
			var wrong []string
			l.Until(func() bool {
				live, ready, wrong = probes(t, h)
				require.Equal(t, http.StatusOK, live)
				require.Equal(t, len(wrong) == 0, ready == http.StatusOK)
				if len(want) == 0 {
					return len(wrong) == 0
				}
				return len(wrong) > 0 && wrong[0] == want[0] && len(wrong) == len(want)
			}, "wrong is %v, not %v", want, &wrong)
			require.Equal(t, want, wrong)
		}
		until()
		ctx := t.Context()
		for _, c := range []struct {
			code     string
			on, back func() error
		}{
			{
				"drained", func() error { _, err := l.Client.DrainNode(ctx, lab.App, "key"); return err },
				func() error { _, err := l.Client.RejoinNode(ctx, lab.App, "key"); return err },
			},
			{
				"paused", func() error { _, err := l.Client.PauseNode(ctx, lab.App, "key"); return err },
				func() error { _, err := l.Client.ResumeNode(ctx, lab.App, "key"); return err },
			},
			{
				"maintenance", func() error { _, err := l.Client.BeginMaintenance(ctx, lab.App); return err },
				func() error { _, err := l.Client.EndMaintenance(ctx, lab.App); return err },
			},
			{
				"app_paused", func() error { _, err := l.Client.PauseApp(ctx, lab.App); return err },
				func() error { _, err := l.Client.ResumeApp(ctx, lab.App); return err },
			},
		} {
			require.NoError(t, c.on())
			until(c.code)
			require.NoError(t, c.back())
			until()
		}
		n.Pool.Cut()
		until("lease_lost", "database_away")
		n.Pool.Mend()
		until()
		leaving, left := lab.NewGate(), lab.NewGate()
		defer left.Open()
		n.Pool.Hook(lab.Leave, lab.Hook{Before: func(string, []any) error { leaving.Open(); <-left.Opened(); return nil }})
		stopped := make(chan error, 1)
		go func() { stopped <- n.Stop(context.Background()) }()
		<-leaving.Opened()
		until("draining")
		left.Open()
		require.NoError(t, <-stopped)
		until("stopped")
	})
}

// A node that has stopped with an error is for a restart.
func TestHealthOfANodeThatHasFailed(t *testing.T) {
	lab.Once(t, func(t *testing.T, l *lab.Lab) {
		gate := lab.NewGate()
		defer gate.Open()
		stubborn := l.Handlers(func(context.Context, *core.Fire) error { <-gate.Opened(); return nil })
		n := l.Start(lab.Running(stubborn), lab.With(func(c *core.Config) { c.StopTimeout, c.StopGrace = 50*time.Millisecond, 50*time.Millisecond }))
		h, err := health.New(health.Config{}, n.Node)
		require.NoError(t, err)
		l.UntilRuns(l.Execute(client.Now()), 1)
		require.Error(t, n.Stop(context.Background()))
		live, ready, wrong := probes(t, h)
		require.Equal(t, []string{"failed"}, wrong)
		require.Equal(t, http.StatusServiceUnavailable, live)
		require.Equal(t, http.StatusServiceUnavailable, ready)
	})
}

// A node that keeps its lease by its control pool and whose jobs hold every other connection
// claims nothing: it is not ready, and to restart it would only cost its runs. One look that
// fails is no reason yet.
func TestHealthOfANodeWhoseScansFail(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		var looks atomic.Int64
		next := lab.NewGate()
		defer next.Open()
		n := l.Start(separate(t, l), lab.Through(func(p *lab.Pool) { p.SetMaxOpenConns(2) }), lab.With(func(c *core.Config) {
			c.CallTimeout = time.Second
		}))
		h, err := health.New(health.Config{}, n.Node)
		require.NoError(t, err)
		n.Pool.Hook(lab.Scan, lab.Hook{Before: func(string, []any) error {
			if looks.Add(1) == 1 {
				return lab.ErrInjected
			}
			<-next.Opened()
			return nil
		}})
		l.Until(func() bool {
			_, ready, _ := probes(t, h) // where a heartbeat is late it is not, for a while
			return ready == http.StatusOK && !n.Status().ScanFailingSince.IsZero()
		}, "a look has failed, and it is ready")
		next.Open()
		l.Until(func() bool { return n.Status().ScanFailingSince.IsZero() }, "one has not")

		var held []*sql.Conn
		for range 2 {
			conn, err := n.Pool.Conn(t.Context())
			require.NoError(t, err)
			defer func() { _ = conn.Close() }()
			held = append(held, conn)
		}
		l.Until(func() bool {
			live, ready, wrong := probes(t, h)
			require.Equal(t, http.StatusOK, live)
			return ready == http.StatusServiceUnavailable && slices.Equal(wrong, []string{"scan_failing"})
		}, "it is noticed")
		for _, conn := range held {
			require.NoError(t, conn.Close())
		}
		l.Until(func() bool { _, ready, _ := probes(t, h); return ready == http.StatusOK }, "it goes on")
	})
}

// So is one whose driver never comes back: a loop of it stands still.
func TestHealthOfANodeThatStandsStill(t *testing.T) {
	t.Parallel()
	for _, kind := range []lab.Kind{lab.Beat, lab.Scan} {
		t.Run(string(kind), func(t *testing.T) {
			lab.Once(t, func(t *testing.T, l *lab.Lab) {
				n := l.Start(long)
				h, err := health.New(health.Config{StallAfter: 10 * time.Second}, n.Node)
				require.NoError(t, err)
				stuck := lab.NewGate()
				n.Pool.Hook(kind, lab.Hook{Before: func(string, []any) error { <-stuck.Opened(); return nil }})
				defer stuck.Open()
				l.Until(func() bool {
					live, _, wrong := probes(t, h)
					return live == http.StatusServiceUnavailable && slices.Equal(wrong, []string{"stalled"})
				}, "it is noticed")
				stuck.Open()
				l.Until(func() bool { live, _, _ := probes(t, h); return live == http.StatusOK }, "it goes on")
			})
		})
	}
}
