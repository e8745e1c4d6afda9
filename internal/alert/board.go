package alert

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// Limit is how many breaches a [Board] keeps at a time. What comes beyond it is logged
// and not told.
const Limit = 1000

// DefaultTimeout is how long a listener may take before its context ends.
const DefaultTimeout = 30 * time.Second

// Config says who is told.
type Config struct {
	Listener Listener
	Timeout  time.Duration
	Logger   *slog.Logger
}

// Board holds what is wrong. Neither [Board.Open] nor [Board.Close] waits for the
// listener: a goroutine tells it, one alert after another, and ends when there is nothing
// left to tell.
//
//	none --Open--> waits --after--> open --Close--> over --told--> none
//	                 |               ^                |
//	                 +-Close-> none  +------Open------+
//
// A breach that is open has been told or is going to be, and its end is told after that,
// always. One that begins again before the listener was told that it is over has not
// ended, for the listener. So what waits for a slow listener is at most two alerts for
// each of [Limit] breaches, and nothing of it is dropped.
type Board struct {
	cfg Config

	mu     sync.Mutex
	all    map[string]*breach
	queue  []*breach     // of which there is something to tell
	idle   chan struct{} // closed once all is told; nil: it is
	beyond bool          // a breach was beyond the limit, and was logged
}

type breach struct {
	key   string
	begin Alert
	wait  *time.Timer // until it is told; nil: it is to be
	told  bool
	over  *Alert // its end, which is yet to be told
	ahead bool   // it is in the queue
}

// NewBoard returns a board on which nothing is wrong.
func NewBoard(c Config) *Board {
	if c.Timeout == 0 {
		c.Timeout = DefaultTimeout
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	return &Board{cfg: c, all: make(map[string]*breach)}
}

// Open notes a breach under a key of the caller's, unless it is there. It is told once it
// has lasted for after.
func (b *Board) Open(key string, a Alert, after time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if old := b.all[key]; old != nil {
		old.over = nil
		return
	}
	if len(b.all) >= Limit {
		if !b.beyond {
			b.beyond = true
			b.cfg.Logger.Error("quartz: alerts are left out: too many things are wrong at a time", "limit", Limit, "alert", a.String())
		}
		return
	}
	is := &breach{key: key, begin: a}
	b.all[key] = is
	if after <= 0 {
		b.enqueue(is)
		return
	}
	is.wait = time.AfterFunc(after, func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		if b.all[key] == is {
			is.wait = nil
			b.enqueue(is)
		}
	})
}

// Close notes that a breach is over, if it is there. One that has not lasted for long
// enough is forgotten.
func (b *Board) Close(key string, at time.Time, why string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.close(key, at, why)
}

// CloseExcept is Close of all those that keep does not hold for; why says it of each.
func (b *Board) CloseExcept(keep func(key string) bool, at time.Time, why func(Alert) string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for key, is := range b.all {
		if !keep(key) {
			b.close(key, at, why(is.begin))
		}
	}
}

func (b *Board) close(key string, at time.Time, why string) {
	is := b.all[key]
	switch {
	case is == nil || is.over != nil:
	case is.wait != nil:
		is.wait.Stop()
		b.remove(key)
	default:
		over := is.begin
		over.Over, over.Message = at, why
		is.over = &over
		b.enqueue(is)
	}
}

func (b *Board) remove(key string) {
	delete(b.all, key)
	if len(b.all) < Limit/2 {
		b.beyond = false
	}
}

// enqueue has the listener told. The caller holds b.mu.
func (b *Board) enqueue(is *breach) {
	if is.ahead {
		return
	}
	is.ahead = true
	b.queue = append(b.queue, is)
	if b.idle == nil {
		b.idle = make(chan struct{})
		go b.run()
	}
}

// run tells what there is to tell.
func (b *Board) run() {
	finished := false
	defer func() {
		if !finished { // the listener has ended the goroutine
			go b.run()
		}
	}()
	for {
		a, more := b.next()
		if !more {
			finished = true
			return
		}
		if a != nil {
			b.tell(*a)
		}
	}
}

// next returns what is to be told next; nil where the end that was is none any more.
func (b *Board) next() (a *Alert, more bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.queue) == 0 {
		idle := b.idle
		b.idle, b.queue = nil, nil
		close(idle)
		return nil, false
	}
	is := b.queue[0]
	b.queue, is.ahead = b.queue[1:], false
	switch {
	case !is.told:
		is.told = true
		if is.over != nil {
			b.enqueue(is)
		}
		return &is.begin, true
	case is.over != nil:
		b.remove(is.key)
		return is.over, true
	}
	return nil, true
}

func (b *Board) tell(a Alert) {
	ctx, cancel := context.WithTimeout(context.Background(), b.cfg.Timeout)
	defer cancel()
	defer func() {
		if v := recover(); v != nil {
			b.cfg.Logger.Error("quartz: the listener of alerts panicked", "panic", v, "alert", a.String())
		}
	}()
	b.cfg.Listener(ctx, a)
}

// Wait returns once the listener was told all that there is to tell by now, or when ctx
// ends, with its error.
func (b *Board) Wait(ctx context.Context) error {
	b.mu.Lock()
	idle := b.idle
	b.mu.Unlock()
	if idle == nil {
		return nil
	}
	select {
	case <-idle:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
