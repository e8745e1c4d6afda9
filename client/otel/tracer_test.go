package clientotel_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/glebarez/sqlite"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	api "go.opentelemetry.io/otel/trace"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"

	"github.com/quartz-cluster/quartz/client"
	clientotel "github.com/quartz-cluster/quartz/client/otel"
	"github.com/quartz-cluster/quartz/schema"
)

// place is a traced client on tables of its own.
type place struct {
	*client.Client

	db     *gorm.DB
	tracer api.Tracer
	memory *tracetest.InMemoryExporter
}

func newPlace(t *testing.T) *place {
	t.Helper()
	db, err := gorm.Open(sqlite.Open("file:"+filepath.Join(t.TempDir(), "q.db")+"?_txlock=immediate"), &gorm.Config{Logger: logger.Discard})
	require.NoError(t, err)
	pool, err := db.DB()
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, pool.Close()) })
	require.NoError(t, schema.Migrate(t.Context(), db, schema.Options{Logger: slog.New(slog.DiscardHandler)}))
	p := &place{db: db, memory: tracetest.NewInMemoryExporter()}
	provider := trace.NewTracerProvider(trace.WithSyncer(p.memory))
	p.tracer = provider.Tracer("test")
	p.Client, err = client.New(db, client.Config{Tracer: clientotel.New(clientotel.Config{TracerProvider: provider})})
	require.NoError(t, err)
	_, err = p.AddApp(t.Context(), client.App{Name: "billing"})
	require.NoError(t, err)
	return p
}

// traceOf reads TRACE of an execute.
func (p *place) traceOf(t *testing.T, id client.ID) string {
	t.Helper()
	var row schema.Execute
	require.NoError(t, p.db.First(&row, "ID = ?", int64(id)).Error)
	return row.Trace
}

func (p *place) last(t *testing.T) tracetest.SpanStub {
	t.Helper()
	spans := p.memory.GetSpans()
	require.NotEmpty(t, spans)
	return spans[len(spans)-1]
}

func TestACallIsASpanBelowThatOfItsContext(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	ctx, request := p.tracer.Start(t.Context(), "POST /jobs")
	defer request.End()
	job, err := p.AddJob(ctx, client.Job{App: "billing", Class: "send"})
	require.NoError(t, err)
	span := p.last(t)
	require.Equal(t, "quartz add job", span.Name)
	require.Equal(t, api.SpanKindInternal, span.SpanKind)
	require.Equal(t, request.SpanContext().SpanID(), span.Parent.SpanID())
	require.Equal(t, codes.Unset, span.Status.Code)
	e, err := p.AddExecute(ctx, job.ID, client.Every(time.Hour))
	require.NoError(t, err)
	span = p.last(t)
	require.Equal(t, "quartz add execute", span.Name)
	require.Equal(t, api.SpanKindProducer, span.SpanKind)
	require.ElementsMatch(t, []attribute.KeyValue{
		attribute.String("messaging.system", "quartz"), attribute.String("messaging.operation.name", "add execute"),
		attribute.String("messaging.operation.type", "send"),
	}, span.Attributes)
	require.Equal(t, fmt.Sprintf("00-%s-%s-01", request.SpanContext().TraceID(), span.SpanContext.SpanID()), p.traceOf(t, e.ID))
}

