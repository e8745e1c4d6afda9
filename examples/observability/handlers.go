package main

import (
	"context"
	"errors"

	"github.com/quartz-cluster/quartz/core"
	"github.com/quartz-cluster/quartz/examples/internal/stage"
)

// The classes.
const (
	sendInvoice = "invoice.send"
	buildReport = "report.build"
	sendMail    = "mail.send"
)

// task is the data of the jobs.
type task struct {
	To      string        `json:"to"`
	Pretend stage.Pretend `json:"pretendMs"` // how long it takes
}

func newHandlers() *core.Handlers {
	handlers := core.NewHandlers()
	core.Handle(handlers, sendInvoice, func(ctx context.Context, _ *core.Fire, t task) error { return t.Pretend.Work(ctx) })
	core.Handle(handlers, buildReport, func(ctx context.Context, _ *core.Fire, t task) error { return t.Pretend.Work(ctx) })
	core.Handle(handlers, sendMail, func(ctx context.Context, _ *core.Fire, t task) error {
		if t.To == "" {
			return errors.New("the mail has no address") // of which there is one: see office.go
		}
		return t.Pretend.Work(ctx)
	})
	return handlers
}
