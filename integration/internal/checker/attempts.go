package checker

import (
	"slices"
	"time"

	"github.com/quartz-cluster/quartz/integration/internal/ledger"
	"github.com/quartz-cluster/quartz/schema"
)

// carriers are the kinds of children that carry a fire of their origin's
// schedule, which the origin does not count before it has ended.
var carriers = []schema.Origin{schema.ChildRetry, schema.ChildRecovery, schema.ChildOverlap}

// carried counts the fires of each execute that wait or run in a child.
func carried(rows []schema.Execute) map[int64]int64 {
	n := map[int64]int64{}
	for _, row := range rows {
		if slices.Contains(carriers, row.Origin) {
			n[row.OriginID]++
		}
	}
	return n
}

// attempts checks the attempts of each fire against each other: a later one needs
// a policy that allows it, and begins only once the one before it has ended.
func (c *check) attempts() {
	all := map[fire][]ledger.Run{}
	for _, run := range c.Ledger.Runs {
		key := fire{execute: run.Execute, nominal: run.Nominal.UnixMilli(), node: c.copyOf(run)}
		all[key] = append(all[key], run)
	}
	for key, runs := range all {
		slices.SortStableFunc(runs, func(a, b ledger.Run) int { return a.Attempt - b.Attempt })
		row := c.rows[key.execute]
		last := runs[len(runs)-1]
		if last.Attempt > 1 && row.Recover == 0 && row.RetryMax == 0 {
			c.report.add(Rerun, key.execute, "it allows neither retries nor recoveries: %s", about(last))
		}
		c.report.Again += len(runs) - 1
		for i := 1; i < len(runs); i++ {
			before, after := runs[i-1], runs[i]
			if after.Resumed < before.Mark {
				c.report.add(Forgotten, key.execute, "the checkpoint %d of %s; it was given %d: %s", before.Mark, about(before), after.Resumed, about(after))
			}
			putBack := c.jumped(c.at(before)) && c.jumped(after.Start) // the clock, between the two
			if before.Attempt != after.Attempt && c.at(before).After(after.Start) && !putBack {
				c.report.add(Beside, key.execute, "%s, which ended %s; meanwhile: %s", about(before), clock(before.End), about(after))
			}
		}
	}
}

// at is up to when a run went on for sure.
func (c *check) at(run ledger.Run) time.Time {
	if run.End.IsZero() || slices.Contains(c.Zombies, run.Process) {
		return run.Start
	}
	return run.End
}

// masters checks that what only the master may run ran on one node at a time.
func (c *check) masters() {
	newest := map[string]ledger.Run{} // by app: the run that goes on the longest
	for _, run := range c.Ledger.Runs {
		if c.rows[run.Execute].RunOn != schema.RunOnMaster {
			continue
		}
		before, found := newest[run.App]
		if found && before.Fence != run.Fence && c.at(before).After(run.Start) {
			c.report.add(TwoMasters, run.Execute, "%s, until %s; meanwhile: %s", about(before), clock(before.End), about(run))
		}
		if !found || c.at(run).After(c.at(before)) {
			newest[run.App] = run
		}
	}
}

// jumped reports whether the database's clock was moved at about that time.
func (c *check) jumped(at time.Time) bool {
	return slices.ContainsFunc(c.Jumps, func(j Jump) bool { return !at.Before(j.From) && !at.After(j.Until) })
}
