package checker

import (
	"slices"
	"time"

	"github.com/quartz-cluster/quartz/schema"
)

// eachExecute checks the account of every execute that was added.
func (c *check) eachExecute() {
	ran := map[int64]map[int64]bool{}
	for _, run := range c.Ledger.Runs {
		if ran[run.Execute] == nil {
			ran[run.Execute] = map[int64]bool{}
		}
		ran[run.Execute][run.Nominal.UnixMilli()] = true
	}
	for execute, h := range c.histories {
		if slices.Contains(c.Wild, execute) {
			continue
		}
		c.report.Executes++
		row, found := c.rows[execute]
		if !h.gone.IsZero() {
			if found {
				c.report.add(LeftBehind, execute, "its row is there, although it was deleted")
			}
			continue
		}
		if !found {
			c.report.add(Missing, execute, "its row is gone")
			continue
		}
		c.held(execute, h)
		c.account(row, h, ran[execute])
	}
}

func (c *check) account(row schema.Execute, h *history, ran map[int64]bool) {
	if row.RunOn == schema.RunOnAll {
		c.copies(row, h, ran)
		return
	}
	due, last, err := h.instants(row)
	if err != nil {
		c.report.add(Miscounted, row.ID, "%v", err)
		return
	}
	skipped := row.SkipCount - h.calls[0].Row.Skipped
	c.report.Instants += int64(len(due))
	c.report.Skipped += skipped
	c.report.Lost += row.LostCount

	gaps, strays := compare(due, ran)
	inFlight := c.carried[row.ID]
	if row.FireTime != 0 {
		inFlight++
		c.report.add(LeftBehind, row.ID, "the fire at %s is in flight", clock(time.UnixMilli(row.FireTime)))
	}
	if over := int64(len(gaps)) - skipped - row.LostCount - inFlight; over > 0 {
		c.report.add(Missing, row.ID, "%d of %d instants did not run, but %d were skipped and %d lost: %s",
			len(gaps), len(due), skipped, row.LostCount, times(gaps))
	}
	if len(strays) > 0 {
		c.report.add(Stray, row.ID, "it ran at %s, which are no instants of its schedules", times(strays))
	}
	if n := row.FireCount + row.LostCount + skipped + inFlight; n != int64(len(due)) {
		c.report.add(Miscounted, row.ID, "%d completed, %d lost, %d skipped, %d in flight, but there were %d instants",
			row.FireCount, row.LostCount, skipped, inFlight, len(due))
	}
	if n := int64(len(ran)); n < row.FireCount || n > row.FireCount+row.LostCount+inFlight {
		c.report.add(Miscounted, row.ID, "%d fires ran, but %d completed and %d lost", n, row.FireCount, row.LostCount)
	}
	if row.Recover > 0 && row.LostCount > 0 && !c.Exhausted {
		c.report.add(LostRecoverable, row.ID, "%d fires were lost", row.LostCount)
	}
	if last != 0 && !ran[last] && row.LostCount == 0 && inFlight == 0 && row.Misfire != schema.Skip && !occupied(row) {
		c.report.add(LastNotRun, row.ID, "its last instant is %s", times([]int64{last}))
	}
	c.skips(row, h, len(due), skipped)
	c.state(row)
}

// copies checks an execute that runs on all nodes: as these come and go, each with
// a copy of its own, all that is known is that nothing else ran than its instants.
func (c *check) copies(row schema.Execute, h *history, ran map[int64]bool) {
	var newest int64
	for at := range ran {
		newest = max(newest, at)
	}
	due, err := h.followed(newest+1, (2 * c.Grace).Milliseconds())
	if err != nil {
		c.report.add(Miscounted, row.ID, "%v", err)
		return
	}
	if _, strays := compare(due, ran); len(strays) > 0 {
		c.report.add(Stray, row.ID, "it ran at %s, which are no instants of its schedules", times(strays))
	}
	if len(ran) == 0 && len(due) > 0 {
		c.report.add(Missing, row.ID, "none of its %d instants ran on any node", len(due))
	}
}

// skips checks that FIRE_ALL leaves nothing out that is within its bound.
func (c *check) skips(row schema.Execute, h *history, due int, skipped int64) {
	bound := row.CatchUp
	if bound == 0 {
		bound = defaultCatchUp
	}
	if row.Misfire == schema.FireAll && !occupied(row) && skipped > 0 && h.edits == 0 && due <= bound {
		c.report.add(Skipped, row.ID, "FIRE_ALL skipped %d of %d instants", skipped, due)
	}
}

// occupied reports whether an execute's running fire, or a deadline, lets it skip
// instants that are not missed.
func occupied(row schema.Execute) bool {
	return row.Overlap == schema.SkipOverlap || row.Overlap == schema.Queue || row.Deadline > 0
}

// state checks where an execute was left.
func (c *check) state(row schema.Execute) {
	switch {
	case row.State == schema.Executing && row.NextFireTime == 0 && row.FireTime == 0 && c.carried[row.ID] == 0:
		c.report.add(Overdue, row.ID, "it has nothing left to fire and is not COMPLETE")
	case row.State == schema.Error:
		c.report.add(Miscounted, row.ID, "it is in ERROR: %s", row.LastError)
	case c.Stopped.IsZero() || row.State != schema.Executing || row.NextFireTime == 0:
	case time.UnixMilli(row.NextFireTime).Add(c.Grace).Before(c.Stopped) && c.newest[row.ID].Add(c.Grace).Before(c.Stopped):
		c.report.add(Overdue, row.ID, "due since %s, stopped at %s", clock(time.UnixMilli(row.NextFireTime)), clock(c.Stopped))
	}
}

// compare returns the instants that did not run, and those that ran without
// being instants.
func compare(due []int64, ran map[int64]bool) (gaps, strays []int64) {
	is := make(map[int64]bool, len(due))
	for _, at := range due {
		is[at] = true
		if !ran[at] {
			gaps = append(gaps, at)
		}
	}
	for at := range ran {
		if !is[at] {
			strays = append(strays, at)
		}
	}
	slices.Sort(strays)
	return gaps, strays
}

func times(all []int64) string {
	text := ""
	for i, at := range all {
		if i == shown {
			return text + " …"
		}
		text += " " + clock(time.UnixMilli(at))
	}
	return text[1:]
}
