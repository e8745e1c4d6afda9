package coreotel

import (
	"context"
	"errors"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"

	"github.com/quartz-cluster/quartz/core"
	"github.com/quartz-cluster/quartz/core/observe"
)

// The attributes that spans have besides those of metrics.
const (
	keyNodeID    = attribute.Key("quartz.node.id")
	keyJobID     = attribute.Key("quartz.job.id")
	keyExecute   = attribute.Key("quartz.execute")
	keyExecuteID = attribute.Key("quartz.execute.id")
	keyFire      = attribute.Key("quartz.fire.time")
	keyAttempt   = attribute.Key("quartz.fire.attempt")
)

var (
	consumer = trace.WithSpanKind(trace.SpanKindConsumer)
	root     = trace.WithNewRoot()
	w3c      propagation.TraceContext
)

// Start implements observe.Tracer: it begins the span of a run, as of its claim.
func (o *Observer) Start(ctx context.Context, e observe.Event) (run context.Context, traceparent string) {
	of := o.metrics.labels.of(label{app: e.App, class: e.Class})
	options := append(make([]trace.SpanStartOption, 0, 5), consumer, of.start, trace.WithTimestamp(e.Time.Add(-e.Wait)))
	text := carrier(e.Trace)
	if below := w3c.Extract(ctx, &text); e.Trace != "" && trace.SpanContextFromContext(below).IsRemote() {
		ctx = below
	} else if trace.SpanContextFromContext(ctx).IsValid() {
		options = append(options, root) // whatever the node was started under
	}
	if e.Link != "" {
		text = carrier(e.Link)
		if call := trace.SpanContextFromContext(w3c.Extract(context.Background(), &text)); call.IsValid() {
			options = append(options, trace.WithLinks(trace.Link{SpanContext: call}))
		}
	}
	run, span := o.tracer.Start(ctx, of.name, options...) //nolint:spancheck // Observe ends it, when the run has ended
	span.AddEvent("run started")
	o.metrics.measure(run, &e)
	text = ""
	w3c.Inject(run, &text)
	return run, string(text) //nolint:spancheck // as above
}

// Observe implements observe.Observer.
func (o *Observer) Observe(ctx context.Context, e observe.Event) {
	o.metrics.measure(ctx, &e)
	switch e.Kind {
	case observe.Overdue:
		o.note(o.overdue, &e)
	case observe.Stranded:
		o.note(o.stranded, &e)
	case observe.Finished, observe.Failed, observe.TimedOut, observe.Cancelled, observe.Suspended, observe.HandedOver:
		returned(trace.SpanFromContext(ctx), &e)
	case observe.Completed:
		end(trace.SpanFromContext(ctx), &e, outcomes[e.State])
	case observe.Superseded, observe.Abandoned:
		end(trace.SpanFromContext(ctx), &e, string(e.Kind))
	}
}

// returned marks the end of a run. The span ends with it unless an outcome is to be
// written, which is told then.
func returned(span trace.Span, e *observe.Event) {
	if !span.IsRecording() {
		return
	}
	span.AddEvent("run ended")
	if e.Kind == observe.Failed || e.Kind == observe.TimedOut {
		var panicked *core.PanicError
		var more []trace.EventOption
		if errors.As(e.Err, &panicked) {
			more = append(more, trace.WithAttributes(semconv.ExceptionStacktrace(string(panicked.Stack))))
		}
		span.RecordError(e.Err, more...)
		span.SetStatus(codes.Error, e.Err.Error())
		span.SetAttributes(semconv.ErrorTypeKey.String(string(e.Kind)))
	}
	if e.State == "" {
		end(span, e, outcomeOf(e.Kind))
	}
}

// end ends the span of a run with all that is known of it: at once, as each time
// costs a copy.
func end(span trace.Span, e *observe.Event, outcome string) {
	if !span.IsRecording() {
		return
	}
	attributes := append(make([]attribute.KeyValue, 0, 9),
		keyNode.String(e.Node), keyNodeID.Int64(e.NodeID), keyJobID.Int64(e.JobID), keyExecuteID.Int64(e.ExecuteID),
		keyFire.String(e.Nominal.Format(time.RFC3339Nano)), keyAttempt.Int(e.Attempt), keyOutcome.String(outcome))
	if e.Job != "" {
		attributes = append(attributes, keyJob.String(e.Job))
	}
	if e.Execute != "" {
		attributes = append(attributes, keyExecute.String(e.Execute))
	}
	span.SetAttributes(attributes...)
	span.End()
}

// carrier is a header traceparent by itself.
type carrier string

// Get implements propagation.TextMapCarrier.
func (c *carrier) Get(key string) string {
	if key == "traceparent" {
		return string(*c)
	}
	return ""
}

// Set implements propagation.TextMapCarrier.
func (c *carrier) Set(key, value string) {
	if key == "traceparent" {
		*c = carrier(value)
	}
}

// Keys implements propagation.TextMapCarrier.
func (*carrier) Keys() []string { return []string{"traceparent"} }
