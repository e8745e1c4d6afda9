package lab

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/quartz-cluster/quartz/core"
)

// Run is one run of a handler.
type Run struct {
	core.Fire

	Started time.Time // on the database's clock, as the handler asked for it
	Done    bool      // the handler has returned
	Err     error     // what it returned
	Cause   error     // why its context had ended by then, if it had
}

// Ledger is the account of all runs, in the order of their starts.
type Ledger struct {
	mu         sync.Mutex
	runs       []*Run
	everywhere map[int64]bool
}

// Everywhere says that an execute runs on all nodes: each of them has its own
// fire of an instant.
func (l *Ledger) Everywhere(execute int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.everywhere == nil {
		l.everywhere = make(map[int64]bool)
	}
	l.everywhere[execute] = true
}

// Runs returns the runs of an execute, or of all if it is 0.
func (l *Ledger) Runs(execute int64) []Run {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []Run
	for _, r := range l.runs {
		if execute == 0 || r.ExecuteID == execute {
			out = append(out, *r)
		}
	}
	return out
}

// Ordered is Runs by their nominal times: of two runs the later one may start first.
func (l *Ledger) Ordered(execute int64) []Run {
	out := l.Runs(execute)
	slices.SortStableFunc(out, func(a, b Run) int { return a.NominalTime.Compare(b.NominalTime) })
	return out
}

// Nominals returns the nominal times of the runs of an execute, sorted.
func (l *Ledger) Nominals(execute int64) []time.Time {
	var out []time.Time
	for _, r := range l.Ordered(execute) {
		out = append(out, r.NominalTime)
	}
	return out
}

// record keeps a run of do from its start to its end, whichever way it leaves.
func (l *Ledger) record(now func(context.Context) (time.Time, error), do core.HandlerFunc) core.HandlerFunc {
	return func(ctx context.Context, fire *core.Fire) (err error) {
		started, nowErr := now(context.WithoutCancel(ctx))
		run := &Run{Fire: *fire, Started: started}
		l.mu.Lock()
		l.runs = append(l.runs, run)
		l.mu.Unlock()
		defer func() {
			l.mu.Lock()
			defer l.mu.Unlock()
			run.Done, run.Err, run.Cause = true, err, context.Cause(ctx)
		}()
		if nowErr != nil {
			return fmt.Errorf("ask for the database's clock: %w", nowErr)
		}
		return do(ctx, fire)
	}
}

func (l *Ledger) clear() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.runs, l.everywhere = nil, nil
}

// check fails the test if a fire ran twice or before its time.
func (l *Ledger) check(t testing.TB) {
	t.Helper()
	type fire struct {
		execute int64
		nominal time.Time
		attempt int
		node    string // where each has its own
	}
	l.mu.Lock()
	everywhere := l.everywhere
	l.mu.Unlock()
	seen := make(map[fire]Run)
	for _, r := range l.Runs(0) {
		key := fire{r.ExecuteID, r.NominalTime, r.Attempt, ""}
		if everywhere[r.ExecuteID] {
			key.node = r.Node
		}
		if other, twice := seen[key]; twice {
			t.Errorf("doubled: %s of execute %d ran on %s (fence %d) and on %s (fence %d)",
				r.NominalTime, r.ExecuteID, other.Node, other.Fence, r.Node, r.Fence)
		}
		seen[key] = r
		if !r.Started.IsZero() && r.Started.Before(r.NominalTime) {
			t.Errorf("early: %s of execute %d started at %s on the database's clock", r.NominalTime, r.ExecuteID, r.Started)
		}
		if r.ActualTime.Before(r.NominalTime) {
			t.Errorf("early: %s of execute %d was told that it started at %s", r.NominalTime, r.ExecuteID, r.ActualTime)
		}
	}
}
