package faults

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/integration/internal/checker"
	"github.com/quartz-cluster/quartz/integration/internal/ledger"
	"github.com/quartz-cluster/quartz/integration/internal/operator"
	"github.com/quartz-cluster/quartz/integration/internal/proxy"
	"github.com/quartz-cluster/quartz/integration/internal/testdb"
	"github.com/quartz-cluster/quartz/integration/internal/worker"
	"github.com/quartz-cluster/quartz/internal/sqldb"
	"github.com/quartz-cluster/quartz/schema"
)

const (
	app = "faults"
	// grace is how long something due may wait once nothing is wrong any more: a
	// lease and two periods of the ClusterMisfireHandler.
	grace = 11 * time.Second
	// patience bounds what must come about. It bounds a failure, not the product.
	patience = 5 * time.Minute
	// pool is how many connections a node has: what it needs, and little more.
	pool = 5
)

// keys are the nodes that most clusters have.
var keys = []string{"north", "south", "west"}

// cluster is a database with the four tables, the processes on it, each behind a
// proxy, and their ledgers.
type cluster struct {
	*operator.Operator

	t       *testing.T
	fault   string
	db      testdb.DB
	own     *sqldb.DB // statements of the test's own
	clock   *ledger.Clock
	moved   *worker.Clock // stands in for the database's; nil: none does
	lease   time.Duration // of each node; 0 is core's default
	ledgers string
	file    *ledger.File
	jobs    map[string]*client.JobInfo
	nodes   []*node // that live
	started int

	tried atomic.Int64 // disturbances
	over  []time.Time  // when each disturbance ended
	kills []kill
	in    checker.Input // what the checker must know

	inherited map[int64]schema.Execute // as a backup had them
}

// node is a worker process with one node, and its way to the database.
type node struct {
	*worker.Process

	key   string
	proxy *proxy.Proxy
}

func newCluster(t *testing.T, fault string, db testdb.DB) *cluster {
	t.Helper()
	return newClusterAt(t, fault, db, nil)
}

// newClusterAt takes a clock that everybody takes for the database's.
func newClusterAt(t *testing.T, fault string, db testdb.DB, moved *worker.Clock) *cluster {
	t.Helper()
	c := &cluster{t: t, fault: fault, db: db, moved: moved, ledgers: t.TempDir(), jobs: map[string]*client.JobInfo{}}
	c.in.Grace, c.in.Slow = grace, []string{worker.Endless}
	file, err := ledger.Create(c.ledgers, "operator")
	require.NoError(t, err)
	c.file = file
	t.Cleanup(func() { _ = file.Close() })
	if moved != nil {
		require.NoError(t, db.Gorm.Use(sqldb.Clock(moved.Millis)))
		c.clock = ledger.GivenClock(moved.Now)
	} else {
		single, err := testdb.OpenDSN(db.Kind, db.DSN)
		require.NoError(t, err)
		conns, err := single.DB()
		require.NoError(t, err)
		t.Cleanup(func() { _ = conns.Close() })
		c.clock, err = ledger.NewClock(t.Context(), single)
		require.NoError(t, err)
		t.Cleanup(c.clock.Close)
	}
	require.NoError(t, schema.Migrate(t.Context(), db.Gorm, schema.Options{Logger: slog.New(slog.DiscardHandler)}))
	c.own, err = sqldb.New(db.Gorm, sqldb.Config{})
	require.NoError(t, err)
	c.Operator, err = operator.New(db.Gorm, file, c.clock)
	require.NoError(t, err)
	_, err = c.Client.EnsureApp(t.Context(), app)
	require.NoError(t, err)
	return c
}

// launch starts a worker process with one node under that key, behind a proxy.
func (c *cluster) launch(key string, change ...func(*worker.Config)) *node {
	c.t.Helper()
	c.started++
	p := proxy.New(c.t, c.db.Kind, c.db.DSN)
	cfg := worker.Config{
		Process: fmt.Sprintf("%s-%d", key, c.started), Kind: c.db.Kind, DSN: p.DSN, Direct: c.db.DSN, Ledger: c.ledgers,
		Nodes: []worker.Node{{App: app, Key: key}}, Pool: pool, Lease: c.lease,
	}
	if c.moved != nil {
		cfg.Clock = c.moved.Path
	}
	for _, f := range change {
		f(&cfg)
	}
	n := &node{Process: worker.Launch(c.t, cfg), key: key, proxy: p}
	c.nodes = append(c.nodes, n)
	return n
}

// start starts the usual nodes, or those of the given keys, and waits for them.
func (c *cluster) start(as ...string) {
	c.t.Helper()
	if len(as) == 0 {
		as = keys
	}
	started := make([]*node, len(as))
	for i, key := range as {
		started[i] = c.launch(key)
	}
	for _, n := range started {
		n.AwaitReady(c.t)
	}
}

