package complete

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/quartz-cluster/quartz/core/internal/said"
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
	Done    func(Fate)
	Trouble func(error) // it was not written, it alone
}

// Fate is what became of an outcome.
type Fate int

// The fates of outcomes.
const (
	Written    Fate = iota
	Superseded      // the fire was taken away before
	Left            // nobody writes any more: as far as is known it is not written
	Faulted         // written, and the execute is in ERROR by it
	Stray           // it was to go on, and does not: its execute was deleted
)

// Write is [store.Store.Complete].
type Write func(ctx context.Context, nodeID int64, done []store.Completion) (store.Completed, error)

// Completer is the queue of outcomes.
type Completer struct {
	write   Write
	flushed func(written, tried int)
	trouble func(error)

	mu       sync.Mutex
	queue    []Item
	pending  int                // queued or being written
	rejected []Item             // what the database will not take
	held     map[store.Ref]bool // all of them, and whether they are pending
	idle     *sync.Cond
	closed   bool
	wake     chan struct{}
	size     int         // rows a batch: halved by failure, so that they wait for fewer others
	said     said.Errors // since something was written
}

// New returns an empty queue. flushed is called after each batch of which
// something was written, trouble when a batch was not; what repeats itself is not told again.
func New(write Write, flushed func(written, tried int), trouble func(error)) *Completer {
	c := &Completer{
		write: write, flushed: flushed, trouble: trouble,
		wake: make(chan struct{}, 1), size: store.Batch, held: make(map[store.Ref]bool), said: said.Errors{},
	}
	c.idle = sync.NewCond(&c.mu)
	return c
}

// Add queues an outcome. It never blocks.
func (c *Completer) Add(item Item) {
	c.mu.Lock()
	if c.closed {
		c.mu.Unlock()
		item.Done(Left)
		return
	}
	c.queue = append(c.queue, item)
	c.pending++
	c.held[item.Ref] = true
	c.mu.Unlock()
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// Holds reports whether the outcome of a fire is yet to be written, and whether it
// is pending: it will be in a moment, as far as is known.
func (c *Completer) Holds(fire store.Ref) (held, pending bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	pending, held = c.held[fire]
	return held, pending
}

// Run writes what is queued until ctx ends.
func (c *Completer) Run(ctx context.Context) {
	var apart sync.WaitGroup
	defer apart.Wait()
	apart.Go(func() { c.retry(ctx) })
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
		left, err := c.sift(ctx, batch)
		if ctx.Err() == nil {
			c.tell(left, err)
		}
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

// tell says why some are not written: where they gave way to others each time, as that
// is counted, else once until something is written.
func (c *Completer) tell(left []Item, err error) {
	switch {
	case err == nil:
		clear(c.said)
	case !store.Refused(err) && !c.said.New(err):
	case len(left) == 1:
		left[0].Trouble(err)
	default:
		c.trouble(err)
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
		if c.held[item.Ref] { // else it was rejected
			delete(c.held, item.Ref)
		}
	}
	for _, item := range left {
		c.held[item.Ref] = true
	}
	if err != nil {
		c.size = max(c.size/2, 1)
	} else {
		c.size = min(c.size*2, store.Batch)
	}
	c.queue = append(c.queue, left...)
	c.pending -= len(tried) - len(left)
	c.rest()
}

func (c *Completer) send(ctx context.Context, batch []Item) (left []Item, err error) {
	done := make([]store.Completion, len(batch))
	for i := range batch {
		done[i] = batch[i].Completion
	}
	res, err := c.write(ctx, batch[0].NodeID, done)
	fates := make(map[store.Ref]Fate, len(batch))
	for _, ref := range res.Superseded {
		fates[ref] = Superseded
	}
	for _, ref := range res.Written {
		fates[ref] = Written
	}
	for _, ref := range res.Faulted {
		fates[ref] = Faulted
	}
	for _, ref := range res.Stray {
		fates[ref] = Stray
	}
	for _, item := range batch {
		if fate, known := fates[item.Ref]; known {
			item.Done(fate)
		} else {
			left = append(left, item)
		}
	}
	if len(res.Written) > 0 {
		c.flushed(len(res.Written), len(batch))
	}
	return left, err
}

// rest tells who waits for it that nothing is left to write. The caller holds mu.
func (c *Completer) rest() {
	if c.pending+len(c.rejected) == 0 {
		c.idle.Broadcast()
	}
}

// Flush waits until everything is written, or ctx ends.
func (c *Completer) Flush(ctx context.Context) {
	stop := context.AfterFunc(ctx, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.idle.Broadcast()
	})
	defer stop()
	c.mu.Lock()
	defer c.mu.Unlock()
	for c.pending+len(c.rejected) > 0 && ctx.Err() == nil {
		c.idle.Wait()
	}
}

// Close ends the queue, once Run has returned: what is left in it, and what is added from
// now on, is told so. It returns how many were left.
func (c *Completer) Close() int {
	c.mu.Lock()
	left := slices.Concat(c.queue, c.rejected)
	c.queue, c.rejected, c.closed = nil, nil, true
	c.mu.Unlock()
	for _, item := range left {
		item.Done(Left)
	}
	return len(left)
}

// Pending returns how many outcomes are not written yet and may be in a moment:
// those that the database rejects are not among them.
func (c *Completer) Pending() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.pending
}
