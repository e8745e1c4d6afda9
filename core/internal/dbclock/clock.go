package dbclock

import (
	"sync"
	"time"
)

// drift is by how much two clocks may run apart: an old bound loses this share
// of its age. NTP lets a clock that it corrects run 500 parts in a million slow.
const drift = 600e-6

// Clock is an estimate of the database's clock. The zero value knows nothing yet.
type Clock struct {
	mu     sync.Mutex
	origin time.Time     // monotonic reading that offset refers to
	offset time.Duration // database time since 1970 minus time since origin, at most
	seen   time.Time     // when offset was last confirmed
	skew   time.Duration
	sure   time.Duration // by how much the clocks differ for certain
}

// Observe takes a reading: the database's clock showed epoch milliseconds db at
// some moment between sent and received, both of them from time.Now.
func (c *Clock) Observe(sent, received time.Time, db int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.origin.IsZero() {
		c.origin = sent
	}
	at := time.Duration(db) * time.Millisecond
	lower := at - received.Sub(c.origin)
	upper := at + time.Millisecond - sent.Sub(c.origin)
	aged := c.offset - time.Duration(float64(received.Sub(c.seen))*drift)
	if c.seen.IsZero() || aged < lower || aged > upper { // above: the database's clock went back
		aged = lower
	}
	c.offset, c.seen = aged, received
	middle := sent.Add(received.Sub(sent) / 2)
	c.skew = time.Duration(middle.UnixMilli()-db) * time.Millisecond
	c.sure = max(c.skew.Abs()-received.Sub(sent)/2-time.Millisecond, 0)
}

// Known reports whether there was a reading.
func (c *Clock) Known() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return !c.seen.IsZero()
}

// Now returns the database's clock in epoch milliseconds, or slightly less.
func (c *Clock) Now() int64 { return int64(c.at(time.Now()) / time.Millisecond) }

// Until returns how long it takes the database's clock to reach epoch
// milliseconds ms; it is negative once that is past.
func (c *Clock) Until(ms int64) time.Duration {
	return time.Duration(ms)*time.Millisecond - c.at(time.Now())
}

// Skew returns the node's wall clock minus the database's, by the last reading.
func (c *Clock) Skew() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.skew
}

// SureSkew returns by how much the two clocks differ at least, in either
// direction: a slow answer does not count as a clock that is wrong.
func (c *Clock) SureSkew() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.sure
}

func (c *Clock) at(t time.Time) time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.offset + t.Sub(c.origin) - time.Duration(float64(t.Sub(c.seen))*drift)
}
