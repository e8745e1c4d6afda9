package main

import (
	"context"
	"errors"
	"time"

	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/trace"

	coreotel "github.com/quartz-cluster/quartz/core/otel"
)

// seen is an Observer with an SDK whose exporters drop what they are given.
type seen struct {
	*coreotel.Observer

	meters  *metric.MeterProvider
	tracers *trace.TracerProvider
}

// see makes one that counts the spans for the tally.
func see(t *tally) (*seen, error) {
	s := &seen{
		meters: metric.NewMeterProvider(metric.WithReader(metric.NewPeriodicReader(droppedMetrics{}, metric.WithInterval(time.Second)))),
		// What no call has decided is sampled by the hundred, as in B8.
		tracers: trace.NewTracerProvider(trace.WithBatcher(droppedSpans{t}), trace.WithSampler(trace.ParentBased(trace.TraceIDRatioBased(0.01)))),
	}
	var err error
	s.Observer, err = coreotel.New(coreotel.Config{MeterProvider: s.meters, TracerProvider: s.tracers})
	return s, err
}

func (s *seen) close() error {
	ctx := context.Background()
	return errors.Join(s.tracers.Shutdown(ctx), s.meters.Shutdown(ctx))
}

type droppedSpans struct{ *tally }

func (d droppedSpans) ExportSpans(_ context.Context, spans []trace.ReadOnlySpan) error {
	d.spans.Add(int64(len(spans)))
	return nil
}

func (droppedSpans) Shutdown(context.Context) error { return nil }

type droppedMetrics struct{}

func (droppedMetrics) Temporality(kind metric.InstrumentKind) metricdata.Temporality {
	return metric.DefaultTemporalitySelector(kind)
}

func (droppedMetrics) Aggregation(kind metric.InstrumentKind) metric.Aggregation {
	return metric.DefaultAggregationSelector(kind)
}

func (droppedMetrics) Export(context.Context, *metricdata.ResourceMetrics) error { return nil }
func (droppedMetrics) ForceFlush(context.Context) error                          { return nil }
func (droppedMetrics) Shutdown(context.Context) error                            { return nil }
