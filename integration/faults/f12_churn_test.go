package faults

import (
	"context"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/integration/internal/checker"
	"github.com/quartz-cluster/quartz/integration/internal/ledger"
	"github.com/quartz-cluster/quartz/integration/internal/worker"
)

// F12: nodes join, leave and are ended by force every few seconds, two of them
// under one key, one of them with fewer handlers, beside a transaction that keeps
// the database from cleaning up behind the claims.
func TestF12NodesComeAndGo(t *testing.T) {
	each(t, "F12", func(t *testing.T, c *cluster) {
		rate, distance := rate(), 2*time.Second
		if long() {
			rate, distance = 500, 5*time.Second
		}
		begin := c.clock.Latest()
		end := begin.Add(level(t, 14*time.Second))
		c.load(rate, end)
		c.start("host", "host", "south")
		c.oldSnapshot()
		few := func(cfg *worker.Config) { cfg.Nodes[0].Classes = []string{worker.Quick, worker.Failing} }
		seed := uint64(time.Now().UnixNano())
		t.Logf("random seed %d", seed)
		random := rand.New(rand.NewPCG(seed, seed))
		for i := 0; c.clock.Latest().Before(end.Add(-3 * time.Second)); i++ {
			c.wait(distance)
			n := c.nodes[1+random.IntN(len(c.nodes)-1)] // the first stays
			if i%2 == 0 {
				c.kill(n)
			} else {
				c.leave(n)
			}
			if i%3 == 0 {
				c.launch("few", few).AwaitReady(t)
			} else {
				c.launch("host").AwaitReady(t)
			}
		}
		c.until(end)
		report := c.finish()
		if long() && rate > 0 {
			first, last := c.lateness(begin, end)
			t.Logf("late p99 %s in the first quarter, %s in the last; %d runs", first, last, report.Runs)
			require.LessOrEqual(t, last, 3*max(first, time.Second))
		}
	})
}

// leave lets a node stop in good order.
func (c *cluster) leave(n *node) {
	c.t.Helper()
	c.tried.Add(1)
	n.Stop(c.t)
	c.nodes = slices.DeleteFunc(c.nodes, func(other *node) bool { return other == n })
}

// oldSnapshot opens a transaction that sees the tables as they are now, until the
// test ends, as a forgotten session does.
func (c *cluster) oldSnapshot() {
	c.t.Helper()
	pool, err := c.db.Gorm.DB()
	require.NoError(c.t, err)
	conn, err := pool.Conn(c.t.Context())
	require.NoError(c.t, err)
	c.t.Cleanup(func() { _ = conn.Close() })
	begin := []string{"START TRANSACTION WITH CONSISTENT SNAPSHOT"}
	if c.db.Gorm.Name() == "postgres" {
		begin = []string{"BEGIN ISOLATION LEVEL REPEATABLE READ", "SELECT COUNT(*) FROM QRTZ_EXECUTE"}
	}
	for _, query := range begin {
		_, err := conn.ExecContext(c.t.Context(), query)
		require.NoError(c.t, err)
	}
	c.t.Cleanup(func() { _, _ = conn.ExecContext(context.WithoutCancel(c.t.Context()), "ROLLBACK") })
}

// lateness returns the 99th percentile of how late runs started, of the first
// quarter of the time and of the last.
func (c *cluster) lateness(begin, end time.Time) (first, last time.Duration) {
	quarter := end.Sub(begin) / 4
	return p99(c.in.Ledger, begin, begin.Add(quarter)), p99(c.in.Ledger, end.Add(-quarter), end)
}

func p99(all *ledger.Ledger, from, until time.Time) time.Duration {
	var of []time.Duration
	for _, run := range all.Runs {
		if run.Attempt == 1 && !run.Nominal.Before(from) && run.Nominal.Before(until) {
			of = append(of, run.Start.Sub(run.Nominal))
		}
	}
	slices.Sort(of)
	return checker.Quantile(of, 0.99)
}
