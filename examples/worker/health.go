package main

import (
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/quartz-cluster/quartz/core"
	"github.com/quartz-cluster/quartz/core/health"
)

// serveHealth answers the probes of worker.yaml on /livez and /readyz. Without an
// address it does nothing.
func serveHealth(address string, node *core.Node) (stop func(), err error) {
	if address == "" {
		return func() {}, nil
	}
	// A rollout goes on while an operator has paused the app.
	h, err := health.New(health.Config{HeldIsReady: true}, node)
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("-listen: %w", err)
	}
	mux := http.NewServeMux()
	mux.Handle("/livez", h.Live())
	mux.Handle("/readyz", h.Ready())
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(listener) // until it is closed
	}()
	return func() {
		_ = server.Close()
		<-done
	}, nil
}