// buried takes a node that was killed out of the account of the living.
func (c *cluster) buried(n *node) {
	c.in.Killed = append(c.in.Killed, n.Name())
	c.over = append(c.over, c.clock.Latest())
	c.nodes = slices.DeleteFunc(c.nodes, func(other *node) bool { return other == n })
}

// kill ends a node's process by force.
func (c *cluster) kill(n *node) {
	c.tried.Add(1)
	n.Kill()
	c.buried(n)
}

// out runs a disturbance and remembers when it ended.
func (c *cluster) out(disturb func()) {
	disturb()
	c.over = append(c.over, c.clock.Latest())
}

// members returns the node ids of the live nodes by their keys.
func (c *cluster) members() map[string]int64 {
	c.t.Helper()
	ids := map[string]int64{}
	for _, n := range rowsOf[schema.Node](c.t.Context(), c, "QRTZ_NODE") {
		if n.NodeID != 0 {
			ids[n.Key] = n.NodeID
		}
	}
	return ids
}

// memberID returns the node id of a process: that of the newest registration under
// its key, which is key#2 while the registration before it is still there.
func (c *cluster) memberID(n *node) int64 {
	c.t.Helper()
	var newest int64
	for key, id := range c.members() {
		if base, _, _ := strings.Cut(key, "#"); base == n.key {
			newest = max(newest, id)
		}
	}
	return newest
}

// settle waits until the cluster has come to terms with what was done to it: its
// node list is that of the living, nothing is in flight elsewhere, no fire of before
// waits for another attempt or is still beside its schedule, and what is finite is
// done.
func (c *cluster) settle() {
	c.t.Helper()
	since := c.clock.Earliest().UnixMilli()
	c.await("all is accounted for", func(ctx context.Context) string {
		nodes := rowsOf[schema.Node](ctx, c, "QRTZ_NODE")
		live := map[int64]bool{}
		var listed, own []string
		for _, n := range nodes {
			if n.NodeID != 0 {
				live[n.NodeID] = true
				listed = append(listed, n.Key)
			}
		}
		for _, n := range c.nodes {
			own = append(own, n.key)
		}
		slices.Sort(listed)
		slices.Sort(own)
		if len(listed) != len(own) {
			return fmt.Sprintf("the nodes are %v, listed are %v", own, listed)
		}
		var left []string
		now := c.clock.Earliest().UnixMilli()
		for _, e := range c.executes(ctx) {
			finite := e.RepeatCount > 0 || e.EndTime > 0
			switch {
			case e.FireTime != 0 && !live[e.FireNode],
				e.Origin == "" && e.State == schema.Executing && (e.NextFireTime == 0 && e.FireTime == 0 || finite),
				e.Origin != "" && e.Origin != schema.ChildAll && e.StartTime < since:
				left = append(left, fmt.Sprintf("%d %s of %d, %s %s, due %d ms ago, in flight %t on node %d, last error %q",
					e.ID, e.Origin, e.OriginID, e.JobType, e.State, now-e.NextFireTime, e.FireTime != 0, e.FireNode, e.LastError))
			}
		}
		if len(left) == 0 {
			return ""
		}
		return fmt.Sprintf("%d executes are not done: %s", len(left), strings.Join(left[:min(len(left), 5)], "; "))
	})
}

// await asks until there is nothing to say, or fails with the last answer.
func (c *cluster) await(what string, ask func(ctx context.Context) string) {
	c.t.Helper()
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for {
		answer := ask(c.t.Context())
		if answer == "" {
			return
		}
		select {
		case <-deadline.C:
			require.FailNow(c.t, fmt.Sprintf("within %s it did not come about that %s", patience, what), answer)
		case <-tick.C:
		}
	}
}

// wait lets time pass.
func (c *cluster) wait(d time.Duration) {
	c.t.Helper()
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-c.t.Context().Done():
		require.NoError(c.t, c.t.Context().Err())
	case <-timer.C:
	}
}

// until waits for a time on the database's clock.
func (c *cluster) until(at time.Time) {
	c.t.Helper()
	c.wait(at.Sub(c.clock.Earliest()))
}

func (c *cluster) executes(ctx context.Context) []schema.Execute {
	c.t.Helper()
	return rowsOf[schema.Execute](ctx, c, "QRTZ_EXECUTE")
}

// rowsOf reads a table as the product does.
func rowsOf[T any](ctx context.Context, c *cluster, table string) []T {
	c.t.Helper()
	rows, err := sqldb.Select[T](ctx, c.own, "SELECT "+sqldb.Columns[T]("")+" FROM "+table)
	require.NoError(c.t, err)
	return rows
}

// exec sends a statement of the test's own.
func (c *cluster) exec(query string, args ...any) {
	c.t.Helper()
	_, err := c.own.Exec(c.t.Context(), query, args...)
	require.NoError(c.t, err)
}
