package worker

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"slices"

	"go.opentelemetry.io/otel/sdk/trace"

	"github.com/quartz-cluster/quartz/core/observe"
	coreotel "github.com/quartz-cluster/quartz/core/otel"
	"github.com/quartz-cluster/quartz/integration/internal/telemetry"
)

// watch is what hears of the nodes of a process.
type watch struct {
	logger   *slog.Logger
	observer observe.Observer
	close    func() error
}

func newWatch(cfg Config) (watch, error) {
	if cfg.Telemetry == "" {
		return watch{logger: newLogger(os.Stderr, cfg.Process), close: func() error { return nil }}, nil
	}
	log, err := telemetry.CreateLog(cfg.Telemetry, cfg.Process)
	if err != nil {
		return watch{}, err
	}
	spans, err := telemetry.NewExporter(cfg.Telemetry, cfg.Process)
	if err != nil {
		return watch{}, err
	}
	tracers := trace.NewTracerProvider(trace.WithSyncer(spans)) // each as it ends: the process may be killed
	seen, err := coreotel.New(coreotel.Config{TracerProvider: tracers})
	return watch{
		logger:   slog.New(slog.NewJSONHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		observer: seen,
		close:    func() error { return errors.Join(tracers.Shutdown(context.Background()), log.Close()) },
	}, err
}

// all returns those observers that there are as one.
func all(observers ...observe.Observer) observe.Observer {
	observers = slices.DeleteFunc(observers, func(o observe.Observer) bool { return o == nil })
	if len(observers) == 0 {
		return nil
	}
	return observe.Multi(observers)
}
