package coreotel

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	api "go.opentelemetry.io/otel/trace"

	"github.com/quartz-cluster/quartz/core"
	"github.com/quartz-cluster/quartz/core/observe"
)

const (
	call  = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
	claim = "2026-01-02T03:04:05.9Z"
)

// traced returns an Observer whose spans come to rest in memory.
func traced(t *testing.T) (*Observer, *tracetest.InMemoryExporter) {
	t.Helper()
	memory := tracetest.NewInMemoryExporter()
	o, err := New(Config{TracerProvider: trace.NewTracerProvider(trace.WithSyncer(memory))})
	require.NoError(t, err)
	return o, memory
}

var nominal = time.Date(2026, 1, 2, 3, 4, 6, 0, time.UTC)

// fire is an event of one fire so long after its nominal time.
func fire(k observe.Kind, after time.Duration, change func(e *observe.Event)) observe.Event {
	e := observe.Event{
		Kind: k, Time: nominal.Add(after), App: "billing", Node: "node", NodeID: 5, JobID: 6, Job: "invoices", Class: "send",
		ExecuteID: 7, Execute: "daily", Nominal: nominal, Attempt: 1,
	}
	if change != nil {
		change(&e)
	}
	return e
}

func TestASpanGoesFromTheClaimToTheOutcome(t *testing.T) {
	t.Parallel()
	o, memory := traced(t)
	run, next := o.Start(t.Context(), fire(observe.Started, time.Second, func(e *observe.Event) { e.Trace, e.Wait = call, 1100*time.Millisecond }))
	span := api.SpanContextFromContext(run)
	require.Equal(t, "00-4bf92f3577b34da6a3ce929d0e0e4736-"+span.SpanID().String()+"-01", next)
	o.Observe(run, fire(observe.Finished, 2*time.Second, func(e *observe.Event) { e.State = "SUCCEEDED" }))
	require.Empty(t, memory.GetSpans(), "its outcome is not written yet")
	o.Observe(run, fire(observe.Completed, 3*time.Second, func(e *observe.Event) { e.State = "SUCCEEDED" }))
	require.Len(t, memory.GetSpans(), 1)
	s := memory.GetSpans()[0]
	require.Equal(t, "process send", s.Name)
	require.Equal(t, api.SpanKindConsumer, s.SpanKind)
	require.Equal(t, "00f067aa0ba902b7", s.Parent.SpanID().String())
	require.True(t, s.Parent.IsRemote())
	require.Empty(t, s.Links)
	require.Equal(t, claim, s.StartTime.Format(time.RFC3339Nano))
	require.Equal(t, codes.Unset, s.Status.Code)
	require.Len(t, s.Events, 2)
	require.Equal(t, "run started", s.Events[0].Name)
	require.Equal(t, "run ended", s.Events[1].Name)
	require.ElementsMatch(t, []attribute.KeyValue{
		attribute.String("messaging.system", "quartz"), attribute.String("messaging.operation.type", "process"),
		attribute.String("messaging.operation.name", "process"), attribute.String("messaging.destination.name", "billing"),
		attribute.String("quartz.class", "send"), attribute.String("quartz.job", "invoices"), attribute.Int64("quartz.job.id", 6),
		attribute.String("quartz.execute", "daily"), attribute.Int64("quartz.execute.id", 7),
		attribute.String("quartz.fire.time", "2026-01-02T03:04:06Z"), attribute.Int("quartz.fire.attempt", 1),
		attribute.String("quartz.node", "node"), attribute.Int64("quartz.node.id", 5), attribute.String("quartz.outcome", "succeeded"),
	}, s.Attributes)
	for _, a := range s.Attributes {
		requireInDocs(t, a.Key)
	}
	requireInDocs(t, "error.type")
	require.Len(t, rows(section(t, "attributes of spans")), len(s.Attributes)+1)
}

func requireInDocs(t *testing.T, key attribute.Key) {
	t.Helper()
	for _, row := range rows(section(t, "attributes of spans")) {
		if row[0] == quoted(string(key)) {
			return
		}
	}
	require.Fail(t, "the docs do not have "+string(key))
}

