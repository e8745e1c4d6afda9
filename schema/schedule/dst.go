package schedule

import "sync/atomic"

// cron is the rule of a calendar in a zone. It is shared by all schedules that
// have the same expression and zone.
type cron struct {
	calendar *calendar
	zone     *timeline
	// recent is the last question and its answer. Executes that share a rule
	// also share their instants and ask the same thing one after the other.
	recent atomic.Pointer[answer]
}

type answer struct {
	after, next int64
	ok          bool
}

// next answers in milliseconds; everything below it counts seconds. after is
// -1 at the least, since no schedule starts before the epoch.
func (c *cron) next(after int64) (int64, bool) {
	if a := c.recent.Load(); a != nil && a.after == after {
		return a.next, a.ok
	}
	seconds := after / 1000
	if after < 0 {
		seconds = -1
	}
	next, ok := c.search(seconds)
	c.recent.Store(&answer{after, next * 1000, ok})
	return next * 1000, ok
}

func (c *cron) search(after int64) (int64, bool) {
	if c.calendar.interval {
		return c.nextShown(after + 1)
	}
	return c.nextReached(after)
}

// nextReached is for times of day: each belongs to the first second at which
// the wall clock shows it or a later one. Seen from after, what the clock has
// shown is done with, also where it shows it again.
func (c *cron) nextReached(after int64) (int64, bool) {
	wall, ok := c.calendar.next(c.zone.shown(after))
	if !ok {
		return 0, false
	}
	return c.zone.reaches(wall), true
}

// nextShown is for intervals: every second from from on at which the wall clock
// shows a time of the calendar.
func (c *cron) nextShown(from int64) (int64, bool) {
	z := c.zone
	for i := z.at(from); ; i++ {
		offset := z.segments[i].offset
		if wall, ok := c.calendar.next(from + offset - 1); ok && z.until(i, wall-offset) {
			return wall - offset, true
		}
		if i+1 == len(z.segments) {
			return 0, false
		}
		from = z.segments[i+1].from
		// No clock reads earlier than reach before the true time, nor later than
		// reach after it: segments too early to show the next time are leapt over.
		wall, ok := c.calendar.next(from - reach)
		if !ok {
			return 0, false
		}
		if wall-reach > from {
			from = wall - reach
			i = z.at(from) - 1
		}
	}
}

func (c *cron) count(after, upTo int64, limit int) (n, newest int64, more bool) {
	for next, ok := c.next(after); ok && next <= upTo; next, ok = c.next(next) {
		if n >= int64(limit) {
			return n, newest, true
		}
		n, newest = n+1, next
	}
	return n, newest, false
}
