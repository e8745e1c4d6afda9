package checker

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/quartz-cluster/quartz/integration/internal/ledger"
	"github.com/quartz-cluster/quartz/schema"
)

// defaultCatchUp is how many missed instants FIRE_ALL runs where the execute
// does not say.
const defaultCatchUp = 1000

// Input is what a test has to show.
type Input struct {
	Ledger *ledger.Ledger
	// Executes and Nodes are the tables after all processes have ended.
	Executes []schema.Execute
	Nodes    []schema.Node
	// Stopped is the database's time at which the processes were told to stop:
	// what had been due for longer than Grace by then must have been making
	// headway. Saturation is lateness; standing still is not.
	Stopped time.Time
	Grace   time.Duration
	// Slow are classes that take longer than the distance between their fires:
	// they are late by design and left out of the report's figures.
	Slow []string
	// Killed are the processes that were ended by force: their runs may be
	// without an end.
	Killed []string
}

type fire struct {
	execute, nominal int64
	attempt          int
}

type check struct {
	Input
	report    *Report
	rows      map[int64]schema.Execute
	histories map[int64]*history
	newest    map[int64]time.Time // start of the newest run of an execute
}

// Check returns what the test came to.
func Check(in Input) *Report {
	c := &check{
		Input: in, report: &Report{Runs: len(in.Ledger.Runs)},
		rows: map[int64]schema.Execute{}, histories: histories(in.Ledger.Calls),
		newest: map[int64]time.Time{},
	}
	for _, row := range in.Executes {
		c.rows[row.ID] = row
	}
	c.eachRun()
	c.eachExecute()
	for _, n := range in.Nodes {
		if n.NodeID != 0 {
			c.report.add(LeftBehind, 0, "node %s of %s is still registered under node id %d", n.Key, n.Application, n.NodeID)
		}
	}
	slices.Sort(c.report.Late)
	slices.Sort(c.report.New)
	return c.report
}

// eachRun checks what a run tells by itself or beside its twins.
func (c *check) eachRun() {
	calls := c.Ledger.Calls
	executes := pauses(calls, ledger.Paused, ledger.Resumed, ahead, func(l ledger.Call) string { return id(l.Execute) })
	jobs := pauses(calls, ledger.JobPaused, ledger.JobResumed, ahead+effect, func(l ledger.Call) string { return id(l.Job) })
	nodes := pauses(calls, ledger.NodePaused, ledger.NodeResumed, ahead+effect, func(l ledger.Call) string { return l.App + "/" + l.Node })
	first := map[fire]ledger.Run{}
	owners := map[string]ledger.Run{}
	for _, run := range c.Ledger.Runs {
		key := fire{run.Execute, run.Nominal.UnixMilli(), run.Attempt}
		if other, twice := first[key]; twice {
			c.report.add(Doubled, run.Execute, "%s, and before: %s", about(run), about(other))
		}
		first[key], c.newest[run.Execute] = run, run.Start // runs come by their start
		fence := run.App + "/" + id(run.Fence)
		if other, taken := owners[fence]; taken && (other.Process != run.Process || other.Node != run.Node) {
			c.report.add(SharedFence, 0, "%s, and before: %s", about(run), about(other))
		}
		owners[fence] = run
		h, row := c.histories[run.Execute], c.rows[run.Execute]
		switch {
		case h == nil:
			c.report.add(Stray, run.Execute, "nobody added the execute of: %s", about(run))
			continue
		case run.App != row.Application:
			c.report.add(Stray, run.Execute, "it belongs to %s, not to %s of: %s", row.Application, run.App, about(run))
		}
		if run.Start.Before(run.Nominal) {
			c.report.add(Early, run.Execute, "by %s: %s", run.Nominal.Sub(run.Start), about(run))
		}
		if during(run, executes[id(run.Execute)]) || during(run, jobs[id(h.job)]) || during(run, nodes[run.App+"/"+run.Node]) {
			c.report.add(PausedRun, run.Execute, "%s", about(run))
		}
		if run.End.IsZero() && !slices.Contains(c.Killed, run.Process) {
			c.report.add(Unfinished, run.Execute, "%s", about(run))
		}
		if run.Error != "" {
			c.report.Failed++
		}
		c.data(run, h)
		switch {
		case h.touched() || len(jobs[id(h.job)]) > 0 || slices.Contains(c.Slow, run.Class):
		case run.Nominal.UnixMilli() == h.calls[0].Row.Next:
			c.report.New = append(c.report.New, run.Start.Sub(run.Nominal))
		default:
			c.report.Late = append(c.report.Late, run.Start.Sub(run.Nominal))
		}
	}
}

// data checks that a run saw every edit of the data that was acknowledged before
// it can have been claimed.
func (c *check) data(run ledger.Run, h *history) {
	for _, call := range h.calls {
		if call.Row.Revision > run.Revision && run.Nominal.After(call.Acked.Add(ahead)) {
			c.report.add(StaleData, run.Execute, "revision %d instead of %d: %s", run.Revision, call.Row.Revision, about(run))
			return
		}
	}
}

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
		c.report.Executes++
		row, found := c.rows[execute]
		if !found {
			c.report.add(Missing, execute, "its row is gone")
			continue
		}
		c.held(execute, h)
		c.account(row, h, ran[execute])
	}
}

func (c *check) account(row schema.Execute, h *history, ran map[int64]bool) {
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
	var inFlight int64
	if row.FireTime != 0 {
		inFlight = 1
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
	if last != 0 && !ran[last] && row.LostCount == 0 && row.Misfire != schema.Skip {
		c.report.add(LastNotRun, row.ID, "its last instant is %s", times([]int64{last}))
	}
	c.skips(row, h, len(due), skipped)
	c.state(row)
}

// skips checks that FIRE_ALL leaves nothing out that is within its bound.
func (c *check) skips(row schema.Execute, h *history, due int, skipped int64) {
	bound := row.CatchUp
	if bound == 0 {
		bound = defaultCatchUp
	}
	if row.Misfire == schema.FireAll && skipped > 0 && h.edits == 0 && due <= bound {
		c.report.add(Skipped, row.ID, "FIRE_ALL skipped %d of %d instants", skipped, due)
	}
}

// state checks where an execute was left.
func (c *check) state(row schema.Execute) {
	switch {
	case row.State == schema.Executing && row.NextFireTime == 0 && row.FireTime == 0:
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

func id(n int64) string { return strconv.FormatInt(n, 10) }

var _ fmt.Stringer = (*Report)(nil)
