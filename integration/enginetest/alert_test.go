package enginetest

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/client"
	watch "github.com/quartz-cluster/quartz/client/alert"
	"github.com/quartz-cluster/quartz/core"
	"github.com/quartz-cluster/quartz/core/alert"
	"github.com/quartz-cluster/quartz/core/observe"
	"github.com/quartz-cluster/quartz/integration/internal/lab"
	"github.com/quartz-cluster/quartz/integration/internal/testdb"
	"github.com/quartz-cluster/quartz/internal/sqldb"
	"github.com/quartz-cluster/quartz/schema"
)

// pager is a listener that keeps what it is told.
type pager struct {
	mu   sync.Mutex
	told []alert.Alert
}

func (p *pager) listen(_ context.Context, a alert.Alert) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.told = append(p.told, a)
}

// of returns what was told of a kind, after checking that it begins and ends in turn.
func (p *pager) of(t *testing.T, kind alert.Kind) (out []alert.Alert) {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, a := range p.told {
		if a.Kind == kind {
			out = append(out, a)
			require.Equal(t, len(out)%2 == 0, !a.Over.IsZero(), "%+v", p.told)
		}
	}
	return out
}

// until waits until a kind was told n times, its ends included.
func (p *pager) until(t *testing.T, l *lab.Lab, kind alert.Kind, n int) alert.Alert {
	t.Helper()
	l.Until(func() bool { return len(p.of(t, kind)) >= n }, "%s is told %d times", kind, n)
	told := p.of(t, kind)
	require.Len(t, told, n)
	return told[n-1]
}

// paging makes a node tell a pager.
func paging(t *testing.T, p *pager) (lab.Option, *alert.Alerts) {
	t.Helper()
	alerts, err := alert.New(alert.Config{Listener: p.listen, DatabaseAwayFor: 100 * time.Millisecond})
	require.NoError(t, err)
	return lab.With(func(c *core.Config) { c.Observer = observe.Multi{c.Observer, alerts} }), alerts
}

func TestAnExecuteThatFailsTimeAndAgainIsToldOnce(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		p := &pager{}
		option, _ := paging(t, p)
		var mended atomic.Bool
		n := l.Start(option, lab.Running(l.Handlers(func(context.Context, *core.Fire) error {
			if mended.Load() {
				return nil
			}
			return errors.New("no paper")
		})))
		id := l.Execute(client.Every(100*time.Millisecond), client.Retry(1, time.Millisecond))
		l.UntilState(l.Execute(client.Now()), schema.Complete) // fails once
		told := p.until(t, l, alert.FailuresInARow, 1)
		require.Equal(t, id, told.ExecuteID)
		require.Contains(t, told.Message, "no paper")
		l.UntilRow(id, func(e schema.Execute) bool { return e.FailStreak >= 6 }, "it fails on")
		p.until(t, l, alert.FailuresInARow, 1)
		mended.Store(true)
		p.until(t, l, alert.FailuresInARow, 2)
		l.UntilRow(id, func(e schema.Execute) bool { return e.FailStreak == 0 }, "it succeeds")
		require.NoError(t, n.Stop(t.Context()))
		require.Len(t, p.told, 2)
	})
}

// A database that is away longer than the lease: both are told, both are over.
func TestANodeWithoutItsDatabaseIsToldOnce(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		p := &pager{}
		option, alerts := paging(t, p)
		n := l.Start(option, short)
		n.Beats(2)
		n.Pool.Cut()
		p.until(t, l, alert.DatabaseAway, 1)
		p.until(t, l, alert.LeaseLost, 1)
		n.Pool.Mend()
		p.until(t, l, alert.DatabaseAway, 2)
		p.until(t, l, alert.LeaseLost, 2)
		l.UntilState(l.Execute(client.Now()), schema.Complete)

		n.Pool.Break()
		p.until(t, l, alert.DatabaseAway, 3)
		require.NoError(t, n.Stop(t.Context()))
		require.NoError(t, alerts.Wait(t.Context()))
		require.Equal(t, "the node has stopped", p.until(t, l, alert.DatabaseAway, 4).Message)
		require.Zero(t, len(p.of(t, alert.LeaseLost))%2)
	})
}

