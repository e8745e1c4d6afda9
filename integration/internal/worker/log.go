package worker

import (
	"context"
	"io"
	"log/slog"

	"github.com/quartz-cluster/quartz/core/observe"
)

// expected are the events that a worker under load has by design: they would
// bury the others.
var expected = map[observe.Kind]bool{observe.Failed: true, observe.Misfired: true, observe.Skipped: true}

// newLogger returns a logger of what should not happen.
func newLogger(w io.Writer, process string) *slog.Logger {
	return slog.New(unexpected{slog.NewTextHandler(w, &slog.HandlerOptions{Level: slog.LevelWarn})}).With("process", process)
}

type unexpected struct{ slog.Handler }

// Handle implements slog.Handler.
func (h unexpected) Handle(ctx context.Context, r slog.Record) error {
	drop := false
	r.Attrs(func(a slog.Attr) bool {
		drop = a.Key == "event" && expected[observe.Kind(a.Value.String())]
		return !drop && a.Key != "event"
	})
	if drop {
		return nil
	}
	return h.Handler.Handle(ctx, r)
}

// WithAttrs implements slog.Handler.
func (h unexpected) WithAttrs(attrs []slog.Attr) slog.Handler {
	return unexpected{h.Handler.WithAttrs(attrs)}
}

// WithGroup implements slog.Handler.
func (h unexpected) WithGroup(name string) slog.Handler {
	return unexpected{h.Handler.WithGroup(name)}
}
