package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"github.com/quartz-cluster/quartz/core"
	"github.com/quartz-cluster/quartz/core/observe"
	"github.com/quartz-cluster/quartz/integration/internal/lab"
	"github.com/quartz-cluster/quartz/integration/internal/testdb"
	"github.com/quartz-cluster/quartz/pgnotify"
)

// quartz is a worker as a user writes it, with a handler that does nothing.
type quartz struct {
	nodes []*core.Node
	close func() error
}

func openQuartz(_ context.Context, cfg config, t *tally) (engine, error) {
	db, err := testdb.OpenDSN(cfg.Kind, cfg.DSN)
	if err != nil {
		return nil, err
	}
	pool, err := db.DB()
	if err != nil {
		return nil, err
	}
	pool.SetMaxOpenConns(cmp.Or(cfg.Pool, 10))
	pool.SetMaxIdleConns(cmp.Or(cfg.Pool, 10))
	if cfg.Watched {
		if err := t.watch(db); err != nil {
			return nil, err
		}
	}
	handlers := core.NewHandlers()
	handlers.Add(class, func(_ context.Context, fire *core.Fire) error {
		t.started(fire.ExecuteID, fire.NominalTime)
		return nil
	})
	var listener core.Listener
	if cfg.Woken {
		if listener, err = pgnotify.NewListener(pgnotify.Config{DSN: cfg.DSN}); err != nil {
			return nil, err
		}
	}
	q := &quartz{close: pool.Close}
	var observer observe.Observer = observe.Func(t.observe)
	logger := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	watch := func(*core.Node) error { return nil }
	if cfg.Seen {
		seen, err := see(t)
		if err != nil {
			return nil, err
		}
		observer, watch, logger = observe.Multi{observer, seen.Observer, seen.alerts}, seen.Watch, seen.logger
		q.close = func() error { return errors.Join(seen.close(), pool.Close()) }
	}
	for i := range max(cfg.Nodes, 1) {
		node, err := core.New(db, core.Config{
			App: app, NodeKey: fmt.Sprintf("%d-%d", os.Getpid(), i), Handlers: handlers, Slots: cfg.Slots, Listener: listener,
			MisfireThreshold: 24 * time.Hour, // what is due before the worker starts is simply run
			Logger:           logger,
			Observer:         observer,
		})
		if err == nil {
			err = watch(node)
		}
		if err != nil {
			return nil, err
		}
		q.nodes = append(q.nodes, node)
	}
	return q, nil
}

func (q *quartz) start(ctx context.Context) error {
	for _, n := range q.nodes {
		if err := n.Start(ctx); err != nil {
			return err
		}
	}
	for _, n := range q.nodes {
		<-n.Ready()
	}
	return nil
}

func (q *quartz) stop(ctx context.Context) error {
	errs := make(chan error, len(q.nodes))
	for _, n := range q.nodes {
		go func() { errs <- n.Stop(ctx) }()
	}
	var err error
	for range q.nodes {
		err = errors.Join(err, <-errs)
	}
	return errors.Join(err, q.close())
}

func (t *tally) observe(_ context.Context, e observe.Event) {
	if e.Kind == observe.Completed {
		t.complete(e.Time)
	} else if i := slices.Index(oddities[:], e.Kind); i >= 0 {
		t.odd[i].Add(max(e.Count, 1))
	}
}

// watch counts all statements, and what the claims among them ask for.
func (t *tally) watch(db *gorm.DB) error {
	pool, err := lab.Wrap(db)
	if err != nil {
		return err
	}
	t.statements = pool.Sent
	pool.Hook(lab.Claim, lab.Hook{Before: func(_ string, args []any) error {
		asked := len(args)
		if ids, ok := args[0].(string); ok { // PostgreSQL is given them as one array
			asked = strings.Count(ids, ",") + 1
		}
		t.asked.Add(int64(asked))
		return nil
	}})
	return nil
}
