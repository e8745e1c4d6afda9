package lab

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/core"
	"github.com/quartz-cluster/quartz/core/observe"
	"github.com/quartz-cluster/quartz/integration/internal/testdb"
	"github.com/quartz-cluster/quartz/internal/sqldb"
	"github.com/quartz-cluster/quartz/schema"
)

// App is the application of every lab.
const App = "lab"

// Work is the class that every node can run unless the test says otherwise.
const Work = "work"

// patience is how long a test waits for what must come. It bounds a failure, not
// the product: a loaded machine takes its time.
const patience = 60 * time.Second

// Lab is one place with the four tables in it, a client, and the account of all
// that ran.
type Lab struct {
	Ledger

	DB     testdb.DB
	Client *client.Client
	SQL    *sqldb.DB // statements of the test's own

	t       testing.TB
	clock   sqldb.Clock
	nodes   int
	running []*Node
	mu      sync.Mutex
	events  []observe.Event
}

// Each runs test once per kind of database, each time in a lab of its own, beside
// other tests.
func Each(t *testing.T, test func(t *testing.T, l *Lab)) {
	t.Helper()
	EachKind(t, func(t *testing.T, kind testdb.Kind) { test(t, New(t, kind)) })
}

// EachKind is [Each] for tests that make their lab themselves, without the kinds of
// which they make no sense.
func EachKind(t *testing.T, test func(t *testing.T, kind testdb.Kind), without ...testdb.Kind) {
	t.Helper()
	t.Parallel()
	for _, kind := range testdb.Kinds(t) {
		if slices.Contains(without, kind) {
			continue
		}
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			test(t, kind)
		})
	}
}

// Once runs test in a lab on SQLite, beside other tests: for what no statement
// decides.
func Once(t *testing.T, test func(t *testing.T, l *Lab)) {
	t.Helper()
	t.Parallel()
	test(t, New(t, testdb.SQLite))
}

// New makes a lab with empty tables and the app in them.
func New(t testing.TB, kind testdb.Kind) *Lab {
	t.Helper()
	return NewAt(t, kind, nil)
}

// NewAt is New with a clock that everybody takes for the database's.
func NewAt(t testing.TB, kind testdb.Kind, clock sqldb.Clock) *Lab {
	t.Helper()
	l := Bare(t, kind, clock)
	require.NoError(t, schema.Migrate(t.Context(), l.DB.Gorm, schema.Options{Logger: slog.New(slog.DiscardHandler)}))
	_, err := l.Client.EnsureApp(t.Context(), App)
	require.NoError(t, err)
	return l
}

// Bare makes a lab without tables.
func Bare(t testing.TB, kind testdb.Kind, clock sqldb.Clock) *Lab {
	t.Helper()
	l := &Lab{t: t, clock: clock, DB: testdb.New(t, kind)}
	l.plug(l.DB)
	var err error
	l.Client, err = client.New(l.DB.Gorm)
	require.NoError(t, err)
	l.SQL, err = sqldb.New(l.DB.Gorm, sqldb.Config{})
	require.NoError(t, err)
	t.Cleanup(func() { l.Ledger.check(t) }) // runs after the nodes' own clean-up
	return l
}

func (l *Lab) plug(db testdb.DB) {
	if l.clock != nil {
		require.NoError(l.t, db.Gorm.Use(l.clock))
	}
}

// Handler records each run and then does do; nil does nothing.
func (l *Lab) Handler(do core.HandlerFunc) core.HandlerFunc {
	if do == nil {
		do = func(context.Context, *core.Fire) error { return nil }
	}
	return l.record(l.SQL.Now, do)
}

// Handlers is a set of one handler, for the class [Work].
func (l *Lab) Handlers(do core.HandlerFunc) *core.Handlers {
	h := core.NewHandlers()
	h.Add(Work, l.Handler(do))
	return h
}

func (l *Lab) observe(_ context.Context, e observe.Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.events = append(l.events, e)
}

