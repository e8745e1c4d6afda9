package ledger

import (
	"context"
	"fmt"
	"sync"
	"time"

	"gorm.io/gorm"
)

const (
	// period is the distance between two readings of the database's clock.
	period = 500 * time.Millisecond
	// drift is by how much the clocks of two machines may run apart.
	drift = 200e-6
	// readTimeout bounds one reading.
	readTimeout = 5 * time.Second
)

// Clock tells the database's time.
type Clock struct {
	given func() time.Time // stands in for the database's clock; nil: none does

	db   *gorm.DB
	unit time.Duration // what a reading is cut to
	base time.Time     // the monotonic reading that the offsets refer to
	stop context.CancelFunc
	done chan struct{}

	mu           sync.Mutex
	seen         time.Time     // the last reading
	lower, upper time.Duration // database's time since the epoch, less the time since base
	newest       time.Time     // the latest time given out: the clock never moves back
}

// NewClock reads the clock of db, now and until Close. The connection should
// have no other use: what waits for a connection reads no clock.
func NewClock(ctx context.Context, db *gorm.DB) (*Clock, error) {
	c := &Clock{db: db, unit: unit(db), base: time.Now(), done: make(chan struct{})}
	for range 5 { // the fastest of several gives the tightest bounds
		if err := c.read(ctx); err != nil {
			return nil, fmt.Errorf("ledger: read the database's clock: %w", err)
		}
	}
	var reading context.Context
	reading, c.stop = context.WithCancel(context.WithoutCancel(ctx))
	go c.keep(reading)
	return c, nil
}

// GivenClock returns a Clock for a test in which now stands in for the
// database's clock everywhere.
func GivenClock(now func() time.Time) *Clock {
	c := &Clock{given: now, stop: func() {}, done: make(chan struct{})}
	close(c.done)
	return c
}

// Close ends the readings.
func (c *Clock) Close() {
	c.stop()
	<-c.done
}

// Earliest returns the present time, or slightly less.
func (c *Clock) Earliest() time.Time {
	if c.given != nil {
		return c.given().Truncate(time.Millisecond)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	since := time.Since(c.base)
	return time.UnixMicro(0).Add(c.lower + since - c.widened(c.base.Add(since))).UTC()
}

// Latest returns the present time, or slightly more, and never less than before.
func (c *Clock) Latest() time.Time {
	if c.given != nil {
		return c.given()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	since := time.Since(c.base)
	now := time.UnixMicro(0).Add(c.upper + since + c.widened(c.base.Add(since))).UTC()
	if now.Before(c.newest) {
		return c.newest
	}
	c.newest = now
	return now
}

// widened is by how much the bounds have grown apart since the last reading.
func (c *Clock) widened(now time.Time) time.Duration {
	return time.Duration(float64(now.Sub(c.seen)) * drift)
}

func (c *Clock) keep(ctx context.Context) {
	defer close(c.done)
	tick := time.NewTicker(period)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			_ = c.read(ctx) // while the database is away the bounds grow apart
		}
	}
}

// read takes one reading: at some moment between sent and received the
// database's clock showed a time from shown to shown + unit.
func (c *Clock) read(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	var micros int64
	sent := time.Now()
	err := c.db.WithContext(ctx).Raw(statement(c.db)).Row().Scan(&micros)
	received := time.Now()
	if err != nil {
		return err
	}
	shown := time.Duration(micros) * time.Microsecond
	c.observe(sent, received, shown)
	return nil
}

func (c *Clock) observe(sent, received time.Time, shown time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	lower, upper := shown-received.Sub(c.base), shown+c.unit-sent.Sub(c.base)
	if !c.seen.IsZero() {
		wide := c.widened(received)
		low, up := max(lower, c.lower-wide), min(upper, c.upper+wide)
		if low <= up { // otherwise the clock has jumped: what was known is void
			lower, upper = low, up
		} else {
			c.newest = time.Time{}
		}
	}
	c.lower, c.upper, c.seen = lower, upper, received
}

// statement asks for the database's UTC clock in microseconds since the epoch,
// in words other than the product's own.
func statement(db *gorm.DB) string {
	switch db.Dialector.Name() {
	case "postgres":
		return "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT)"
	case "mysql":
		return "SELECT TIMESTAMPDIFF(MICROSECOND, '1970-01-01 00:00:00', UTC_TIMESTAMP(6))"
	case "oracle":
		const since = "(SYS_EXTRACT_UTC(SYSTIMESTAMP) - TIMESTAMP '1970-01-01')"
		return "SELECT ((EXTRACT(DAY FROM " + since + ") * 24 + EXTRACT(HOUR FROM " + since + ")) * 60 + EXTRACT(MINUTE FROM " + since + ")) * 60000000" +
			" + ROUND(EXTRACT(SECOND FROM " + since + ") * 1000000) FROM DUAL"
	default:
		return "SELECT CAST(strftime('%s', 'now') AS INTEGER) * 1000000 + CAST(substr(strftime('%f', 'now'), 4) AS INTEGER) * 1000"
	}
}

// unit is what the statement's result is cut to.
func unit(db *gorm.DB) time.Duration {
	if db.Dialector.Name() == "sqlite" {
		return time.Millisecond
	}
	return time.Microsecond
}
