package pgnotify

import (
	"context"
	"fmt"
	"log/slog"

	"gorm.io/gorm"
)

// Notifier is the Notifier of package client on PostgreSQL. Its zero value is ready
// for use, by any number of clients.
type Notifier struct {
	// Logger receives what PostgreSQL refuses to tell: the client's call goes on
	// without it. Defaults to slog.Default().
	Logger *slog.Logger
}

// Notify tells a hint to the nodes of app once the transaction commits.
func (n Notifier) Notify(ctx context.Context, tx *gorm.DB, app, hint string) error {
	err := tx.WithContext(ctx).Exec("SELECT pg_notify(?, ?)", channel(app), hint).Error
	if err == nil {
		return nil
	}
	logger := n.Logger
	if logger == nil {
		logger = slog.Default()
	}
	logger.WarnContext(ctx, "nodes were not notified: they see what is due with their next scan", "app", app, "error", err)
	return fmt.Errorf("pgnotify: %w", err)
}
