// Package complete writes the outcomes of fires to the database, in batches
// that grow with the load, and keeps them through a database outage until each
// is written or found superseded.
package complete

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/quartz-cluster/quartz/core/internal/store"
)

// back-off between tries while the database is away.
const (
	firstPause = 50 * time.Millisecond
	maxPause   = time.Second
)

// Item is one outcome and whom to tell what became of it.
type Item struct {
	NodeID int64
	store.Completion
	Done func(written bool) // false: superseded
}

// Write is [store.Store.Complete].
type Write func(ctx context.Context, nodeID int64, done []store.Completion) (store.Completed, error)

// Completer is the queue of outcomes.
type Completer struct {
	write   Write
	flushed func(written, tried int)
	trouble func(error)

	mu      sync.Mutex
	queue   []Item
	pending int // queued or being written
	held    map[store.Ref]int
	idle    *sync.Cond
	wake    chan struct{}
	size    int // rows a batch: halved by failure, so that one bad row strands only itself
}

// New returns an empty queue. flushed is called after each batch of which
// something was written, trouble when a batch was not.
func New(write Write, flushed func(written, tried int), trouble func(error)) *Completer {
	c := &Completer{write: write, flushed: flushed, trouble: trouble, wake: make(chan struct{}, 1), size: store.Batch, held: make(map[store.Ref]int)}
	c.idle = sync.NewCond(&c.mu)
	return c
}

// Add queues an outcome. It never blocks.
func (c *Completer) Add(item Item) {
	c.mu.Lock()
	c.queue = append(c.queue, item)
	c.pending++
	c.held[item.Ref]++
	c.mu.Unlock()
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// Holds reports whether the outcome of a fire is queued or being written.
func (c *Completer) Holds(fire store.Ref) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.held[fire] > 0
}

// Run writes what is queued until ctx ends.
func (c *Completer) Run(ctx context.Context) {
	pause := firstPause
	for {
		batch := c.take()
		if len(batch) == 0 {
			select {
			case <-ctx.Done():
				return
			case <-c.wake:
				continue
			}
		}
		left, err := c.send(ctx, batch)
		c.settle(batch, left, err)
		if len(left) < len(batch) {
			pause = firstPause
			if err == nil {
				continue
			}
		}
		wake := c.wake // what is held by somebody holds up nothing new
		if err != nil {
			wake = nil
			if ctx.Err() == nil {
				c.trouble(err)
			}
		}
		t := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			t.Stop()
			return
		case <-wake:
			t.Stop()
		case <-t.C:
		}
		pause = min(2*pause, maxPause)
	}
}

// take removes the next batch, all of one node id.
func (c *Completer) take() []Item {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := 0
	for n < min(len(c.queue), c.size) && c.queue[n].NodeID == c.queue[0].NodeID {
		n++
	}
	batch := slices.Clone(c.queue[:n])
	c.queue = slices.Delete(c.queue, 0, n)
	return batch
}

// settle puts what was not written behind the others, so that one locked row
// holds up nobody.
func (c *Completer) settle(tried, left []Item, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, item := range tried {
		if c.held[item.Ref]--; c.held[item.Ref] == 0 {
			delete(c.held, item.Ref)
		}
	}
	for _, item := range left {
		c.held[item.Ref]++
	}
	if err != nil {
		c.size = max(c.size/2, 1)
	} else {
		c.size = min(c.size*2, store.Batch)
	}
	c.queue = append(c.queue, left...)
	if c.pending -= len(tried) - len(left); c.pending == 0 {
		c.idle.Broadcast()
	}
}

func (c *Completer) send(ctx context.Context, batch []Item) (left []Item, err error) {
	done := make([]store.Completion, len(batch))
	for i := range batch {
		done[i] = batch[i].Completion
	}
	res, err := c.write(ctx, batch[0].NodeID, done)
	for _, item := range batch {
		switch {
		case slices.Contains(res.Written, item.Ref):
			item.Done(true)
		case slices.Contains(res.Superseded, item.Ref):
			item.Done(false)
		default:
			left = append(left, item)
		}
	}
	if len(res.Written) > 0 {
		c.flushed(len(res.Written), len(batch))
	}
	return left, err
}

// Flush waits until everything queued is written, or ctx ends, and returns how
// many outcomes are left.
func (c *Completer) Flush(ctx context.Context) int {
	stop := context.AfterFunc(ctx, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.idle.Broadcast()
	})
	defer stop()
	c.mu.Lock()
	defer c.mu.Unlock()
	for c.pending > 0 && ctx.Err() == nil {
		c.idle.Wait()
	}
	return c.pending
}

// Pending returns how many outcomes are not written yet.
func (c *Completer) Pending() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.pending
}
