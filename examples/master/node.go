package main

import (
	"context"

	"gorm.io/gorm"

	"github.com/quartz-cluster/quartz/core"
	"github.com/quartz-cluster/quartz/examples/internal/stage"
)

// task is the data of both jobs.
type task struct {
	Pretend stage.Pretend `json:"pretendMs"`
}

// runNode is one of the nodes. Nothing in it is about the master: which executes
// that one runs is said where they are added, and who it is by default is the
// oldest node. Config.Elector would decide otherwise, Config.NeverMaster keep this
// node out.
func runNode(ctx context.Context, db *gorm.DB, cfg stage.NodeConfig, book *stage.Ledger) error {
	handlers := core.NewHandlers()
	core.Handle(handlers, work, func(ctx context.Context, _ *core.Fire, data task) error { return data.Pretend.Work(ctx) })
	node, err := core.New(db, core.Config{
		App: appName, NodeKey: cfg.Key, TablePrefix: cfg.Prefix, Handlers: handlers, Logger: cfg.Logger(),
		Middleware: []core.Middleware{book.Runs}, Observer: book,
		Lease: cfg.Lease, Heartbeat: cfg.Lease / 5, Margin: cfg.Lease / 10, HandlerInterval: cfg.Lease * 3 / 5,
	})
	if err != nil {
		return err
	}
	return node.Run(ctx)
}
