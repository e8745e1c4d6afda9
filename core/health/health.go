package health

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/quartz-cluster/quartz/core"
)

// Config says when the answer is 503.
type Config struct {
	// StallAfter is for how long a node's heartbeat or scan may stand still, without an
	// answer or an error, from 10 s to 24 h: more than its Heartbeat, or ScanInterval, and
	// some CallTimeouts together. Defaults to 1 min.
	StallAfter time.Duration

	// HeldIsReady counts a node as ready that claims nothing because an operator holds
	// it or its app, so that a rollout goes on while an app is paused. Defaults to false.
	HeldIsReady bool
}

// Health answers for the nodes of a process.
type Health struct {
	cfg   Config
	nodes []func() core.Status
}

// New returns the health of one or several nodes. It fails with a [core.ConfigError], and
// where there is no node or one is nil.
func New(c Config, nodes ...*core.Node) (*Health, error) {
	if c.StallAfter == 0 {
		c.StallAfter = time.Minute
	}
	if c.StallAfter < 10*time.Second || c.StallAfter > 24*time.Hour {
		return nil, fmt.Errorf("health: %w", &core.ConfigError{Field: "StallAfter", Value: c.StallAfter, Reason: "must be from 10s to 24h0m0s"})
	}
	if len(nodes) == 0 {
		return nil, errors.New("health: New needs at least one node")
	}
	h := &Health{cfg: c}
	for i, n := range nodes {
		if n == nil {
			return nil, fmt.Errorf("health: node %d is nil", i)
		}
		h.nodes = append(h.nodes, n.Status)
	}
	return h, nil
}

// Report is the answer.
type Report struct {
	OK    bool         `json:"ok"`
	Nodes []NodeReport `json:"nodes"`
}

// NodeReport is how one node stands.
type NodeReport struct {
	App      string     `json:"app"`
	Node     string     `json:"node"` // key
	State    core.State `json:"state"`
	OK       bool       `json:"ok"`
	Problems []Problem  `json:"problems,omitempty"` // including those that do not fail the probe
}

// Live returns the handler of the liveness probe.
func (h *Health) Live() http.Handler {
	return h.handler(func(p Problem) bool { return p.fatal })
}

// Ready returns the handler of the readiness probe.
func (h *Health) Ready() http.Handler {
	return h.handler(func(p Problem) bool { return !p.held || !h.cfg.HeldIsReady })
}

// handler answers 503 where a problem counts.
func (h *Health) handler(counts func(Problem) bool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
			return
		}
		report := Report{OK: true}
		for _, status := range h.nodes {
			s := status()
			one := NodeReport{App: s.App, Node: s.Key, State: s.State, OK: true, Problems: problems(s, h.cfg.StallAfter, time.Now())}
			for _, p := range one.Problems {
				one.OK = one.OK && !counts(p)
			}
			report.OK = report.OK && one.OK
			report.Nodes = append(report.Nodes, one)
		}
		w.Header().Set("Content-Type", "application/json")
		if !report.OK {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		_ = json.NewEncoder(w).Encode(report) // whoever asked has gone
	})
}