// Events returns what the nodes have told so far, only of the given kinds.
func (l *Lab) Events(kinds ...observe.Kind) []observe.Event {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(l.events), func(e observe.Event) bool { return !slices.Contains(kinds, e.Kind) })
}

// Until waits until done holds and fails the test if it never does.
func (l *Lab) Until(done func() bool, what string, args ...any) {
	l.t.Helper()
	deadline := time.Now().Add(patience)
	for wait := 10 * time.Millisecond; !done(); wait = min(wait*3/2, pace) {
		if time.Now().After(deadline) {
			l.t.Fatalf("within %s it did not come about that %s\n%s", patience, fmt.Sprintf(what, args...), l.last(30))
		}
		<-time.After(wait)
	}
}

// steady is what is told all the time.
var steady = []observe.Kind{observe.PassDone, observe.Overdue, observe.Stranded, observe.ClaimBatch, observe.CompletionBatch}

func (l *Lab) last(n int) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out strings.Builder
	out.WriteString("the last events:\n")
	for _, e := range l.events[max(0, len(l.events)-10*n):] {
		if slices.Contains(steady, e.Kind) {
			continue
		}
		fmt.Fprintf(&out, "  %s %s node=%s id=%d execute=%d nominal=%s reason=%q err=%v\n",
			e.Time.Format("15:04:05.000"), e.Kind, e.Node, e.NodeID, e.ExecuteID, e.Nominal.Format("15:04:05.000"), e.Reason, e.Err)
	}
	return out.String()
}

// UntilEvents waits until n events of a kind were told and returns them.
func (l *Lab) UntilEvents(kind observe.Kind, n int) []observe.Event {
	l.t.Helper()
	l.Until(func() bool { return len(l.Events(kind)) >= n }, "%d times %s was told", n, kind)
	return l.Events(kind)
}

// UntilRuns waits until n runs of an execute (0: of all) have started and
// returns them.
func (l *Lab) UntilRuns(execute int64, n int) []Run {
	l.t.Helper()
	l.Until(func() bool { return len(l.Runs(execute)) >= n }, "execute %d ran %d times", execute, n)
	return l.Runs(execute)
}

// UntilState waits until an execute is in a state with nothing in flight, on its
// own row or in a child, and returns it.
func (l *Lab) UntilState(execute int64, state schema.State) schema.Execute {
	l.t.Helper()
	l.UntilRow(execute, func(e schema.Execute) bool {
		return e.State == state && e.FireTime == 0 && len(l.Children(execute)) == 0
	}, "it is %s and rests", state)
	return l.Row(execute) // a child may have ended in between
}

// UntilIdle waits until nothing of an execute that is paused is in flight: each of
// its runs has been recorded.
func (l *Lab) UntilIdle(execute int64) schema.Execute {
	l.t.Helper()
	return l.UntilRow(execute, func(e schema.Execute) bool {
		return e.FireTime == 0 && len(l.Children(execute)) == 0
	}, "nothing is in flight")
}

// Children returns the children of an execute that carry single fires.
func (l *Lab) Children(execute int64) []schema.Execute {
	l.t.Helper()
	rows, err := sqldb.Select[schema.Execute](l.t.Context(), l.SQL, "SELECT "+sqldb.Columns[schema.Execute]("")+
		" FROM QRTZ_EXECUTE WHERE ORIGIN_ID = ? AND ORIGIN <> 'ALL' ORDER BY ID", execute)
	require.NoError(l.t, err)
	return rows
}

// UntilRow waits until an execute is as it should be and returns it.
func (l *Lab) UntilRow(execute int64, done func(schema.Execute) bool, what string, args ...any) schema.Execute {
	l.t.Helper()
	var row schema.Execute
	l.Until(func() bool {
		row = l.Row(execute)
		return done(row)
	}, "of execute %d "+what, append([]any{execute}, args...)...)
	return row
}

// Passes waits for n passes of the ClusterMisfireHandler that begin from now on.
func (l *Lab) Passes(n int) {
	l.t.Helper()
	l.UntilEvents(observe.PassDone, len(l.Events(observe.PassDone))+n+1)
}
