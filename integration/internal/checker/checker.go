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
	// Inherited is the table of executes when the ledger began, where that is not
	// empty: what it remembers ran before.
	Inherited []schema.Execute
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
	// Zombies are the processes that were stopped for a while and went on: what
	// ran in them may have gone on beside its next attempt.
	Zombies []string
	// Wild are executes that were changed behind the client's back: when they had
	// to run is not known, only that no fire ran twice or early.
	Wild []int64
	// Jumps are times in which the database's clock was moved: what was claimed
	// by the old time may start in them.
	Jumps []Jump
	// Exhausted says that the test used up the recoveries of executes, so that a
	// recoverable fire may be lost.
	Exhausted bool
}

// Jump is a time on either of the two clocks, before and after it was moved.
type Jump struct{ From, Until time.Time }

// fire is what may happen once.
type fire struct {
	execute, nominal int64
	attempt          int
	node             int64 // its id, where the execute runs on all nodes
}

type check struct {
	Input
	report    *Report
	rows      map[int64]schema.Execute
	histories map[int64]*history
	newest    map[int64]time.Time // start of the newest run of an execute
	carried   map[int64]int64     // fires that are in children
}

// Check returns what the test came to.
func Check(in Input) *Report {
	c := &check{
		Input: in, report: &Report{Runs: len(in.Ledger.Runs)},
		rows: map[int64]schema.Execute{}, histories: histories(in.Ledger.Calls),
		newest: map[int64]time.Time{}, carried: carried(in.Executes),
	}
	for _, row := range in.Executes {
		c.rows[row.ID] = row
	}
	c.eachRun()
	c.attempts()
	c.masters()
	c.recent()
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
		key := fire{run.Execute, run.Nominal.UnixMilli(), run.Attempt, c.copyOf(run)}
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
		case slices.Contains(c.Wild, run.Execute):
			if run.Start.Before(run.Nominal) && !c.jumped(run.Start) {
				c.report.add(Early, run.Execute, "by %s: %s", run.Nominal.Sub(run.Start), about(run))
			}
			continue
		case h == nil:
			c.report.add(Stray, run.Execute, "nobody added the execute of: %s", about(run))
			continue
		case !h.gone.IsZero():
			if run.Nominal.After(h.gone.Add(ahead)) {
				c.report.add(Stray, run.Execute, "it was deleted at %s: %s", clock(h.gone), about(run))
			}
		case run.App != row.Application:
			c.report.add(Stray, run.Execute, "it belongs to %s, not to %s of: %s", row.Application, run.App, about(run))
		}
		if run.Start.Before(run.Nominal) && !c.jumped(run.Start) {
			c.report.add(Early, run.Execute, "by %s: %s", run.Nominal.Sub(run.Start), about(run))
		}
		if during(run, executes[id(run.Execute)]) || during(run, jobs[id(h.job)]) || during(run, nodes[run.App+"/"+run.Node]) ||
			again(run, executes[id(run.Execute)]) || again(run, jobs[id(h.job)]) {
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

// copyOf returns the node whose copy of the execute ran, 0 where there are no
// copies.
func (c *check) copyOf(run ledger.Run) int64 {
	if c.rows[run.Execute].RunOn == schema.RunOnAll {
		return run.Fence
	}
	return 0
}

// data checks that a run saw every edit of the data that was acknowledged before
// it can have been claimed.
func (c *check) data(run ledger.Run, h *history) {
	slack := ahead
	if c.copyOf(run) != 0 { // copies follow their execute from one pass of the handler to the next
		slack = 2 * c.Grace // and one may be held up
	}
	for _, call := range h.calls {
		if call.Row.Revision > run.Revision && run.Nominal.After(call.Acked.Add(slack)) {
			c.report.add(StaleData, run.Execute, "revision %d instead of %d: %s", run.Revision, call.Row.Revision, about(run))
			return
		}
	}
}

func id(n int64) string { return strconv.FormatInt(n, 10) }

var _ fmt.Stringer = (*Report)(nil)
