package main

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/quartz-cluster/quartz/core"
)

// Invoice is the data of the jobs of class invoice.send.
type Invoice struct {
	Number string `json:"number"`
	Email  string `json:"email"`
}

// Report is the data of the jobs of class report.build.
type Report struct {
	Name  string `json:"name"`
	Pages int    `json:"pages"`
}

// newHandlers registers what this worker can run.
func newHandlers(logger *slog.Logger) *core.Handlers {
	handlers := core.NewHandlers()

	core.Handle(handlers, "invoice.send", func(ctx context.Context, fire *core.Fire, invoice Invoice) error {
		if invoice.Email == "" {
			return errors.New("the invoice has no email") // the fire is recorded as FAILED with these words
		}
		// Execute and nominal time are the same for whoever runs this fire: a
		// mail server that is given both can tell a second sending.
		logger.InfoContext(ctx, "invoice sent", "number", invoice.Number, "execute", fire.ExecuteID, "due", fire.NominalTime)
		return nil
	})

	core.Handle(handlers, "report.build", func(ctx context.Context, fire *core.Fire, report Report) error {
		for page := 1; page <= report.Pages; page++ {
			logger.InfoContext(ctx, "page built", "report", report.Name, "page", page, "due", fire.NominalTime)
			if err := pause(ctx, 100*time.Millisecond); err != nil {
				return err // core.ErrStopped or core.ErrLeaseLost
			}
		}
		return nil
	})
	return handlers
}

// pause stands for work that looks at its context.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
