package main

import (
	"context"
	"time"

	"github.com/quartz-cluster/quartz/core"
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
		Customer string  `json:"customer"`
		Pretend  pretend `json:"pretendMs"`
	}
	report struct {
		Region  string  `json:"region"`
		Pretend pretend `json:"pretendMs"`
	}
	mail struct {
		To      string  `json:"to"`
		Pretend pretend `json:"pretendMs"`
	}
	backup struct {
		Disk    string  `json:"disk"`
		Pretend pretend `json:"pretendMs"`
	}
)

// newHandlers registers what a node of this app can run.
func newHandlers() *core.Handlers {
	handlers := core.NewHandlers()
	core.Handle(handlers, sendInvoice, func(ctx context.Context, _ *core.Fire, data invoice) error { return data.Pretend.work(ctx) })
	core.Handle(handlers, buildReport, func(ctx context.Context, _ *core.Fire, data report) error { return data.Pretend.work(ctx) })
	core.Handle(handlers, sendMail, func(ctx context.Context, _ *core.Fire, data mail) error { return data.Pretend.work(ctx) })
	core.Handle(handlers, runBackup, func(ctx context.Context, _ *core.Fire, data backup) error { return data.Pretend.work(ctx) })
	return handlers
}

// pretend is a number of milliseconds.
type pretend int64

// work takes its time, and gives up when the run is cut off.
func (p pretend) work(ctx context.Context) error {
	timer := time.NewTimer(time.Duration(p) * time.Millisecond)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
