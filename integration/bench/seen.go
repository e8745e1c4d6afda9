package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"time"

	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/trace"

	"github.com/quartz-cluster/quartz/core/alert"
	coreotel "github.com/quartz-cluster/quartz/core/otel"
)

// seen is all that shows what a node does: an Observer with an SDK whose exporters drop
// what they are given, alerts that nobody reads, and a log of JSON that goes nowhere.
type seen struct {
	*coreotel.Observer

	alerts  *alert.Alerts
	logger  *slog.Logger
	meters  *metric.MeterProvider
	tracers *trace.TracerProvider
}

// see makes one that counts the spans for the tally.
func see(t *tally) (*seen, error) {
	s := &seen{
		logger: slog.New(slog.NewJSONHandler(io.Discard, nil)), //nolint:sloglint // its level and its format count
		meters: metric.NewMeterProvider(metric.WithReader(metric.NewPeriodicReader(droppedMetrics{}, metric.WithInterval(time.Second)))),
		// What no call has decided is sampled by the hundred, as in B8.
		tracers: trace.NewTracerProvider(trace.WithBatcher(droppedSpans{t}), trace.WithSampler(trace.ParentBased(trace.TraceIDRatioBased(0.01)))),
	}
	var noMeters, noAlerts error
	s.Observer, noMeters = coreotel.New(coreotel.Config{MeterProvider: s.meters, TracerProvider: s.tracers})
	s.alerts, noAlerts = alert.New(alert.Config{Listener: func(context.Context, alert.Alert) {}})
	return s, errors.Join(noMeters, noAlerts)
}

func (s *seen) close() error {
	ctx := context.Background()
	return errors.Join(s.alerts.Wait(ctx), s.tracers.Shutdown(ctx), s.meters.Shutdown(ctx))
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
