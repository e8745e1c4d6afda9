package main

import (
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/quartz-cluster/quartz/core"
)

// serveReady answers GET /ready with 200 while the node is registered and with
// 503 while it is not. Without an address it does nothing.
func serveReady(address string, node *core.Node) (stop func(), err error) {
	if address == "" {
		return func() {}, nil
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("-listen: %w", err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /ready", func(w http.ResponseWriter, _ *http.Request) {
		if node.Key() == "" {
			http.Error(w, "not registered", http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, "registered as", node.Key())
	})
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
