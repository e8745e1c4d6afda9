package faults

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/integration/internal/checker"
	"github.com/quartz-cluster/quartz/integration/internal/worker"
	"github.com/quartz-cluster/quartz/schema"
)

// F9: thousands of executes are overdue when three nodes start at once: each
// policy with each type, as late as the misfire threshold and somewhat more or
// less. Twenty fresh ones must not wait for them to be done, and one that cannot
// be scheduled holds up nobody.
func TestF9EverythingIsOverdue(t *testing.T) {
	each(t, "F9", func(t *testing.T, c *cluster) {
		const threshold, spread, batch = 4 * time.Second, 5 * time.Second, 500
		n := 2000
		if long() {
			n = 50_000
		}
		begin := c.clock.Latest().Add(time.Duration(n) * 10 * time.Millisecond) // adding takes its time on a busy machine
		executes := make([]client.Execute, n)
		for i := range executes {
			executes[i] = overdue(i, begin.Add(time.Duration(i)*spread/time.Duration(n)))
		}
		for from := 0; from < n; from += batch {
			c.add(worker.Quick, executes[from:min(from+batch, n)]...)
		}
		poison := c.poison()
		c.until(begin.Add(spread + time.Second))

		c.tried.Add(int64(n))
		for _, key := range keys {
			c.launch(key, func(cfg *worker.Config) { cfg.MisfireThreshold = threshold })
		}
		for _, node := range c.nodes {
			node.AwaitReady(t)
		}
		fresh := make([]client.Execute, 20)
		for i := range fresh {
			fresh[i] = client.Execute{Schedule: client.At(c.clock.Latest().Add(10 * time.Second))}
		}
		c.add(worker.Short, fresh...)
		c.over = append(c.over, c.clock.Latest())
		report := c.finish()
		var waited time.Duration
		for _, run := range c.in.Ledger.Runs {
			if run.Class == worker.Short {
				waited = max(waited, run.Start.Sub(run.Nominal))
			}
		}
		t.Logf("the fresh ones waited for up to %s; the others started late by up to %s", waited, checker.Quantile(report.New, 1))
		if long() {
			require.Less(t, waited, 10*time.Second)
		}
		for _, row := range c.executes(t.Context()) {
			if row.ID == poison {
				require.Equal(t, schema.Error, row.State)
				require.NotEmpty(t, row.LastError)
			}
		}
	})
}

// overdue returns an execute of a type and a policy that begins at the time.
func overdue(i int, at time.Time) client.Execute {
	e := client.Execute{Policies: client.Policies{Misfire: schema.Misfires[i%len(schema.Misfires)]}}
	switch i / len(schema.Misfires) % 3 {
	case 0:
		e.Schedule = client.At(at)
	case 1:
		e.Schedule = client.Every(700 * time.Millisecond).Times(3).StartAt(at)
	default:
		e.Schedule = client.Cron("* * * * * ?", zones[i%len(zones)]).StartAt(at).Until(at.Add(2 * time.Second))
	}
	return e
}

// poison adds an execute that cannot be scheduled, past the client.
func (c *cluster) poison() int64 {
	c.t.Helper()
	id := c.add(worker.Failing, client.Execute{Schedule: client.Now(), Paused: true})[0]
	c.in.Wild = append(c.in.Wild, int64(id))
	c.exec("UPDATE QRTZ_EXECUTE SET STATE = 'EXECUTING', JOB_TYPE = 'CRON', CRON = 'not a cron', NEXT_FIRE_TIME = 1 WHERE ID = ?", int64(id))
	return int64(id)
}
