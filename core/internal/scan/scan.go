package scan

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/quartz-cluster/quartz/core/internal/dbclock"
	"github.com/quartz-cluster/quartz/core/internal/store"
	"github.com/quartz-cluster/quartz/core/observe"
	"github.com/quartz-cluster/quartz/internal/wait"
	"github.com/quartz-cluster/quartz/schema"
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
	// writing is how long another node may take to write the outcome of a fire.
	writing = 200 * time.Millisecond
	// neglected is after which part of a scan interval what is due is anybody's.
	neglected = 2
	// page is the largest number of executes read at a time, for each of all shards.
	page = store.Batch
	// probe is how many executes of others' shards are claimed at first: whoever is at
	// work there is met before much was asked for in vain.
	probe = 20
)

// Config is what the loop needs to know.
type Config struct {
	Store     *store.Store
	Clock     *dbclock.Clock
	NodeID    int64
	Key       string
	Labels    []string
	Classes   []string
	Interval  time.Duration
	Threshold time.Duration
	Free      func() int  // free slots
	Full      func()      // there is none left
	Valid     func() bool // the lease
	Start     func(store.Claim)
	// Over reports whether a fire of this node has ended and only its outcome is
	// yet to be written, and whether it will be soon.
	Over func(store.Ref) (over, soon bool)
	Tell func(observe.Event)
}

// Loop scans and claims for one registration.
type Loop struct {
	cfg   Config
	pages int           // how far one round looks past what it could not claim
	lanes int           // batches that are claimed at a time
	wake  chan struct{} // look now
	plan  chan struct{} // soonest moved

	// Of the loop's own goroutine:
	backlog bool          // the last round found more than it could take
	recent  int64         // what came due after that was not there when it was last looked for; epoch milliseconds
	own     bool          // some of it in the node's own shards, or that is not known
	shy     time.Time     // until when the shards of others are left alone, as somebody is at work there
	trust   int           // how many executes of others' shards a look may claim: twice as many while nobody is met
	held    bool          // the last look left some for that
	busily  bool          // the last look claimed whole batches, and there is more and room for it
	turn    bool          // the odd slot is for what came due just now
	left    []store.Range // what the last round did not come to, as nothing before was to be had

	mu       sync.Mutex
	place    place
	quiet    bool            // nothing may be claimed
	busy     bool            // a round that may claim is under way
	hungry   bool            // the last round ended for want of a free slot
	doubts   map[int64]bool  // executes of which it is not known whether a claim took effect
	settling sync.WaitGroup  // until it is
	rejected map[int64]offer // what the database would not take, by execute, as was told
	soonest  int64           // a fire known to come before the next round, epoch milliseconds; 0: none
	rested   time.Time       // when a round last ended, read another page, or went on asking after an error
	failing  time.Time       // since when each has ended with an error; zero: the last one has not
}

// New returns a loop that serves nothing until Heard is called.
func New(cfg Config) *Loop {
	return &Loop{
		cfg: cfg, pages: 100, lanes: cfg.Store.Lanes(), own: true, trust: probe,
		wake: make(chan struct{}, 1), plan: make(chan struct{}, 1), rested: time.Now(), rejected: make(map[int64]offer),
		doubts: make(map[int64]bool),
	}
}

// Heard takes in what a heartbeat read. quiet holds all claims back.
func (l *Loop) Heard(c store.Cluster, quiet bool) {
	l.mu.Lock()
	was := l.place
	l.place = placeOf(l.cfg, c)
	resumed, promoted, larger := l.quiet && !quiet, l.place.epoch != was.epoch, l.place.mine.beyond(was.mine)
	l.quiet = quiet
	l.mu.Unlock()
	if resumed || promoted || larger { // what was not this node's to look at may be due
		l.Wake()
	}
}

// owns reports whether the node serves a shard first-hand.
func (l *Loop) owns(shard int) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.place.owns(shard)
}

// Run scans and claims until ctx ends. The calls themselves end with work: a
// claim that is under way when the node stops is waited for, not left in doubt.
func (l *Loop) Run(ctx, work context.Context) {
	defer l.settling.Wait()
	for ctx.Err() == nil {
		l.mu.Lock()
		l.soonest = 0
		l.mu.Unlock()
		next := time.Now().Add(max(l.round(ctx, work), gap))
		if l.busily {
			continue
		}
		if !wait.For(ctx, gap) || !l.wait(ctx, next) {
			return
		}
	}
}