// The calls of a producer are those that leave their trace in an execute.
func TestProducersAreThoseThatSchedule(t *testing.T) {
	t.Parallel()
	p, ctx := newPlace(t), t.Context()
	job, err := p.AddJob(ctx, client.Job{App: "billing", Class: "send", Name: "a"})
	require.NoError(t, err)
	e, err := p.AddExecute(ctx, job.ID, client.Every(time.Hour), client.Named("e"))
	require.NoError(t, err)
	_, err = p.AddExecutes(ctx, job.ID, []client.Execute{{Schedule: client.Now()}})
	require.NoError(t, err)
	e, err = p.UpdateExecute(ctx, e.ID, e.Version, client.SetSchedule(client.Every(time.Minute)))
	require.NoError(t, err)
	_, err = p.RunNow(ctx, e.ID)
	require.NoError(t, err)
	require.NoError(t, p.db.Exec("UPDATE QRTZ_EXECUTE SET LAST_STATE = 'FAILED', LAST_FIRE_TIME = 1 WHERE ID = ?", int64(e.ID)).Error)
	_, err = p.RetryFire(ctx, e.ID)
	require.NoError(t, err)
	require.NoError(t, p.db.Exec("UPDATE QRTZ_EXECUTE SET STATE = 'ERROR' WHERE ID = ?", int64(e.ID)).Error)
	_, err = p.ResetExecute(ctx, e.ID)
	require.NoError(t, err)
	_, err = p.CopyJob(ctx, job.ID, "billing", client.CopyAs("b"))
	require.NoError(t, err)
	_, err = p.Ensure(ctx, client.Declaration{
		Job: client.Job{App: "billing", Name: "c", Class: "send"}, Executes: []client.Execute{{Name: "e", Schedule: client.Now()}},
	})
	require.NoError(t, err)
	_, err = p.AddApp(ctx, client.App{Name: "copy"})
	require.NoError(t, err)
	document, err := p.Export(ctx, "billing")
	require.NoError(t, err)
	_, err = p.Apply(ctx, *document, client.ApplyOptions{App: "copy"})
	require.NoError(t, err)

	var left []string
	require.NoError(t, p.db.Raw("SELECT DISTINCT TRACE FROM QRTZ_EXECUTE WHERE TRACE IS NOT NULL").Scan(&left).Error)
	var scheduling, producers []string
	for _, s := range p.memory.GetSpans() {
		if slices.Contains(left, fmt.Sprintf("00-%s-%s-01", s.SpanContext.TraceID(), s.SpanContext.SpanID())) {
			scheduling = append(scheduling, s.Name)
		}
		if s.SpanKind == api.SpanKindProducer {
			producers = append(producers, s.Name)
		}
	}
	require.Equal(t, []string{
		"quartz add executes", "quartz run now", "quartz retry fire", "quartz reset execute", "quartz copy job", "quartz ensure", "quartz apply",
	},
		scheduling)
	require.Subset(t, producers, scheduling)
	require.ElementsMatch(t, append(scheduling, "quartz add execute", "quartz update execute"), producers, "whose traces later calls have replaced")
}

func TestHowACallFails(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	ctx := t.Context()
	job, err := p.AddJob(ctx, client.Job{App: "billing", Class: "send", Name: "taken"})
	require.NoError(t, err)
	gone, cancel := context.WithCancel(ctx)
	cancel()
	for word, call := range map[string]func() error{
		"not_found": func() error { _, err := p.GetJob(ctx, 1); return err },
		"already_exists": func() error {
			_, err := p.AddJob(ctx, client.Job{App: "billing", Class: "send", Name: "taken"})
			return err
		},
		"invalid_field": func() error { _, err := p.AddExecute(ctx, job.ID, client.Cron("x", "")); return err },
		"in_transaction": func() error {
			tx := p.db.Begin()
			defer tx.Rollback()
			return p.WithTx(tx).DeleteApp(ctx, "billing")
		},
		"state_conflict":      func() error { return p.DeleteApp(ctx, "billing") },
		"version_conflict":    func() error { _, err := p.UpdateJob(ctx, job.ID, job.Version+1, client.SetClass("y")); return err },
		"*errors.errorString": func() error { _, err := p.GetJob(gone, job.ID); return err },
	} {
		err := call()
		require.Error(t, err, word)
		span := p.last(t)
		require.Equal(t, codes.Error, span.Status.Code)
		if word != "invalid_field" {
			require.Equal(t, err.Error(), span.Status.Description)
		}
		require.Contains(t, span.Attributes, attribute.String("error.type", word), "%v", err)
	}
}

// What a call was given may be data of jobs, which no span is to have.
func TestNoSpanHoldsData(t *testing.T) {
	p := newPlace(t)
	for description, call := range map[string]func() error{
		"data: must be JSON": func() error {
			_, err := p.AddJob(t.Context(), client.Job{App: "billing", Class: "send", Data: "{secret"})
			return err
		},
		"the document has 1 mistakes": func() error {
			jobs := []client.DocumentJob{{Name: "a", Class: "x", Data: json.RawMessage(`"secret"`)}}
			_, err := p.Diff(t.Context(), client.Document{App: "billing", Jobs: jobs}, client.ApplyOptions{})
			return err
		},
	} {
		require.ErrorContains(t, call(), "secret")
		span := p.last(t)
		require.Contains(t, span.Status.Description, description)
		require.NotContains(t, span.Status.Description, "secret")
		require.Contains(t, span.Attributes, attribute.String("error.type", "invalid_field"))
	}
}
