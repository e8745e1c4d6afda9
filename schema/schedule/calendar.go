package schedule

import (
	"errors"
	"math"
	"math/bits"
	"time"
)

const secondsPerDay = 24 * 60 * 60

// calendar is an expression as the sets of what its fields admit. Its times are
// wall-clock times without a zone, in seconds, counted as if they were UTC.
type calendar struct {
	seconds, minutes, hours, months uint64
	years                           yearSet
	dates                           dates
	// last is the latest time of all; math.MinInt64 where there is none.
	last int64
	// interval says that every hour of the day is admitted.
	interval bool
}

func newCalendar(e *expression) (*calendar, error) {
	c := &calendar{years: newYearSet(e.year)}
	c.dates.dayOfMonth, c.dates.dayOfWeek = e.dayOfMonth, e.dayOfWeek
	for _, set := range []struct {
		into *uint64
		kind kind
		from field
	}{
		{&c.seconds, second, e.second},
		{&c.minutes, minute, e.minute},
		{&c.hours, hour, e.hour},
		{&c.months, month, e.month},
	} {
		var err error
		if *set.into, err = set.from.admits(set.kind); err != nil {
			return nil, err
		}
	}
	if !c.possible() {
		return nil, errors.New("matches no day of any year")
	}
	c.interval = bits.OnesCount64(c.hours) == 24
	c.last = c.findLast()
	return c, nil
}

// possible tells whether any month has a day that is admitted, whatever the
// year.
func (c *calendar) possible() bool {
	for m := time.January; m <= time.December; m++ {
		if c.months>>m&1 == 0 {
			continue
		}
		for _, y := range []int{2023, 2024} { // February has two lengths
			for first := time.Sunday; first <= time.Saturday; first++ {
				if c.dates.in(daysIn(y, m), first) != 0 {
					return true
				}
			}
		}
	}
	return false
}

// next returns the first time later than after.
func (c *calendar) next(after int64) (int64, bool) {
	if after >= c.last {
		return 0, false
	}
	from := time.Unix(max(after+1, 0), 0).UTC()
	y, m, d := from.Date()
	midnight := from.Unix() - from.Unix()%secondsPerDay
	if c.day(y, m, d) {
		if clock, ok := c.clock(int(from.Unix() - midnight)); ok {
			return midnight + int64(clock), true
		}
	}
	first, _ := c.clock(0)
	return c.dayAfter(y, m, d) + int64(first), true
}

// day tells whether a day is admitted.
func (c *calendar) day(y int, m time.Month, d int) bool {
	return c.years.has(y) && c.monthDays(y, m)>>d&1 != 0
}

// monthDays is the set of the days admitted in a month, were its year.
func (c *calendar) monthDays(y int, m time.Month) uint32 {
	if c.months>>m&1 == 0 {
		return 0
	}
	return c.dates.in(daysIn(y, m), time.Date(y, m, 1, 0, 0, 0, 0, time.UTC).Weekday())
}

// dayAfter returns the first admitted day after one that is before the day of
// c.last, as the time of its beginning.
func (c *calendar) dayAfter(y int, m time.Month, d int) int64 {
	for ; y <= lastYear; y, m, d = y+1, time.January, 0 {
		if !c.years.has(y) {
			continue
		}
		for ; m <= time.December; m, d = m+1, 0 {
			if later := c.monthDays(y, m) >> (d + 1) << (d + 1); later != 0 {
				return time.Date(y, m, bits.TrailingZeros32(later), 0, 0, 0, 0, time.UTC).Unix()
			}
		}
	}
	panic("schedule: no day up to the last one") // unreachable: the day of c.last is one
}

// clock returns the first time of day at or after one, in seconds.
func (c *calendar) clock(from int) (int, bool) {
	h, m, s := from/3600, from/60%60, from%60
	if c.hours>>h&1 != 0 {
		if c.minutes>>m&1 != 0 {
			if at, ok := bitFrom(c.seconds, s); ok {
				return h*3600 + m*60 + at, true
			}
		}
		if at, ok := bitFrom(c.minutes, m+1); ok {
			return h*3600 + at*60 + bits.TrailingZeros64(c.seconds), true
		}
	}
	if at, ok := bitFrom(c.hours, h+1); ok {
		return at*3600 + bits.TrailingZeros64(c.minutes)*60 + bits.TrailingZeros64(c.seconds), true
	}
	return 0, false
}

// bitFrom is the lowest bit of a set at or above a position.
func bitFrom(set uint64, position int) (int, bool) {
	rest := set >> position << position
	return bits.TrailingZeros64(rest), rest != 0
}

// findLast searches backwards.
func (c *calendar) findLast() int64 {
	clock := (63-bits.LeadingZeros64(c.hours))*3600 + (63-bits.LeadingZeros64(c.minutes))*60 + 63 - bits.LeadingZeros64(c.seconds)
	for y := lastYear; y >= firstYear; y-- {
		if !c.years.has(y) {
			continue
		}
		for m := time.December; m >= time.January; m-- {
			if days := c.monthDays(y, m); days != 0 {
				return time.Date(y, m, 31-bits.LeadingZeros32(days), 0, 0, clock, 0, time.UTC).Unix()
			}
		}
	}
	return math.MinInt64
}