// round scans once and claims what is due, and returns how long the loop may
// wait before the next.
func (l *Loop) round(ctx, work context.Context) time.Duration {
	l.mu.Lock()
	place, quiet := l.place, l.quiet
	l.busy = !quiet
	l.mu.Unlock()
	var recent, all taken
	defer func() { l.rest(recent.failed || all.failed) }()
	l.busily = false
	l.setHungry(true) // before looking, so that no slot is freed unnoticed in between
	free := l.free()
	if quiet || free == 0 || !l.cfg.Valid() || !l.cfg.Clock.Known() {
		return l.cfg.Interval
	}
	l.setHungry(false)
	now := l.cfg.Clock.Now()
	ranges, newest := l.ranges(place, now), now-l.cfg.Interval.Milliseconds()
	if l.backlog {
		// What comes due now does not wait behind all that has waited for long.
		recent = l.take(ctx, work, place, recently(ranges, l.recent), l.half(free))
		if !recent.more && !recent.failed {
			l.recent = newest
		}
		if free -= recent.claimed; recent.failed || free == 0 {
			return l.again(recent.failed)
		}
	}
	if l.left != nil {
		ranges = l.left
	}
	all = l.take(ctx, work, place, ranges, free)
	if !l.backlog {
		l.recent = newest
	}
	l.backlog, l.own, l.left = all.more, all.own, nil
	if all.claimed == 0 {
		l.left = all.left
	}
	l.busily = all.more && !all.failed && all.claimed >= store.Batch && all.claimed < free
	switch {
	case all.failed || ctx.Err() != nil || !l.cfg.Valid():
		return l.cfg.Interval
	case all.claimed >= free:
		return l.again(false)
	case all.more:
		return gap
	}
	wait := l.cfg.Interval
	for _, fire := range []int64{recent.upcoming, all.upcoming} {
		if fire != 0 {
			wait = min(wait, l.before(fire))
		}
	}
	return wait
}

// half returns half of the free slots. The odd one goes by turns, so that where
// slots become free one by one neither what waits nor what comes due gets all of them.
func (l *Loop) half(free int) int {
	l.turn = !l.turn
	if l.turn {
		return (free + 1) / 2
	}
	return free / 2
}

// taken is what a look through the ranges came to.
type taken struct {
	claimed  int   // slots filled
	upcoming int64 // the soonest fire that it is too early for, 0 for none
	more     bool  // there may be more that is due
	own      bool  // in the node's own shards
	failed   bool
	left     []store.Range // where more may be, after so many pages
}

// take reads the ranges page by page and claims what is due, until the free slots
// are filled. The last batches of a page are answered while the next one is read.
func (l *Loop) take(ctx, work context.Context, place place, ranges []store.Range, free int) (out taken) {
	if free == 0 {
		return taken{more: true} // nobody knows
	}
	// Of each shard; whoever serves one looks as far ahead as who serves them all.
	shards := min(max(len(ranges)-2, 1), schema.Shards)
	most := page * schema.Shards / shards
	s := l.newSender(work, free)
	enough := func() int { return min(most, 2*s.room()/min(max(len(ranges), 1), shards)+16) }
	limit := min(enough(), l.lanes*store.Batch/shards) // nothing is claimed while the first one is read
	defer func() {
		s.wait()
		if out.claimed = s.filled; s.err != nil {
			l.trouble(work, s.err)
			out.failed = true
		}
	}()
	for range l.pages {
		due, err := l.cfg.Store.Scan(work, ranges, place.at, limit)
		if err != nil {
			l.trouble(work, err)
			out.failed = true
			return out
		}
		if ctx.Err() != nil { // meanwhile: what it hands over is not its own to take again
			return out
		}
		now := l.cfg.Clock.Now()
		for i, d := range due {
			if d.Next > now+Ahead.Milliseconds() {
				due = due[:i]
				if out.upcoming == 0 || d.Next < out.upcoming {
					out.upcoming = d.Next
				}
				break
			}
		}
		ranges = behind(ranges, due, limit) // behind what is too early nothing is due
		before := s.sent
		l.claim(work, s, due, now)
		claimed := s.sent - before
		l.readOn(s.err == nil && s.filled > 0)
		out.more = len(ranges) > 0 || l.held || s.filled >= free && claimed < len(due)
		out.own = out.more && slices.ContainsFunc(due, func(d *store.Due) bool { return place.owns(d.Shard) })
		if s.err != nil || len(ranges) == 0 || l.held || s.filled >= free || ctx.Err() != nil || !l.cfg.Valid() {
			return out
		}
		if limit = most; claimed > 0 { // else what filled the page was not to be had
			limit = enough()
		}
	}
	out.left = ranges
	return out
}

// again returns how long to wait for a free slot: not at all, if one became free
// before anybody knew that it was wanted.
func (l *Loop) again(failed bool) time.Duration {
	if failed {
		return l.cfg.Interval
	}
	l.setHungry(true)
	if l.free() > 0 {
		return 0
	}
	l.cfg.Full()
	return l.cfg.Interval
}
