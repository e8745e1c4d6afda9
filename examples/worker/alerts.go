package main

import (
	"context"
	"log/slog"

	"github.com/quartz-cluster/quartz/core/alert"
)

// newAlerts logs what goes wrong on the node, once when it begins and once when it is
// over: send it to where people look.
func newAlerts(logger *slog.Logger) (*alert.Alerts, error) {
	return alert.New(alert.Config{Logger: logger, Listener: func(ctx context.Context, a alert.Alert) {
		if a.Over.IsZero() {
			logger.ErrorContext(ctx, "alert", "id", a.ID(), "what", a.Message)
		} else {
			logger.InfoContext(ctx, "alert over", "id", a.ID(), "what", a.Message)
		}
	}})
}
