package clientotel

import (
	"context"
	"errors"
	"fmt"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"

	"github.com/quartz-cluster/quartz/client"
)

// scope names who traces.
const scope = "github.com/quartz-cluster/quartz/client/otel"

// Config says where the spans go.
type Config struct {
	// TracerProvider makes the tracer. Defaults to the global one.
	TracerProvider trace.TracerProvider
}

// producers are the calls that schedule something.
var producers = map[string]bool{
	"add execute": true, "add executes": true, "ensure": true, "run now": true, "retry fire": true,
	"reset execute": true, "copy job": true, "apply": true, "update execute": true,
}

type tracer struct{ trace.Tracer }

// New returns a Tracer for client.Config.
func New(c Config) client.Tracer {
	if c.TracerProvider == nil {
		c.TracerProvider = otel.GetTracerProvider()
	}
	return tracer{c.TracerProvider.Tracer(scope, trace.WithSchemaURL(semconv.SchemaURL))}
}

// Begin implements client.Tracer.
func (t tracer) Begin(ctx context.Context, call string) (in context.Context, end func(err error)) {
	kind, attributes := trace.SpanKindInternal, []attribute.KeyValue{semconv.MessagingSystemKey.String("quartz"), semconv.MessagingOperationName(call)}
	if producers[call] {
		kind, attributes = trace.SpanKindProducer, append(attributes, semconv.MessagingOperationTypeSend)
	}
	//nolint:spancheck // whoever made the call ends it
	in, span := t.Start(ctx, "quartz "+call, trace.WithSpanKind(kind), trace.WithAttributes(attributes...))
	return in, func(err error) { //nolint:spancheck // as above
		if err != nil {
			span.SetStatus(codes.Error, describe(err))
			span.SetAttributes(typeOf(err))
		}
		span.End()
	}
}

// TraceContext implements client.Tracer.
func (tracer) TraceContext(ctx context.Context) string {
	headers := propagation.MapCarrier{}
	propagation.TraceContext{}.Inject(ctx, headers)
	return headers["traceparent"]
}

// describe says what went wrong, without the values that a call was given: data of jobs
// may be among them.
func describe(err error) string {
	var document *client.DocumentError
	var field *client.FieldError
	switch {
	case errors.As(err, &document):
		return fmt.Sprintf("the document has %d mistakes", len(document.Mistakes))
	case errors.As(err, &field):
		return field.Field + ": " + field.Reason
	}
	return err.Error()
}

// typeOf returns error.type.
func typeOf(err error) attribute.KeyValue {
	var word string
	var (
		document *client.DocumentError
		field    *client.FieldError
		state    *client.StateConflictError
		version  *client.VersionConflictError
		answer   *client.NoAnswerError
	)
	switch {
	case errors.Is(err, client.ErrNotFound):
		word = "not_found"
	case errors.Is(err, client.ErrAlreadyExists):
		word = "already_exists"
	case errors.Is(err, client.ErrContended):
		word = "contended"
	case errors.Is(err, client.ErrInTransaction):
		word = "in_transaction"
	case errors.As(err, &field), errors.As(err, &document):
		word = "invalid_field"
	case errors.As(err, &state):
		word = "state_conflict"
	case errors.As(err, &version):
		word = "version_conflict"
	case errors.As(err, &answer):
		word = "no_answer"
	default:
		return semconv.ErrorType(err)
	}
	return semconv.ErrorTypeKey.String(word)
}
