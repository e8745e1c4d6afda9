package oteltest

import (
	"context"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	api "go.opentelemetry.io/otel/trace"

	"github.com/quartz-cluster/quartz/client"
	clientotel "github.com/quartz-cluster/quartz/client/otel"
	"github.com/quartz-cluster/quartz/integration/internal/ledger"
	"github.com/quartz-cluster/quartz/integration/internal/telemetry"
	"github.com/quartz-cluster/quartz/integration/internal/testdb"
	"github.com/quartz-cluster/quartz/integration/internal/worker"
	"github.com/quartz-cluster/quartz/schema"
)

const (
	app = "followed"
	// secret stands in all data: nothing may say it.
	secret = "confidential-4711"
	// patience bounds a failure, not the product.
	patience = 2 * time.Minute
)

// office is a back office whose calls are traced in memory, and the place of its
// worker processes.
type office struct {
	*client.Client

	t         *testing.T
	db        testdb.DB
	job       client.ID
	tracer    api.Tracer // the office's own
	memory    *tracetest.InMemoryExporter
	ledgers   string
	telemetry string
}

// each runs a test beside others on the databases that processes share by a server.
func each(t *testing.T, test func(t *testing.T, o *office)) {
	t.Helper()
	t.Parallel()
	for _, kind := range testdb.Kinds(t) {
		switch kind {
		case testdb.Postgres, testdb.MariaDB, testdb.MySQL:
			t.Run(string(kind), func(t *testing.T) {
				t.Parallel()
				test(t, newOffice(t, kind))
			})
		case testdb.SQLite, testdb.Oracle, testdb.OracleH2:
		}
	}
}

func newOffice(t *testing.T, kind testdb.Kind) *office {
	t.Helper()
	o := &office{t: t, db: testdb.New(t, kind), memory: tracetest.NewInMemoryExporter(), ledgers: t.TempDir(), telemetry: t.TempDir()}
	require.NoError(t, schema.Migrate(t.Context(), o.db.Gorm, schema.Options{Logger: slog.New(slog.DiscardHandler)}))
	tracers := trace.NewTracerProvider(trace.WithSyncer(o.memory))
	o.tracer = tracers.Tracer("office")
	var err error
	o.Client, err = client.New(o.db.Gorm, client.Config{Tracer: clientotel.New(clientotel.Config{TracerProvider: tracers})})
	require.NoError(t, err)
	_, err = o.EnsureApp(t.Context(), app)
	require.NoError(t, err)
	job, err := o.AddJob(t.Context(), client.Job{App: app, Class: worker.Scripted, Name: "scripted", Data: worker.Script{Secret: secret}})
	require.NoError(t, err)
	o.job = job.ID
	return o
}

// launch starts a process with one node, both of that name, and does not wait for it.
func (o *office) launch(name string) *worker.Process {
	o.t.Helper()
	return worker.Launch(o.t, worker.Config{
		Process: name, Kind: o.db.Kind, DSN: o.db.DSN, Ledger: o.ledgers, Telemetry: o.telemetry,
		Nodes: []worker.Node{{App: app, Key: name, Classes: []string{worker.Scripted}}},
	})
}

// add adds an execute whose attempts do that.
func (o *office) add(ctx context.Context, name string, s client.Schedule, attempts []worker.Act, options ...client.ExecuteOption) client.ID {
	o.t.Helper()
	options = append(options, client.Named(name), client.WithData(worker.Script{Attempts: attempts, Secret: secret}))
	e, err := o.AddExecute(ctx, o.job, s, options...)
	require.NoError(o.t, err)
	return e.ID
}

// until waits until done holds.
func (o *office) until(what string, done func() bool) {
	o.t.Helper()
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for !done() {
		select {
		case <-deadline.C:
			require.FailNow(o.t, "within "+patience.String()+" it did not come about that "+what)
		case <-tick.C:
		}
	}
}

// untilRuns waits until so many runs of an execute have begun.
func (o *office) untilRuns(id client.ID, runs int) {
	o.t.Helper()
	o.until("it runs", func() bool {
		all, err := ledger.Read(o.ledgers)
		require.NoError(o.t, err)
		return len(slices.DeleteFunc(all.Runs, func(r ledger.Run) bool { return r.Execute != int64(id) })) == runs
	})
}

// calls returns the spans of the office itself.
func (o *office) calls() (out []telemetry.Span) {
	for _, s := range o.memory.GetSpans().Snapshots() {
		out = append(out, telemetry.Of(s))
	}
	return out
}

// runs returns the spans of runs that have ended, of one execute.
func (o *office) runs(id client.ID) (out []telemetry.Span) {
	o.t.Helper()
	all, err := telemetry.Spans(o.telemetry)
	require.NoError(o.t, err)
	for _, s := range all {
		if s.Attributes["quartz.execute.id"] == id.String() {
			out = append(out, s)
		}
	}
	return out
}

// lines returns what the processes have logged so far.
func (o *office) lines() []telemetry.Line {
	o.t.Helper()
	all, err := telemetry.Lines(o.telemetry)
	require.NoError(o.t, err)
	return all
}