// A run whose fire goes on, or is another's by now, has no outcome to wait for.
func TestASpanEndsWithARunThatIsNotTheLast(t *testing.T) {
	t.Parallel()
	failed := errors.New("it failed")
	for _, test := range []struct {
		kind    observe.Kind
		err     error
		then    observe.Kind // told afterwards
		outcome string
		status  codes.Code
	}{
		{observe.Failed, failed, observe.Retrying, "failed", codes.Error},
		{observe.TimedOut, failed, observe.Retrying, "timed_out", codes.Error},
		{observe.Suspended, failed, observe.Superseded, "suspended", codes.Unset},
		{observe.HandedOver, failed, "", "handed_over", codes.Unset},
	} {
		o, memory := traced(t)
		run, _ := o.Start(t.Context(), fire(observe.Started, 0, nil))
		o.Observe(run, fire(test.kind, time.Second, func(e *observe.Event) { e.Err = test.err }))
		o.Observe(run, fire(test.then, time.Second, nil))
		require.Len(t, memory.GetSpans(), 1, test.kind)
		s := memory.GetSpans()[0]
		require.Equal(t, test.status, s.Status.Code, test.kind)
		require.Contains(t, s.Attributes, attribute.String("quartz.outcome", test.outcome))
		if test.status == codes.Error {
			require.Equal(t, "it failed", s.Status.Description)
			require.Contains(t, s.Attributes, attribute.String("error.type", test.outcome))
			require.Equal(t, "exception", s.Events[2].Name)
			require.NotContains(t, fmt.Sprint(s.Events[2].Attributes), "stacktrace")
		}
	}
	for kind, outcome := range map[observe.Kind]string{observe.Superseded: "superseded", observe.Abandoned: "abandoned"} {
		o, memory := traced(t)
		run, _ := o.Start(t.Context(), fire(observe.Started, 0, nil))
		o.Observe(run, fire(observe.Failed, 0, func(e *observe.Event) { e.Err, e.State = failed, "FAILED" }))
		require.Empty(t, memory.GetSpans())
		o.Observe(run, fire(kind, 0, nil))
		require.Len(t, memory.GetSpans(), 1, kind)
		require.Contains(t, memory.GetSpans()[0].Attributes, attribute.String("quartz.outcome", outcome))
	}
}

// Where a handler panicked is in no message.
func TestASpanHasTheStackOfAPanic(t *testing.T) {
	t.Parallel()
	o, memory := traced(t)
	run, _ := o.Start(t.Context(), fire(observe.Started, 0, nil))
	err := fmt.Errorf("send: %w", &core.PanicError{Value: "no paper", Stack: []byte("print.go:7")})
	o.Observe(run, fire(observe.Failed, time.Second, func(e *observe.Event) { e.Err = err }))
	require.Contains(t, memory.GetSpans()[0].Events[2].Attributes, attribute.String("exception.stacktrace", "print.go:7"))
}

// A fire among several of its execute has a trace of its own, whatever its node was
// started under, and a link to the call that has scheduled them.
func TestAFireAmongSeveralHasATraceOfItsOwn(t *testing.T) {
	t.Parallel()
	o, memory := traced(t)
	ctx, main := o.tracer.Start(t.Context(), "main")
	run, _ := o.Start(ctx, fire(observe.Started, 0, func(e *observe.Event) { e.Link = call }))
	o.Observe(run, fire(observe.Completed, 0, nil))
	s := memory.GetSpans()[0]
	require.False(t, s.Parent.IsValid())
	require.NotEqual(t, main.SpanContext().TraceID(), s.SpanContext.TraceID())
	require.Len(t, s.Links, 1)
	require.Equal(t, "00f067aa0ba902b7", s.Links[0].SpanContext.SpanID().String())
	for _, text := range []string{"x", "00-0-0-0", call[:54]} {
		//nolint:fatcontext // each run has its own
		run, _ = o.Start(ctx, fire(observe.Started, 0, func(e *observe.Event) { e.Trace, e.Link = text, text }))
		o.Observe(run, fire(observe.Completed, 0, nil))
		s = memory.GetSpans()[len(memory.GetSpans())-1]
		require.False(t, s.Parent.IsValid())
		require.Empty(t, s.Links)
	}
}

// Without a tracer provider everything goes its way.
func TestWithoutATracer(t *testing.T) {
	t.Parallel()
	o, err := New(Config{})
	require.NoError(t, err)
	run, next := o.Start(t.Context(), fire(observe.Started, 0, func(e *observe.Event) { e.Trace = call }))
	require.Equal(t, call, next, "the next attempt goes on from there")
	o.Observe(run, fire(observe.Failed, 0, func(e *observe.Event) { e.Err = context.Canceled }))
	_, next = o.Start(t.Context(), fire(observe.Started, 0, nil))
	require.Empty(t, next)
}
