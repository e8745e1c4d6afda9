package worker

import (
	"context"
	"errors"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	exporter "go.opentelemetry.io/otel/exporters/prometheus"
	"go.opentelemetry.io/otel/sdk/metric"

	"github.com/quartz-cluster/quartz/core"
	"github.com/quartz-cluster/quartz/core/observe"
	coreotel "github.com/quartz-cluster/quartz/core/otel"
)

// metrics are what the process shows to Prometheus. Nil shows nothing.
type metrics struct {
	observer *coreotel.Observer
	provider *metric.MeterProvider
	server   *http.Server
	address  string
	served   chan struct{} // closed when nothing is any more
}

// showMetrics serves /metrics on a free port.
func showMetrics(cfg Config) (*metrics, error) {
	if !cfg.Metrics {
		return nil, nil //nolint:nilnil // see the type
	}
	registry := prometheus.NewRegistry()
	reader, err := exporter.New(exporter.WithRegisterer(registry))
	if err != nil {
		return nil, err
	}
	m := &metrics{provider: metric.NewMeterProvider(metric.WithReader(reader)), served: make(chan struct{})}
	if m.observer, err = coreotel.New(coreotel.Config{MeterProvider: m.provider}); err != nil {
		return nil, err
	}
	listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	m.address = listener.Addr().String()
	mux := http.NewServeMux()
	mux.Handle("/metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	m.server = &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	go func() {
		defer close(m.served)
		_ = m.server.Serve(listener) // until it is closed
	}()
	return m, nil
}

// observers is that of a node's configuration.
func (m *metrics) observers() observe.Observer {
	if m == nil {
		return nil
	}
	return m.observer
}

func (m *metrics) watch(node *core.Node) error {
	if m == nil {
		return nil
	}
	return m.observer.Watch(node)
}

// where is the address, empty where there is none.
func (m *metrics) where() string {
	if m == nil {
		return ""
	}
	return m.address
}

func (m *metrics) close() error {
	if m == nil {
		return nil
	}
	err := m.server.Close()
	<-m.served
	return errors.Join(err, m.provider.Shutdown(context.Background()))
}
