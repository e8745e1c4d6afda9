package scan

import (
	"context"
	"sync"
	"time"

	"github.com/quartz-cluster/quartz/core/internal/dbclock"
	"github.com/quartz-cluster/quartz/core/internal/store"
	"github.com/quartz-cluster/quartz/core/observe"
)

const (
	// Ahead is by how much a claim may come before its instant.
	Ahead = 250 * time.Millisecond
	// gap keeps rounds apart, so that batches form under load.
	gap = 5 * time.Millisecond
	// effect is how long after it was sent a claim may still take effect.
	effect = 2 * time.Second
	// crowded is how long a batch waits that somebody was in the way of.
	crowded = 20 * time.Millisecond
	// neglected is after how many scan intervals a shard is anybody's.
	neglected = 2
	// page is the largest number of executes read at a time, for each shard.
	page = store.Batch
	// pages bounds how far one round looks past what it could not claim.
	pages = 100
)

// Config is what the loop needs to know.
type Config struct {
	Store     *store.Store
	Clock     *dbclock.Clock
	NodeID    int64
	Classes   []string
	Interval  time.Duration
	Threshold time.Duration
	Free      func() int  // free slots
	Valid     func() bool // the lease
	Start     func(store.Claim)
	Tell      func(observe.Event)
}

// Loop scans and claims for one registration.
type Loop struct {
	cfg  Config
	wake chan struct{} // look now
	plan chan struct{} // soonest moved

	mu      sync.Mutex
	mine    owned
	quiet   bool  // paused, or in standby
	hungry  bool  // the last round ended for want of a free slot
	soonest int64 // a fire known to come before the next round, epoch milliseconds; 0: none
}

// New returns a loop that serves nothing until Heard is called.
func New(cfg Config) *Loop {
	return &Loop{cfg: cfg, wake: make(chan struct{}, 1), plan: make(chan struct{}, 1)}
}

// Heard takes in what a heartbeat read. quiet holds all claims back.
func (l *Loop) Heard(c store.Cluster, quiet bool) {
	l.mu.Lock()
	l.mine = divide(l.cfg.NodeID, l.cfg.Classes, c.Peers)
	resumed := l.quiet && !quiet
	l.quiet = quiet
	l.mu.Unlock()
	if resumed {
		l.Wake()
	}
}

// Wake makes the loop look at once: something may be due.
func (l *Loop) Wake() { signal(l.wake) }

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

