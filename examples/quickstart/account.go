package main

import (
	"fmt"
	"slices"
	"time"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/examples/internal/stage"
	"github.com/quartz-cluster/quartz/schema"
)

// fire identifies what a run was for.
type fire struct {
	execute client.ID
	nominal int64 // epoch milliseconds
}

func fireOf(e stage.Event) fire { return fire{e.Execute, e.Nominal.UnixMilli()} }

// run is what the ledger knows of a fire.
type run struct {
	fire
	name   string
	node   string
	began  time.Time
	ended  time.Time // zero: not that anybody heard of
	failed bool
	late   time.Duration
	lostBy string // the node that recorded it as lost
	lostAt time.Time
}

// total is the account of one execute.
type total struct {
	planned
	Due, Ran, Failed, Lost, Skipped int
	Doubled, Missing                int
}

// account is what a show amounts to.
type account struct {
	totals   []total
	runs     []*run
	cutOff   []*run   // began and did not end, or ended and could not be recorded
	problems []string // sentences; none is a success
}

// newAccount compares what was due, what the nodes say they ran, and what the
// tables count. Every instant must have been run once, or be counted as lost or
// skipped.
func newAccount(plan []planned, ledger []stage.Event, rows map[client.ID]*client.ExecuteInfo, zero time.Time) *account {
	a := &account{}
	at := func(t time.Time) string { return fmt.Sprintf("%.3f", t.Sub(zero).Seconds()) }
	byFire := a.read(ledger)
	for _, p := range plan {
		t := total{planned: p, Due: len(p.instants)}
		complain := func(format string, args ...any) {
			a.problems = append(a.problems, p.Name+": "+fmt.Sprintf(format, args...))
		}
		open := 0 // due and not run to an end that was recorded
		for _, instant := range p.instants {
			f := fire{p.ID, instant.UnixMilli()}
			runs := byFire[f]
			delete(byFire, f)
			if len(runs) > 1 {
				t.Doubled += len(runs) - 1
				complain("the fire due at %s ran %d times, first on %s, then on %s", at(instant), len(runs), runs[0].node, runs[1].node)
			}
			if len(runs) > 0 && runs[0].late < 0 {
				complain("the fire due at %s started before its time, at %s on %s", at(instant), at(runs[0].began), runs[0].node)
			}
			switch {
			case len(runs) == 0 || runs[0].ended.IsZero() || runs[0].lostBy != "":
				open++
			case runs[0].failed:
				t.Failed++
			default:
				t.Ran++
			}
		}
		row, ok := rows[p.ID]
		if !ok {
			complain("is not in the tables any more")
			row = p.ExecuteInfo
		}
		t.Lost, t.Skipped = int(row.Counts.Lost), int(row.Counts.Skipped)
		t.Missing = max(open-t.Lost-t.Skipped, 0)
		switch {
		case t.Missing > 0:
			complain("%d of %d fires are not accounted for", t.Missing, t.Due)
		case open < t.Lost+t.Skipped:
			complain("the tables count %d fires as lost and %d as skipped, but only %d were not run", t.Lost, t.Skipped, open)
		}
		if ran := t.Ran + t.Failed; int64(ran) != row.Counts.Fires {
			complain("the nodes ran %d fires to their end, the tables count %d", ran, row.Counts.Fires)
		}
		if row.State != schema.Complete || row.InFlight != nil {
			complain("has not come to its end: it is %s, its next fire %s", row.State, row.NextFire.Format(time.RFC3339))
		}
		a.totals = append(a.totals, t)
	}
	for _, r := range a.runs {
		if _, unplanned := byFire[r.fire]; unplanned {
			a.problems = append(a.problems, fmt.Sprintf("%s: ran at %s on %s, for an instant that its schedule does not have", r.name, at(r.began), r.node))
		}
	}
	return a
}

// read makes runs of the ledger's lines and returns them by fire.
func (a *account) read(ledger []stage.Event) map[fire][]*run {
	byFire := make(map[fire][]*run)
	for _, e := range ledger {
		runs := byFire[fireOf(e)]
		mine := slices.IndexFunc(runs, func(r *run) bool { return r.node == e.Node && r.ended.IsZero() })
		switch {
		case e.Kind == stage.Started:
			r := &run{fire: fireOf(e), name: e.Name, node: e.Node, began: e.At, late: e.At.Sub(e.Nominal)}
			byFire[r.fire] = append(runs, r)
			a.runs = append(a.runs, r)
		case (e.Kind == stage.Done || e.Kind == stage.Failed) && mine >= 0:
			runs[mine].ended, runs[mine].failed = e.At, e.Kind == stage.Failed
		case e.Kind == stage.Lost && len(runs) > 0:
			runs[0].lostBy, runs[0].lostAt = e.Node, e.At
		}
	}
	for _, r := range a.runs {
		if r.ended.IsZero() || r.lostBy != "" {
			a.cutOff = append(a.cutOff, r)
		}
	}
	return byFire
}

// sum adds up the totals of all executes.
func (a *account) sum() total {
	var s total
	for _, t := range a.totals {
		s.Due += t.Due
		s.Ran += t.Ran
		s.Failed += t.Failed
		s.Lost += t.Lost
		s.Skipped += t.Skipped
		s.Doubled += t.Doubled
		s.Missing += t.Missing
	}
	return s
}

// byNode counts the runs that each node brought to their end.
func (a *account) byNode() map[string]int {
	counts := make(map[string]int)
	for _, r := range a.runs {
		if !r.ended.IsZero() {
			counts[r.node]++
		}
	}
	return counts
}

// lateness returns the median and the longest time by which runs were late.
func (a *account) lateness() (median, longest time.Duration) {
	if len(a.runs) == 0 {
		return 0, 0
	}
	var all []time.Duration
	for _, r := range a.runs {
		all = append(all, r.late)
	}
	slices.Sort(all)
	return all[len(all)/2], all[len(all)-1]
}
