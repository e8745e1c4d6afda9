package checker

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/quartz-cluster/quartz/integration/internal/ledger"
)

// Fault is a way in which the scheduler can be wrong.
type Fault string

// The faults.
const (
	Doubled     Fault = "doubled"      // the same fire and attempt ran twice
	Missing     Fault = "missing"      // an instant neither ran nor is accounted for
	Early       Fault = "early"        // a run before its time
	Stray       Fault = "stray"        // a run at an instant that no schedule has, or by another app's node
	Miscounted  Fault = "miscounted"   // the row's counts do not add up
	LastNotRun  Fault = "last not run" // a finite schedule ended without its last fire
	Skipped     Fault = "skipped"      // FIRE_ALL skipped within its bound
	PausedRun   Fault = "paused run"   // claimed while execute, job or node was paused
	StaleData   Fault = "stale data"   // ran with data older than an acknowledged edit
	SharedFence Fault = "shared fence" // two nodes under one node id
	Overdue     Fault = "overdue"      // due, enabled, and nobody took it
	LeftBehind  Fault = "left behind"  // in flight, or a node registered, after all have stopped
	Unfinished  Fault = "unfinished"   // a run of a stopped process that never returned

	Rerun           Fault = "rerun"            // a later attempt that no policy allows
	Beside          Fault = "beside"           // two attempts of a fire at the same time
	LostRecoverable Fault = "lost recoverable" // lost with recoveries left
	Forgotten       Fault = "forgotten"        // a later attempt was not given the newest checkpoint
	Misremembered   Fault = "misremembered"    // the recent fires are not what ran
	TwoMasters      Fault = "two masters"      // what only the master may run ran on two nodes at a time
)

// Violation is one thing that went wrong.
type Violation struct {
	Fault   Fault
	Execute int64 // 0 where it is about a node
	Text    string
}

// Report is what a test came to.
type Report struct {
	Executes int
	Instants int64 // that had to happen
	Runs     int
	Failed   int
	Again    int // runs that were not the first of their fire
	Skipped  int64
	Lost     int64
	// Late is by how much runs started after their time, sorted: those of the
	// executes that are not slow, and that nobody touched nor their job. New is the same of
	// their first fires, which wait for the next scan.
	Late, New  []time.Duration
	Violations []Violation
}

func (r *Report) add(fault Fault, execute int64, format string, args ...any) {
	r.Violations = append(r.Violations, Violation{fault, execute, fmt.Sprintf(format, args...)})
}

// Faults counts the violations by kind.
func (r *Report) Faults() map[Fault]int {
	n := map[Fault]int{}
	for _, v := range r.Violations {
		n[v.Fault]++
	}
	return n
}

// Quantile returns what the given share of the sorted values is at most: 0.95 for
// the 95th percentile.
func Quantile(sorted []time.Duration, share float64) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[min(int(share*float64(len(sorted))), len(sorted)-1)]
}

// shown bounds how many violations of a kind a report spells out.
const shown = 5

// String is the report in one line, and below it what went wrong.
func (r *Report) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d executes, %d instants, %d runs (%d failed, %d again), %d skipped, %d lost; late %s; first fires late %s",
		r.Executes, r.Instants, r.Runs, r.Failed, r.Again, r.Skipped, r.Lost, spread(r.Late), spread(r.New))
	faults := r.Faults()
	if len(faults) == 0 {
		return b.String() + "; no violation"
	}
	kinds := make([]Fault, 0, len(faults))
	for f := range faults {
		kinds = append(kinds, f)
	}
	slices.Sort(kinds)
	for _, kind := range kinds {
		fmt.Fprintf(&b, "\n%d x %s", faults[kind], kind)
		n := 0
		for _, v := range r.Violations {
			if v.Fault == kind && n < shown {
				fmt.Fprintf(&b, "\n    %d: %s", v.Execute, v.Text)
				n++
			}
		}
	}
	return b.String()
}

func spread(sorted []time.Duration) string {
	at := func(share float64) time.Duration { return Quantile(sorted, share).Round(100 * time.Microsecond) }
	return fmt.Sprintf("p50 %s, p95 %s, p99 %s, max %s", at(0.5), at(0.95), at(0.99), at(1))
}

func about(run ledger.Run) string {
	return fmt.Sprintf("%s at %s, attempt %d, on %s of %s (node id %d), started %s",
		run.Class, clock(run.Nominal), run.Attempt, run.Node, run.Process, run.Fence, clock(run.Start))
}

func clock(t time.Time) string { return t.UTC().Format("15:04:05.000000") }
