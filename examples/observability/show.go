package main

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"maps"
	"net"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/quartz-cluster/quartz/client"
	clientotel "github.com/quartz-cluster/quartz/client/otel"
	"github.com/quartz-cluster/quartz/examples/internal/stage"
	"github.com/quartz-cluster/quartz/internal/prometheus"
)

//go:embed prometheus/prometheus.yml prometheus/rules.yml
var files embed.FS

// usual is where Prometheus listens unless somebody else does; Grafana expects it there.
const usual = "127.0.0.1:9090"

// show is one performance.
type show struct {
	*stage.Stage

	server   *prometheus.Server
	metrics  []string // addresses of the nodes
	begun    time.Time
	alerts   map[string]string // states, by what they are about
	fired    map[string]bool   // by name
	leaving  bool
	problems []string
}

// perform runs the show, and reports whether the alerts have fired that must.
func perform(ctx context.Context, on *stage.Stage) (ok bool, err error) {
	if _, err := prometheus.Find(); err != nil {
		return false, err
	}
	s := &show{Stage: on, begun: time.Now(), alerts: map[string]string{}, fired: map[string]bool{}}
	defer func() {
		s.leaving = true
		s.Stop(s.hear)
	}()
	shown, err := newTelemetry(ctx, appName+"-office", "office")
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, shown.close(context.WithoutCancel(ctx))) }()
	office, err := client.New(on.DB, client.Config{
		TablePrefix: on.Prefix, Actor: "example", Tracer: clientotel.New(clientotel.Config{TracerProvider: shown.tracers}),
	})
	if err != nil {
		return false, err
	}
	for range 2 {
		if _, err := s.Start(ctx, s.hear); err != nil {
			return false, err
		}
	}
	if err := open(ctx, office); err != nil {
		return false, err
	}
	folder, err := os.MkdirTemp("", "quartz-prometheus-")
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	if s.server, err = s.watch(ctx, folder); err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, s.server.Stop()) }()
	s.welcome()
	interrupted, err := s.play(ctx)
	if err != nil || interrupted {
		return interrupted, err
	}
	return s.account(ctx)
}

// watch starts Prometheus on a folder with the rules and the nodes' addresses.
func (s *show) watch(ctx context.Context, folder string) (*prometheus.Server, error) {
	for _, name := range []string{"prometheus.yml", "rules.yml"} {
		text, err := files.ReadFile("prometheus/" + name)
		if err != nil {
			return nil, err
		}
		if err := os.WriteFile(filepath.Join(folder, name), text, 0o600); err != nil {
			return nil, err
		}
	}
	if err := prometheus.Targets(folder, s.metrics...); err != nil {
		return nil, err
	}
	address := usual
	if free, err := net.Listen("tcp", usual); err != nil {
		address = "127.0.0.1:0"
		s.printf("%s is taken: Prometheus listens elsewhere, where Grafana will not find it.\n", usual)
	} else if err := free.Close(); err != nil {
		return nil, err
	}
	return prometheus.Start(ctx, folder, address)
}

func (s *show) printf(format string, args ...any) { fmt.Fprintf(s.Out, format, args...) }

func (s *show) welcome() {
	s.printf("\nPrometheus asks %v. Look for %s:\n", s.metrics, s.Duration)
	for _, page := range []string{"targets", "alerts", "graph?g0.tab=0&g0.expr=sum%20by%20(quartz_outcome)%20(rate(quartz_fires_total%5B1m%5D))"} {
		s.printf("  %s/%s\n", s.server.URL, page)
	}
	s.printf("  http://127.0.0.1:3000/d/quartz   with docker compose -f examples/observability/docker-compose.yml up -d\n\n")
}

// play lets things happen until the time is over or somebody interrupts.
func (s *show) play(ctx context.Context) (interrupted bool, err error) {
	over, kill := time.After(s.Duration), time.After(s.Duration/3)
	look := time.NewTicker(time.Second)
	defer look.Stop()
	for {
		select {
		case e := <-s.Events:
			s.hear(e)
		case <-kill:
			s.tell("node-2 is KILLED by the back office")
			if err := s.Kill("node-2"); err != nil {
				return false, err
			}
		case <-look.C:
			if err := s.look(ctx); err != nil && ctx.Err() == nil {
				return false, err
			}
		case <-over:
			return false, nil
		case <-ctx.Done():
			return true, nil // Ctrl-C is how most shows end
		}
	}
}

func (s *show) tell(format string, args ...any) {
	s.printf("%7.1fs  %s\n", time.Since(s.begun).Seconds(), fmt.Sprintf(format, args...))
}

// hear takes in what a node tells.
func (s *show) hear(e stage.Event) {
	switch {
	case e.Kind == stage.Serving:
		s.metrics = append(s.metrics, e.Text)
	case e.Kind == stage.Joined:
		s.tell("%s has joined", e.Node)
	case e.Kind == stage.Removed:
		s.tell("%s removes %s: its lease is over", e.Node, e.Peer)
	case e.Kind == stage.Gone && e.Text != "" && !s.leaving:
		s.problems = append(s.problems, fmt.Sprintf("%s ended by itself: %s", e.Node, e.Text))
	}
}

// look prints what has become of alerts.
func (s *show) look(ctx context.Context) error {
	all, err := s.server.Alerts(ctx)
	if err != nil {
		return err
	}
	now := map[string]string{}
	for _, a := range all {
		about := a.Name() + ": " + a.Annotations["summary"]
		now[about] = a.State
		if s.alerts[about] != a.State {
			s.tell("%-7s  %s. %s", a.State, about, a.Annotations["description"])
		}
		s.fired[a.Name()] = s.fired[a.Name()] || a.State == "firing"
	}
	for _, about := range slices.Sorted(maps.Keys(s.alerts)) {
		if now[about] == "" {
			s.tell("cleared  %s", about)
		}
	}
	s.alerts = now
	return nil
}

// account prints what Prometheus has counted, also on the node that is gone, and says
// whether it has noticed what went wrong.
func (s *show) account(ctx context.Context) (bool, error) {
	counted, err := s.server.Query(ctx, "sum by (instance, quartz_outcome) (max_over_time(quartz_fires_total[1h]))")
	if err != nil {
		return false, err
	}
	s.printf("\nFires that Prometheus knows of:\n")
	for _, c := range counted {
		s.printf("  %-18s %-10s %6.0f\n", c.Labels["instance"], c.Labels["quartz_outcome"], c.Points[0].Value)
	}
	for _, name := range []string{"QuartzFiresFailing", "QuartzNodeLost"} {
		if !s.fired[name] {
			s.problems = append(s.problems, name+" has not fired")
		}
	}
	for _, p := range s.problems {
		s.printf("FAILED: %s\n", p)
	}
	return len(s.problems) == 0, nil
}
