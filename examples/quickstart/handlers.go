package main

import (
	"context"

	"github.com/quartz-cluster/quartz/core"
	"github.com/quartz-cluster/quartz/examples/internal/stage"
)

// The classes: what a job says is to be run, and what a handler is found by.
const (
	sendInvoice = "invoice.send"
	buildReport = "report.build"
	sendMail    = "mail.send"
	runBackup   = "backup.run"
)

// The data of the jobs. The back office stores it as JSON, and the handlers get
// it decoded. Pretend is how long the work takes.
type (
	invoice struct {
		Customer string        `json:"customer"`
		Pretend  stage.Pretend `json:"pretendMs"`
	}
	report struct {
		Region  string        `json:"region"`
		Pretend stage.Pretend `json:"pretendMs"`
	}
	mail struct {
		To      string        `json:"to"`
		Pretend stage.Pretend `json:"pretendMs"`
	}
	backup struct {
		Disk    string        `json:"disk"`
		Pretend stage.Pretend `json:"pretendMs"`
	}
)

// newHandlers registers what a node of this app can run.
func newHandlers() *core.Handlers {
	handlers := core.NewHandlers()
	core.Handle(handlers, sendInvoice, func(ctx context.Context, _ *core.Fire, data invoice) error { return data.Pretend.Work(ctx) })
	core.Handle(handlers, buildReport, func(ctx context.Context, _ *core.Fire, data report) error { return data.Pretend.Work(ctx) })
	core.Handle(handlers, sendMail, func(ctx context.Context, _ *core.Fire, data mail) error { return data.Pretend.Work(ctx) })
	core.Handle(handlers, runBackup, func(ctx context.Context, _ *core.Fire, data backup) error { return data.Pretend.Work(ctx) })
	return handlers
}
