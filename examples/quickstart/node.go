package main

import (
	"context"

	"gorm.io/gorm"

	"github.com/quartz-cluster/quartz/core"
	"github.com/quartz-cluster/quartz/examples/internal/stage"
)

// runNode is a worker: it runs what is due until ctx ends, then drains and leaves.
// With a lease of 5 s all times are the defaults; a shorter lease shortens what
// goes with it.
func runNode(ctx context.Context, db *gorm.DB, cfg stage.NodeConfig, book *stage.Ledger) error {
	node, err := core.New(db, core.Config{
		App: appName, NodeKey: cfg.Key, TablePrefix: cfg.Prefix,
		Handlers:   newHandlers(),
		Middleware: []core.Middleware{book.Runs}, // tells the back office what runs,
		Observer:   book,                         // and what else happens
		Logger:     cfg.Logger(),
		Lease:      cfg.Lease, Heartbeat: cfg.Lease / 5, Margin: cfg.Lease / 10, HandlerInterval: cfg.Lease * 3 / 5,
	})
	if err != nil {
		return err
	}
	return node.Run(ctx)
}
