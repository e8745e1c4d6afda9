package checker

import (
	"time"

	"github.com/quartz-cluster/quartz/schema"
)

// recent checks the last fires that the rows keep: each was a run, unless it never
// began or was lost, and none is there twice; and whoever has fired keeps some.
func (c *check) recent() {
	ran := map[fire]bool{}
	for _, run := range c.Ledger.Runs {
		ran[fire{run.Execute, run.Nominal.UnixMilli(), run.Attempt, run.Fence}] = true
	}
	for _, row := range c.Executes {
		execute := row.ID
		if row.Origin == schema.ChildAll {
			execute = row.OriginID
		}
		fires := schema.Recent(row.Recent)
		if row.FireCount > 0 && len(fires) == 0 {
			c.report.add(Misremembered, execute, "%d fires completed, and it keeps none", row.FireCount)
		}
		seen := map[fire]bool{}
		for _, f := range fires {
			key := fire{execute, f.Nominal, f.Attempt, f.NodeID}
			if seen[key] || f.Started != 0 && f.Outcome != schema.Lost && !ran[key] {
				c.report.add(Misremembered, execute, "%s at %s, attempt %d, on node id %d: it is there twice, or nothing ran",
					f.Outcome, clock(time.UnixMilli(f.Nominal)), f.Attempt, f.NodeID)
			}
			seen[key] = true
		}
	}
}
