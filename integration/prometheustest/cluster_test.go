package prometheustest

import (
	"cmp"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/integration/internal/operator"
	"github.com/quartz-cluster/quartz/integration/internal/server"
	"github.com/quartz-cluster/quartz/integration/internal/testdb"
	"github.com/quartz-cluster/quartz/integration/internal/worker"
	"github.com/quartz-cluster/quartz/internal/prometheus"
	"github.com/quartz-cluster/quartz/schema"
)

const (
	app = "watched"
	// scrapes is what Prometheus takes: two scrapes and an evaluation, of a second each.
	scrapes = 3 * time.Second
	// allowance is for the machine, which other tests load. It bounds a failure: how long it
	// took is logged.
	allowance = time.Minute
)

// cluster is worker processes, and the server that watches them.
type cluster struct {
	*prometheus.Server

	t        *testing.T
	database *server.Server
	db       testdb.DB
	clock    worker.Clock // the workers take it for the database's
	client   *client.Client
	folder   string // of Prometheus
	ledgers  string
	limits   map[string]time.Duration
	nodes    map[string]*worker.Process // each with one node of that key
	started  int
}

func newCluster(t *testing.T) *cluster {
	t.Helper()
	c := &cluster{
		t: t, database: server.New(t, testdb.Postgres), folder: t.TempDir(), ledgers: t.TempDir(), limits: alerts(t), nodes: map[string]*worker.Process{},
	}
	c.db = testdb.NewOn(t, testdb.Postgres, c.database.DSN)
	require.NoError(t, schema.Migrate(t.Context(), c.db.Gorm, schema.Options{Logger: slog.New(slog.DiscardHandler)}))
	var err error
	c.clock, err = worker.NewClock(t.TempDir(), 0, 0)
	require.NoError(t, err)
	c.client, err = client.New(c.db.Gorm)
	require.NoError(t, err)
	for name, text := range map[string]string{
		"prometheus.yml": strings.ReplaceAll(read(t, files, "prometheus.yml"), ": 2s", ": 1s"),
		"rules.yml":      quick(t, read(t, files, "rules.yml")),
	} {
		require.NoError(t, os.WriteFile(filepath.Join(c.folder, name), []byte(text), 0o600))
	}
	require.NoError(t, prometheus.Targets(c.folder))
	c.Server, err = prometheus.Start(t.Context(), c.folder, "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, c.Stop()) })
	return c
}

// start starts a worker, and tells Prometheus of it.
func (c *cluster) start(key string) {
	c.t.Helper()
	c.started++
	c.nodes[key] = worker.Start(c.t, worker.Config{
		Process: fmt.Sprintf("%s-%d", key, c.started), Kind: c.db.Kind, DSN: c.db.DSN, Clock: c.clock.Path, Ledger: c.ledgers,
		Nodes: []worker.Node{{App: app, Key: key}}, Metrics: true,
	})
	c.target()
}

// kill ends a worker by force. Prometheus goes on asking for it.
func (c *cluster) kill(key string) {
	c.nodes[key].Kill()
}

func (c *cluster) target() {
	c.t.Helper()
	var addresses []string
	for _, key := range slices.Sorted(maps.Keys(c.nodes)) {
		addresses = append(addresses, c.nodes[key].Metrics)
	}
	require.NoError(c.t, prometheus.Targets(c.folder, addresses...))
}

// add adds a job of a class with one execute.
func (c *cluster) add(class string, schedule client.Schedule, options ...client.ExecuteOption) *client.ExecuteInfo {
	c.t.Helper()
	job, err := c.client.AddJob(c.t.Context(), client.Job{App: app, Class: class, Name: class, Data: operator.Data{Revision: 1}})
	require.NoError(c.t, err)
	execute, err := c.client.AddExecute(c.t.Context(), job.ID, schedule, options...)
	require.NoError(c.t, err)
	return execute
}

// fires waits until an alert of that name fires that has those labels, and holds it to
// the time that the docs state.
func (c *cluster) fires(name string, since time.Time, labels ...string) {
	c.t.Helper()
	limit, known := c.limits[name]
	require.True(c.t, known, name)
	limit += scrapes
	c.await(since.Add(limit+allowance), name+" fires", func(firing []prometheus.Alert) bool {
		return slices.ContainsFunc(firing, func(a prometheus.Alert) bool { return a.Name() == name && has(a, labels) })
	})
	c.t.Logf("%s fires after %.1f s; stated are %s", name, time.Since(since).Seconds(), limit)
}

func has(a prometheus.Alert, labels []string) bool {
	for i := 0; i < len(labels); i += 2 {
		if a.Labels[labels[i]] != labels[i+1] {
			return false
		}
	}
	return true
}

// clear waits until none of these alerts fires any more, without names until none at all.
func (c *cluster) clear(names ...string) {
	c.t.Helper()
	const memory = 5 * time.Minute / factor // what the rules look back on
	since := time.Now()
	what := cmp.Or(strings.Join(names, " and "), "all") + " clear"
	c.await(since.Add(memory+scrapes+allowance), what, func(firing []prometheus.Alert) bool {
		return !slices.ContainsFunc(firing, func(a prometheus.Alert) bool { return len(names) == 0 || slices.Contains(names, a.Name()) })
	})
	c.t.Logf("%s after %.1f s", what, time.Since(since).Seconds())
}

// await asks what is firing until that will do.
func (c *cluster) await(deadline time.Time, what string, will func(firing []prometheus.Alert) bool) {
	c.t.Helper()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for ; ; <-tick.C {
		all, err := c.Alerts(c.t.Context())
		require.NoError(c.t, err)
		if will(slices.DeleteFunc(slices.Clone(all), func(a prometheus.Alert) bool { return a.State != "firing" })) {
			return
		}
		require.True(c.t, time.Now().Before(deadline), "not in time: %s. Alerts are %v", what, all)
	}
}

// holds waits until an expression has an answer.
func (c *cluster) holds(expression string) []prometheus.Series {
	c.t.Helper()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(time.Minute); ; <-tick.C {
		answer, err := c.Query(c.t.Context(), expression)
		require.NoError(c.t, err)
		if len(answer) > 0 {
			return answer
		}
		require.True(c.t, time.Now().Before(deadline), "no answer: %s", expression)
	}
}
