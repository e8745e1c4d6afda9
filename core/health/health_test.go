package health

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/core"
)

// ask asks a probe.
func ask(t *testing.T, probe http.Handler) (int, Report) {
	t.Helper()
	answer := httptest.NewRecorder()
	probe.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/", nil))
	require.Equal(t, "application/json", answer.Header().Get("Content-Type"))
	require.Equal(t, "no-store", answer.Header().Get("Cache-Control"))
	var report Report
	require.NoError(t, json.Unmarshal(answer.Body.Bytes(), &report))
	require.Equal(t, answer.Code == http.StatusOK, report.OK)
	return answer.Code, report
}

// of is the health of nodes that stand so.
func of(c Config, all ...core.Status) *Health {
	c.StallAfter = time.Minute
	h := &Health{cfg: c}
	for _, s := range all {
		h.nodes = append(h.nodes, func() core.Status { return s })
	}
	return h
}

// runs is a node at work, but for what change does.
func runs(change func(s *core.Status)) core.Status {
	s := core.Status{App: "billing", Key: "worker-1", NodeID: 7, State: core.StateRunning, LastBeat: time.Now(), LastTry: time.Now(), LastScan: time.Now()}
	change(&s)
	return s
}

func codes(r NodeReport) (out []string) {
	for _, p := range r.Problems {
		out = append(out, p.Code)
	}
	return out
}

// example is a node that has the problem of a code.
var example = map[string]func(s *core.Status){
	"not_started":    func(s *core.Status) { *s = core.Status{State: core.StateNew} },
	"not_registered": func(s *core.Status) { s.State, s.LastBeat = core.StateRegistering, time.Time{} },
	"lease_lost":     func(s *core.Status) { s.State = core.StateRegistering },
	"database_away":  func(s *core.Status) { s.AwaySince = time.Now().Add(-time.Hour) },
	"scan_failing":   func(s *core.Status) { s.ScanFailingSince = s.LastScan.Add(-scanGrace) },
	"clock_skewed":   func(s *core.Status) { s.Quiet, s.Skew = core.QuietSkewed, time.Hour },
	"standby":        func(s *core.Status) { s.Quiet = core.QuietStandby },
	"paused":         func(s *core.Status) { s.Quiet = core.QuietPaused },
	"drained":        func(s *core.Status) { s.Quiet = core.QuietDrained },
	"app_paused":     func(s *core.Status) { s.Quiet = core.QuietAppPaused },
	"maintenance":    func(s *core.Status) { s.Quiet = core.QuietMaintenance },
	"draining":       func(s *core.Status) { s.State = core.StateDraining },
	"stopped":        func(s *core.Status) { s.State, s.LastTry = core.StateStopped, time.Now().Add(-time.Hour) },
	"failed":         func(s *core.Status) { s.State, s.Error = core.StateStopped, "left behind" },
	"stalled":        func(s *core.Status) { s.LastTry = time.Now().Add(-61 * time.Second) },
}

// The package comment's table is what the probes answer.
func TestTheProblemsOfThePackageComment(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("doc.go")
	require.NoError(t, err)
	_, table, found := strings.Cut(string(text), "what it means\n")
	require.True(t, found)
	table, _, _ = strings.Cut(table, "\n//\n")
	told := map[string]bool{}
	for row := range strings.Lines(table) {
		cells := strings.Fields(strings.TrimPrefix(row, "//"))
		code, live, ready := cells[0], cells[1], cells[2]
		told[code] = true
		change := example[code]
		require.NotNil(t, change, code)
		want := func(cell string) int {
			if strings.HasPrefix(cell, "503") {
				return http.StatusServiceUnavailable
			}
			return http.StatusOK
		}
		h := of(Config{}, runs(change))
		status, report := ask(t, h.Live())
		require.Equal(t, want(live), status, code)
		require.Equal(t, []string{code}, codes(report.Nodes[0]))
		require.NotContains(t, report.Nodes[0].Problems[0].Text, "%")
		status, report = ask(t, h.Ready())
		require.Equal(t, want(ready), status, code)
		require.Equal(t, []string{code}, codes(report.Nodes[0]))

		status, _ = ask(t, of(Config{HeldIsReady: true}, runs(change)).Ready())
		if strings.HasSuffix(ready, "*") {
			ready = "ok"
		}
		require.Equal(t, want(ready), status, code)
	}
	require.Len(t, told, len(example))
	status, report := ask(t, of(Config{}, runs(func(s *core.Status) { s.LastScan = time.Now().Add(-61 * time.Second) })).Live())
	require.Equal(t, http.StatusServiceUnavailable, status)
	require.Equal(t, []string{"stalled"}, codes(report.Nodes[0]))
	one := runs(func(s *core.Status) { s.LastScan = time.Now().Add(-30 * time.Second); s.ScanFailingSince = s.LastScan })
	status, report = ask(t, of(Config{}, one).Ready())
	require.Equal(t, http.StatusOK, status, "one look alone, of a node that looks once a minute")
	require.Empty(t, report.Nodes[0].Problems)
	for q := range quiet {
		require.True(t, told[quiet[q].Code], q)
	}
}

func TestOneBadNodeOfSeveral(t *testing.T) {
	t.Parallel()
	good := runs(func(*core.Status) {})
	status, report := ask(t, of(Config{}, good).Ready())
	require.Equal(t, http.StatusOK, status)
	require.Equal(t, []NodeReport{{App: "billing", Node: "worker-1", State: core.StateRunning, OK: true}}, report.Nodes)

	since := time.Now().Add(-2 * time.Hour).Round(0)
	bad := runs(func(s *core.Status) {
		s.Key, s.AwaySince, s.LastTry, s.Quiet = "worker-2", since, since, core.QuietPaused
	})
	status, report = ask(t, of(Config{}, good, bad).Live())
	require.Equal(t, http.StatusServiceUnavailable, status)
	require.True(t, report.Nodes[0].OK)
	require.False(t, report.Nodes[1].OK)
	require.Equal(t, []string{"stalled", "database_away", "paused"}, codes(report.Nodes[1]))
	require.True(t, since.Equal(report.Nodes[1].Problems[1].Since))
}

func TestOtherMethodsAreRefused(t *testing.T) {
	t.Parallel()
	answer := httptest.NewRecorder()
	of(Config{}, runs(func(*core.Status) {})).Live().ServeHTTP(answer, httptest.NewRequest(http.MethodPost, "/", nil))
	require.Equal(t, http.StatusMethodNotAllowed, answer.Code)
	require.Equal(t, "GET, HEAD", answer.Header().Get("Allow"))
}

func TestNewNamesTheFieldOfABadConfig(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		config Config
		nodes  []*core.Node
		says   string
	}{
		{Config{StallAfter: time.Second}, []*core.Node{{}}, "health: quartz: Config.StallAfter must be from 10s to 24h0m0s, not 1s"},
		{Config{StallAfter: 25 * time.Hour}, []*core.Node{{}}, "not 25h0m0s"},
	} {
		_, err := New(test.config, test.nodes...)
		var bad *core.ConfigError
		require.ErrorAs(t, err, &bad)
		require.ErrorContains(t, err, test.says)
	}
	_, err := New(Config{})
	require.EqualError(t, err, "health: New needs at least one node")
	_, err = New(Config{}, nil)
	require.EqualError(t, err, "health: node 0 is nil")
}
