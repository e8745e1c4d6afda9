package scan

import (
	"context"
	"time"

	"github.com/quartz-cluster/quartz/schema"
)

// Resting reports whether the loop is held back and has no claim under way or in doubt.
func (l *Loop) Resting() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.quiet && !l.busy && len(l.doubts) == 0
}

func (l *Loop) rest(failed bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.busy = false
	l.looked(failed)
}

// looked notes how a look has ended, which is well where there was no slot or no right to
// look. The caller holds mu.
func (l *Loop) looked(failed bool) {
	l.rested = time.Now()
	switch {
	case !failed:
		l.failing = time.Time{}
	case l.failing.IsZero():
		l.failing = l.rested
	}
}

// readOn notes that a look goes on, of which there is no telling yet whether it ends
// well, unless it has claimed something: one through a large backlog takes long.
func (l *Loop) readOn(claimed bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.rested = time.Now()
	if claimed {
		l.failing = time.Time{}
	}
}

// Rested returns when a round last ended or read a page, or the loop was made, and since
// when the rounds fail, zero where the last one did not.
func (l *Loop) Rested() (last, failing time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.rested, l.failing
}

// Wake makes the loop look at once: something may be due.
func (l *Loop) Wake() { signal(l.wake) }

// Hint is Wake where the hint is for shards that the node serves first-hand: of the
// others another node takes care.
func (l *Loop) Hint(h schema.Hint) {
	l.mu.Lock()
	mine := l.place.hints()
	l.mu.Unlock()
	if h&mine != 0 {
		l.Wake()
	}
}

// Freed tells that a slot is free, which matters only where the last round
// wanted one.
func (l *Loop) Freed() {
	l.mu.Lock()
	hungry := l.hungry
	l.mu.Unlock()
	if hungry {
		l.Wake()
	}
}

func (l *Loop) setHungry(hungry bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.hungry = hungry
}

// Expect tells of an execute that no scan saw, because it was in flight, and
// whose next fire comes at epoch milliseconds next.
func (l *Loop) Expect(next int64) {
	l.mu.Lock()
	sooner := l.soonest == 0 || next < l.soonest
	if sooner {
		l.soonest = next
	}
	l.mu.Unlock()
	if sooner {
		signal(l.plan)
	}
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// wait returns at the time of the next round and reports whether ctx still stands.
func (l *Loop) wait(ctx context.Context, next time.Time) bool {
	for {
		l.mu.Lock()
		soonest := l.soonest
		l.mu.Unlock()
		left := time.Until(next)
		if soonest != 0 {
			left = min(left, l.before(soonest))
		}
		t := time.NewTimer(left)
		select {
		case <-ctx.Done():
			t.Stop()
			return false
		case <-l.wake:
			t.Stop()
			return true
		case <-l.plan:
			t.Stop()
		case <-t.C:
			return true
		}
	}
}

// before returns when to look for a fire: in the middle of the time by which it
// may be claimed ahead, so that batches form and none is late.
func (l *Loop) before(fire int64) time.Duration {
	return max(l.cfg.Clock.Until(fire)-Ahead/2, 0)
}