// A registration that was deleted, and a clock that is wrong before it and after.
func TestALeaseAndAClockAreToldOnce(t *testing.T) {
	lab.EachKind(t, func(t *testing.T, kind testdb.Kind) {
		var ahead atomic.Int64
		ahead.Store(time.Hour.Milliseconds())
		l := lab.NewAt(t, kind, sqldb.Clock(func() int64 { return time.Now().UnixMilli() + ahead.Load() }))
		p := &pager{}
		option, _ := paging(t, p)
		n := l.Start(lab.As("key"), option, lab.With(func(c *core.Config) { c.MaxSkew = 5 * time.Minute }))
		p.until(t, l, alert.ClockSkewed, 1)
		require.NoError(t, l.Client.DeleteNode(t.Context(), lab.App, "key"))
		p.until(t, l, alert.LeaseLost, 2)
		n.Beats(3)
		p.until(t, l, alert.ClockSkewed, 1)
		ahead.Store(0)
		p.until(t, l, alert.ClockSkewed, 2)
		p.until(t, l, alert.LeaseLost, 2)
	})
}

// What a watcher sees from outside: an app without nodes, a class without a handler, what
// is overdue, and a database that does not answer.
func TestAWatcherSeesTheApp(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		db := testdb.New(t, l.DB.Kind)
		pool, err := lab.Wrap(db.Gorm)
		require.NoError(t, err)
		c, err := client.New(db.Gorm)
		require.NoError(t, err)
		p := &pager{}
		w, err := watch.New(c, watch.Config{
			Listener: p.listen, Apps: []string{lab.App}, Interval: time.Second, NoNodeAfter: 5 * time.Second, DatabaseAwayFor: time.Millisecond,
		})
		require.NoError(t, err)
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- w.Run(ctx) }()
		end := sync.OnceValue(func() error { stop(); return <-ended })
		defer func() { require.NoError(t, end()) }()

		id := l.ExecuteOf(l.JobOf(client.Job{Class: "elsewhere"}), client.Now())
		p.until(t, l, watch.NoLiveNode, 1)
		n := l.Start()
		p.until(t, l, watch.NoLiveNode, 2)
		require.Equal(t, "elsewhere", p.until(t, l, watch.NoHandler, 1).Class)
		require.Empty(t, p.of(t, watch.Overdue))
		const longAgo = "START_TIME = 1000, NEXT_FIRE_TIME = 1000"
		l.Set(id, longAgo)
		_, err = l.Client.PauseNode(t.Context(), lab.App, n.Key())
		require.NoError(t, err)
		l.UntilEvents(observe.NodePaused, 1)
		l.Set(l.Execute(client.Now()), longAgo)
		require.Contains(t, p.until(t, l, watch.Overdue, 1).Message, "1 executes")
		able := core.NewHandlers()
		able.Add("elsewhere", l.Handler(nil))
		other := l.Start(lab.Running(able))
		p.until(t, l, watch.NoHandler, 2)
		l.UntilState(id, schema.Complete) // which could be run, and so was overdue too
		_, err = l.Client.ResumeNode(t.Context(), lab.App, n.Key())
		require.NoError(t, err)
		p.until(t, l, watch.Overdue, 2)

		pool.Break()
		p.until(t, l, watch.DatabaseAway, 1)
		pool.Mend()
		p.until(t, l, watch.DatabaseAway, 2)

		l.Execute(client.Every(time.Hour))
		n.Pool.Cut() // dead, and its row is there
		other.Pool.Cut()
		p.until(t, l, watch.NoLiveNode, 3)
		require.NoError(t, end())
		require.Equal(t, "the watch has ended", p.until(t, l, watch.NoLiveNode, 4).Message)
	})
}
