package main

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"os"

	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.opentelemetry.io/contrib/bridges/otelslog"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlplog/otlploghttp"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/exporters/prometheus"
	"go.opentelemetry.io/otel/sdk/log"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/resource"
	"go.opentelemetry.io/otel/sdk/trace"
)

// The places that traces and logs go to: whole URLs, as OpenTelemetry specifies.
const (
	tracesTo = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"
	logsTo   = "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT"
)

// telemetry is what a process shows of itself.
type telemetry struct {
	meters  *metric.MeterProvider
	tracers *trace.TracerProvider
	loggers *log.LoggerProvider
}

// newTelemetry prepares metrics for Prometheus to ask for. Traces and logs it sends
// where the environment says a place for them, and else drops.
func newTelemetry(ctx context.Context, service, instance string) (*telemetry, error) {
	who := resource.NewSchemaless(attribute.String("service.name", service), attribute.String("service.instance.id", instance))
	metrics, err := prometheus.New() // in the registry that promhttp.Handler serves
	if err != nil {
		return nil, err
	}
	traces := []trace.TracerProviderOption{trace.WithResource(who), trace.WithSampler(trace.NeverSample())}
	if os.Getenv(tracesTo) != "" {
		spans, err := otlptracehttp.New(ctx)
		if err != nil {
			return nil, err
		}
		traces = append(traces, trace.WithBatcher(spans), trace.WithSampler(trace.ParentBased(trace.AlwaysSample())))
	}
	logs := []log.LoggerProviderOption{log.WithResource(who)}
	if os.Getenv(logsTo) != "" {
		lines, err := otlploghttp.New(ctx)
		if err != nil {
			return nil, err
		}
		logs = append(logs, log.WithProcessor(log.NewBatchProcessor(lines)))
	}
	return &telemetry{
		meters:  metric.NewMeterProvider(metric.WithReader(metrics), metric.WithResource(who)),
		tracers: trace.NewTracerProvider(traces...),
		loggers: log.NewLoggerProvider(logs...),
	}, nil
}

// handler answers Prometheus.
func (t *telemetry) handler() http.Handler { return promhttp.Handler() }

// logger sends to the place for logs, or is the other one where there is none.
func (t *telemetry) logger(other *slog.Logger) *slog.Logger {
	if os.Getenv(logsTo) == "" {
		return other
	}
	return otelslog.NewLogger("quartz", otelslog.WithLoggerProvider(t.loggers))
}

// close sends what has not been sent.
func (t *telemetry) close(ctx context.Context) error {
	return errors.Join(t.meters.Shutdown(ctx), t.tracers.Shutdown(ctx), t.loggers.Shutdown(ctx))
}
