package checker

import (
	"time"

	"github.com/quartz-cluster/quartz/schema"
)

// recent checks the last fires that the rows keep: each was a run, unless it never
// began, was lost or was there before; none is there twice; and whoever has fired
// keeps some.
func (c *check) recent() {
	ran := map[fire]bool{}
	for _, run := range c.Ledger.Runs {
		ran[fire{run.Execute, run.Nominal.UnixMilli(), run.Attempt, run.Fence}] = true
	}
	for _, row := range c.Inherited {
		for _, f := range schema.Recent(row.Recent) {
			ran[remembered(row, f)] = true
		}
	}
	for _, row := range c.Executes {
		execute := row.ID
		fires := schema.Recent(row.Recent)
		if row.FireCount > 0 && len(fires) == 0 {
			c.report.add(Misremembered, execute, "%d fires completed, and it keeps none", row.FireCount)
		}
		seen := map[fire]bool{}
		for _, f := range fires {
			key := remembered(row, f)
			if seen[key] || f.Started != 0 && f.Outcome != schema.Lost && !ran[key] {
				c.report.add(Misremembered, execute, "%s at %s, attempt %d, on node id %d: it is there twice, or nothing ran",
					f.Outcome, clock(time.UnixMilli(f.Nominal)), f.Attempt, f.NodeID)
			}
			seen[key] = true
		}
	}
}

// remembered returns which fire an entry tells of: that of a child may stand in its
// origin by and by.
func remembered(row schema.Execute, f schema.PastFire) fire {
	execute := row.ID
	if row.Origin != "" {
		execute = row.OriginID
	}
	return fire{execute, f.Nominal, f.Attempt, f.NodeID}
}
