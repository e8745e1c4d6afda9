package main

import (
	"context"
	"errors"
	"net"
	"net/http"
	"time"

	"gorm.io/gorm"

	"github.com/quartz-cluster/quartz/core"
	"github.com/quartz-cluster/quartz/core/observe"
	coreotel "github.com/quartz-cluster/quartz/core/otel"
	"github.com/quartz-cluster/quartz/examples/internal/stage"
)

// runNode is a worker that shows what it does: an Observer for everything that happens,
// which is given the node as well for its gauges, and an address where Prometheus finds
// the figures.
func runNode(ctx context.Context, db *gorm.DB, cfg stage.NodeConfig, book *stage.Ledger) (err error) {
	shown, err := newTelemetry(ctx, appName, cfg.Key)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, shown.close(context.WithoutCancel(ctx))) }()
	seen, err := coreotel.New(coreotel.Config{MeterProvider: shown.meters, TracerProvider: shown.tracers})
	if err != nil {
		return err
	}
	node, err := core.New(db, core.Config{
		App: appName, NodeKey: cfg.Key, TablePrefix: cfg.Prefix,
		Handlers: newHandlers(),
		Slots:    8,
		Observer: observe.Multi{book, seen},
		Logger:   shown.logger(cfg.Logger()),
		Lease:    cfg.Lease, Heartbeat: cfg.Lease / 5, Margin: cfg.Lease / 10, HandlerInterval: cfg.Lease * 3 / 5,
	})
	if err != nil {
		return err
	}
	if err := seen.Watch(node); err != nil {
		return err
	}
	stop, err := serveMetrics(shown.handler(), func(address string) { book.Serves(cfg.Key, address) })
	if err != nil {
		return err
	}
	defer stop()
	return node.Run(ctx)
}

// serveMetrics answers Prometheus, on any free port as all nodes are on one machine.
func serveMetrics(handler http.Handler, at func(address string)) (stop func(), err error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", handler)
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(listener) // until it is closed
	}()
	at(listener.Addr().String())
	return func() {
		_ = server.Close()
		<-done
	}, nil
}
