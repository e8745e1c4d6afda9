package coreotel

import (
	"fmt"
	"sync"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/metric"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"

	"github.com/quartz-cluster/quartz/core"
	"github.com/quartz-cluster/quartz/core/observe"
)

// scope names who measures.
const scope = "github.com/quartz-cluster/quartz/core/otel"

// Config says where what is seen goes.
type Config struct {
	// MeterProvider makes the meter. Defaults to the global one.
	MeterProvider metric.MeterProvider
	// TracerProvider makes the tracer. Defaults to the global one.
	TracerProvider trace.TracerProvider
	// Jobs is how many jobs of an app quartz.fires tells apart by their names, those
	// that it meets first; the others are one, _OTHER. Defaults to 100; below zero
	// no job is named.
	Jobs int
}

// Observer measures and traces what it is told. It is an observe.Tracer.
type Observer struct {
	tracer  trace.Tracer
	metrics *metrics

	mu       sync.Mutex
	nodes    []*core.Node
	overdue  map[string]passed // by app
	stranded map[string]passed // likewise
}

var _ observe.Tracer = (*Observer)(nil)

// New returns an Observer for core.Config. It fails where the meter refuses an
// instrument.
func New(c Config) (*Observer, error) {
	if c.MeterProvider == nil {
		c.MeterProvider = otel.GetMeterProvider()
	}
	if c.TracerProvider == nil {
		c.TracerProvider = otel.GetTracerProvider()
	}
	if c.Jobs == 0 {
		c.Jobs = 100
	}
	o := &Observer{
		tracer:  c.TracerProvider.Tracer(scope, trace.WithSchemaURL(semconv.SchemaURL)),
		overdue: make(map[string]passed), stranded: make(map[string]passed),
	}
	meter := c.MeterProvider.Meter(scope, metric.WithSchemaURL(semconv.SchemaURL))
	var err error
	if o.metrics, err = newMetrics(meter, c.Jobs); err == nil {
		err = o.gauges(meter)
	}
	if err != nil {
		return nil, fmt.Errorf("coreotel: %w", err)
	}
	return o, nil
}
