package faults

import (
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/integration/internal/checker"
	"github.com/quartz-cluster/quartz/integration/internal/ledger"
	"github.com/quartz-cluster/quartz/integration/internal/worker"
	"github.com/quartz-cluster/quartz/schema"
)

// finish waits until the cluster has come to terms with everything, stops it and
// has the checker look.
func (c *cluster) finish() *checker.Report {
	c.t.Helper()
	c.settle()
	c.in.Stopped = c.clock.Earliest()
	var stopping sync.WaitGroup
	for _, n := range c.nodes {
		stopping.Go(func() { n.Stop(c.t) })
	}
	stopping.Wait()
	return c.check()
}

// check holds the ledger against the tables, and prints the line of figures.
func (c *cluster) check() *checker.Report {
	c.t.Helper()
	var err error
	c.in.Ledger, err = ledger.Read(c.ledgers)
	require.NoError(c.t, err)
	c.in.Executes = c.executes(c.t.Context())
	for i := range c.in.Executes {
		row := &c.in.Executes[i]
		before := c.inherited[row.ID]
		row.FireCount, row.LostCount = row.FireCount-before.FireCount, row.LostCount-before.LostCount
	}
	c.in.Nodes = rowsOf[schema.Node](c.t.Context(), c, "QRTZ_NODE")
	report := checker.Check(c.in)
	faults := report.Faults()
	tried := c.tried.Load()
	survived := tried
	if len(faults) > 0 || c.t.Failed() {
		survived = 0
	}
	fmt.Fprintf(os.Stdout, "\nfault %s %s tried=%d survived=%d fires=%d again=%d lost=%d doubled=%d lost_unaccounted=%d recovery=%.1fs\n",
		c.fault, c.db.Kind, tried, survived, report.Runs, report.Again, report.Lost,
		faults[checker.Doubled]+faults[checker.Beside], faults[checker.Missing], c.recovery(c.in.Ledger).Seconds())
	c.t.Log(report)
	require.Empty(c.t, faults)
	return report
}

// undisturbed checks that no fire was lost or taken from its node.
func (c *cluster) undisturbed(report *checker.Report) {
	c.t.Helper()
	require.Zero(c.t, report.Lost)
	for _, run := range c.in.Ledger.Runs {
		require.True(c.t, run.Attempt == 1 || run.Class == worker.Failing, "only what failed runs again: %+v", run)
	}
}

// late is what a fire may be late by when nothing is wrong.
const late = time.Second

// recovery returns the longest time from the end of a disturbance, or from when a
// fire was due if that was later, until an execute made headway again. What it
// has to catch up with then is lateness.
func (c *cluster) recovery(all *ledger.Ledger) time.Duration {
	var longest time.Duration
	for i, over := range c.over {
		first := map[int64]bool{}
		for _, run := range all.Runs {
			switch {
			case run.Start.Before(over) || first[run.Execute]:
				continue
			case i+1 < len(c.over) && run.Start.After(c.over[i+1]):
				continue // it may be the next disturbance that held it up
			}
			first[run.Execute] = true
			if run.Start.Sub(run.Nominal) <= late {
				continue
			}
			from := over
			if run.Nominal.After(over) {
				from = run.Nominal
			}
			longest = max(longest, run.Start.Sub(from))
		}
	}
	return longest
}
