// Package pgnotifytest wakes nodes through PostgreSQL.
package pgnotifytest

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/core"
	"github.com/quartz-cluster/quartz/integration/internal/lab"
	"github.com/quartz-cluster/quartz/integration/internal/leak"
	"github.com/quartz-cluster/quartz/integration/internal/testdb"
	"github.com/quartz-cluster/quartz/pgnotify"
	"github.com/quartz-cluster/quartz/schema"
)

func TestMain(m *testing.M) {
	lab.ManyAtOnce()
	leak.Main(m)
}

var (
	_ client.Notifier = pgnotify.Notifier{}
	_ core.Listener   = (*pgnotify.Listener)(nil)
)

// interval is the longest that a node may wait between two scans. What happens
// within half of it was not found by such a scan.
const interval = schema.MaxScanInterval

// bench is a lab whose nodes do nothing by themselves for long, and a client that
// notifies.
type bench struct {
	*lab.Lab

	t      *testing.T
	client *client.Client
}

func newBench(t *testing.T) *bench {
	t.Helper()
	t.Parallel()
	l := lab.New(t, testdb.Postgres)
	c, err := client.New(l.DB.Gorm, client.Config{Notifier: pgnotify.Notifier{}})
	require.NoError(t, err)
	return &bench{l, t, c}
}

func (b *bench) listener(config pgnotify.Config) *pgnotify.Listener {
	b.t.Helper()
	if config.DSN == "" {
		config.DSN = b.DB.DSN
	}
	listener, err := pgnotify.NewListener(config)
	require.NoError(b.t, err)
	return listener
}

// start starts a node that hears what the listener does.
func (b *bench) start(listener core.Listener) *lab.Node {
	b.t.Helper()
	return b.Start(lab.With(func(c *core.Config) {
		c.ScanInterval, c.Heartbeat, c.Lease, c.HandlerInterval = interval, time.Minute, time.Hour, time.Hour
		c.Listener = listener
	}))
}

// soon waits until done holds, and fails the test where that takes so long that a
// node may have found by itself what there is to do.
func (b *bench) soon(done func() bool, what string) {
	b.t.Helper()
	for end := time.Now().Add(interval / 2); !done(); <-time.After(10 * time.Millisecond) {
		if time.Now().After(end) {
			b.t.Fatalf("within %s it did not come about that %s", interval/2, what)
		}
	}
}

// runs waits until an execute has run n times.
func (b *bench) runs(id client.ID, n int) {
	b.t.Helper()
	b.soon(func() bool { return len(b.Runs(int64(id))) >= n }, "it runs")
}

// add adds what is due under a job of its own, and tells.
func (b *bench) add(s client.Schedule) *client.ExecuteInfo {
	b.t.Helper()
	e, err := b.client.AddExecute(b.t.Context(), b.Job(), s)
	require.NoError(b.t, err)
	return e
}

// tell tells a hint that belongs to no change.
func (b *bench) tell(hint schema.Hint) {
	b.t.Helper()
	require.NoError(b.t, pgnotify.Notifier{}.Notify(b.t.Context(), b.DB.Gorm, lab.App, hint.String()))
}

// sessions returns how many listeners are connected.
func (b *bench) sessions() (n int) {
	b.t.Helper()
	require.NoError(b.t, b.DB.Gorm.Raw(`SELECT COUNT(*) FROM pg_stat_activity
		WHERE datname = current_database() AND application_name = 'quartz listener'`).Scan(&n).Error)
	return n
}

// witness is a Listener that tells the test what it does, and can be held back.
type witness struct {
	core.Listener

	mu    sync.Mutex
	hints []string
	ended []error
	held  *lab.Gate // nil: it is not
}

func (w *witness) Listen(ctx context.Context, app string, hint func(string)) error {
	w.mu.Lock()
	held := w.held
	w.mu.Unlock()
	if held != nil {
		select {
		case <-held.Opened():
		case <-ctx.Done():
		}
	}
	err := w.Listener.Listen(ctx, app, func(text string) {
		hint(text)
		w.mu.Lock()
		defer w.mu.Unlock()
		w.hints = append(w.hints, text)
	})
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ended = append(w.ended, err)
	return err
}

func (w *witness) hold(gate *lab.Gate) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.held = gate
}

// heard returns the hints so far.
func (w *witness) heard() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]string(nil), w.hints...)
}

// breaks returns why it has ended so far.
func (w *witness) breaks() []error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]error(nil), w.ended...)
}