// Run scans and claims until ctx ends. The calls themselves end with work: a
// claim that is under way when the node stops is waited for, not left in doubt.
func (l *Loop) Run(ctx, work context.Context) {
	for ctx.Err() == nil {
		l.mu.Lock()
		l.soonest = 0
		l.mu.Unlock()
		next := time.Now().Add(max(l.round(ctx, work), gap))
		if !sleep(ctx, gap) || !l.wait(ctx, next) {
			return
		}
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

// round scans once and claims what is due, and returns how long the loop may
// wait before the next.
func (l *Loop) round(ctx, work context.Context) time.Duration {
	l.mu.Lock()
	mine, quiet := l.mine, l.quiet
	l.mu.Unlock()
	l.setHungry(true) // before looking, so that no slot is freed unnoticed in between
	free := l.cfg.Free()
	if quiet || free == 0 || !l.cfg.Valid() || !l.cfg.Clock.Known() {
		return l.cfg.Interval
	}
	l.setHungry(false)
	var upcoming int64
	ranges := l.ranges(mine, l.cfg.Clock.Now())
	limit := min(page, max(free, 8))
	for range pages {
		due, err := l.cfg.Store.Scan(work, ranges, l.cfg.Classes, limit)
		if err != nil {
			l.trouble(work, err)
			return l.cfg.Interval
		}
		now := l.cfg.Clock.Now()
		for i, d := range due {
			if d.Next > now+Ahead.Milliseconds() {
				due = due[:i]
				if upcoming == 0 || d.Next < upcoming {
					upcoming = d.Next
				}
				break
			}
		}
		claimed, err := l.claim(work, due, now, free)
		if err != nil {
			l.trouble(work, err)
			return l.cfg.Interval
		}
		free -= claimed
		switch {
		case ctx.Err() != nil || !l.cfg.Valid():
			return l.cfg.Interval
		case free == 0:
			l.setHungry(true)
			return l.again()
		}
		if ranges = behind(ranges, due, limit); len(ranges) == 0 {
			if upcoming != 0 {
				return min(l.before(upcoming), l.cfg.Interval)
			}
			return l.cfg.Interval
		}
		limit = page // what filled the first page was not to be had
	}
	return gap
}

// again returns how long to wait for a free slot: not at all, if one became free
// before anybody knew that it was wanted.
func (l *Loop) again() time.Duration {
	if l.cfg.Free() > 0 {
		return 0
	}
	return l.cfg.Interval
}

// ranges lists what a round reads: own shards up to the next round, the others
// where they are overdue.
func (l *Loop) ranges(mine owned, now int64) []store.Range {
	out := make([]store.Range, len(mine))
	for shard, own := range mine {
		out[shard] = store.Range{Shard: shard, After: 1, Until: now + (l.cfg.Interval + Ahead).Milliseconds()}
		if !own {
			out[shard].Until = now - neglected*l.cfg.Interval.Milliseconds()
		}
	}
	return out
}

// behind returns the ranges of which limit due executes were read, so that there
// may be more, moved behind those.
func behind(ranges []store.Range, due []store.Due, limit int) []store.Range {
	var out []store.Range
	for _, r := range ranges {
		read := 0
		for i := range due {
			if due[i].Shard == r.Shard {
				read++
				r.After, r.AfterID = due[i].Next, due[i].ID
			}
		}
		if read >= limit {
			out = append(out, r)
		}
	}
	return out
}

// claim decides about each execute, claims in batches and starts what it got.
// It returns how many slots it filled.
func (l *Loop) claim(ctx context.Context, due []store.Due, now int64, free int) (int, error) {
	filled := 0
	var batch []store.Claim
	for i, d := range due {
		if filled+len(batch) < free {
			c, err := Decide(d, now, l.cfg.Threshold.Milliseconds())
			if err != nil {
				l.fault(ctx, d, err)
			} else {
				batch = append(batch, c)
			}
		}
		if len(batch) == store.Batch || len(batch) > 0 && i == len(due)-1 {
			n, err := l.send(ctx, batch)
			if err != nil {
				return filled, err
			}
			filled, batch = filled+n, batch[:0]
		}
	}
	return filled, nil
}

// send claims one batch and starts its fires.
func (l *Loop) send(ctx context.Context, batch []store.Claim) (int, error) {
	limits := store.Limits{Latest: l.cfg.Clock.Now() + effect.Milliseconds(), Ahead: Ahead.Milliseconds()}
	taken, err := l.cfg.Store.Claim(ctx, l.cfg.NodeID, batch, limits)
	switch {
	case err != nil && store.Refused(err):
		l.Expect(l.cfg.Clock.Now() + (Ahead/2 + crowded).Milliseconds()) // somebody was in the way
		return 0, nil
	case err != nil && store.Rejected(err):
		return l.apart(ctx, batch, err)
	case err != nil:
		l.trouble(ctx, err)
		if taken, err = l.settle(ctx, batch, limits.Latest); err != nil {
			return 0, err
		}
	}
	got := make(map[int64]bool, len(taken))
	for _, id := range taken {
		got[id] = true
	}
	started := 0
	for _, c := range batch {
		if got[c.ID] {
			l.report(c)
			switch {
			case c.Nominal != 0:
				started++
				l.cfg.Start(c)
			case c.NextFire != 0:
				l.Expect(c.NextFire)
			}
		}
	}
	return started, nil
}

// apart claims the halves of a batch that was rejected, so that one bad row
// strands only itself.
func (l *Loop) apart(ctx context.Context, batch []store.Claim, cause error) (int, error) {
	if len(batch) == 1 {
		e := event(&batch[0])
		e.Kind, e.Reason, e.Err = observe.Trouble, "claim", cause
		l.cfg.Tell(e)
		return 0, nil
	}
	half := len(batch) / 2
	first, err := l.send(ctx, batch[:half])
	if err != nil {
		return first, err
	}
	second, err := l.send(ctx, batch[half:])
	return first + second, err
}

// settle finds out what became of claims whose outcome is unknown. It asks until
// it is told, and at the earliest when they can no longer take effect.
func (l *Loop) settle(ctx context.Context, batch []store.Claim, latest int64) ([]int64, error) {
	for {
		if now, err := l.cfg.Store.Now(ctx); err == nil && now > latest {
			taken, err := l.cfg.Store.ReadBack(ctx, l.cfg.NodeID, batch)
			if err == nil {
				return taken, nil
			}
		}
		if !l.cfg.Valid() || !sleep(ctx, l.cfg.Interval/4) {
			// The registration ends here: what was claimed under it is found by
			// the sweep for fires of nodes that are gone.
			return nil, context.Cause(ctx)
		}
	}
}

// report says what a claim that took effect means for the schedule.
func (l *Loop) report(c store.Claim) {
	e := event(&c)
	if c.Skipped > 0 {
		e.Kind, e.Count = observe.Skipped, c.Skipped
		l.cfg.Tell(e)
	}
	if late := l.cfg.Clock.Now() - c.Next; c.Next > c.High && time.Duration(late)*time.Millisecond > l.cfg.Threshold {
		e.Kind, e.Count = observe.Misfired, c.Skipped
		e.Late, e.Reason = time.Duration(late)*time.Millisecond, string(c.Misfire)
		if c.Nominal != 0 {
			e.Count++
		}
		l.cfg.Tell(e)
	}
	if c.Nominal != 0 {
		e := event(&c)
		e.Kind = observe.Claimed
		l.cfg.Tell(e)
	}
}

// fault takes an execute that cannot be scheduled out of the schedule.
func (l *Loop) fault(ctx context.Context, d store.Due, cause error) {
	done, err := l.cfg.Store.Fault(ctx, d, cause.Error())
	if err != nil {
		l.trouble(ctx, err)
	}
	if done {
		e := event(&store.Claim{Due: d})
		e.Kind, e.Err = observe.Faulted, cause
		l.cfg.Tell(e)
	}
}

func (l *Loop) trouble(ctx context.Context, err error) {
	if ctx.Err() == nil {
		l.cfg.Tell(observe.Event{Kind: observe.Trouble, Reason: "scan", Err: err})
	}
}

func event(c *store.Claim) observe.Event {
	e := observe.Event{JobID: c.JobID, Job: c.JobName, Class: c.Class, ExecuteID: c.ID, Execute: c.Name}
	if c.Nominal != 0 {
		e.Nominal, e.Attempt = time.UnixMilli(c.Nominal).UTC(), 1
	}
	return e
}

// sleep waits and reports whether ctx still stands.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
