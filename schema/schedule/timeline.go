package schedule

import (
	"sort"
	"sync"
	"time"
)

// segment is a stretch of time over which a zone keeps its offset from UTC.
type segment struct {
	from   int64 // first second, since the epoch
	offset int64 // wall clock minus UTC, in seconds
}

// timeline is a zone as its segments, in order, over all years that cron has.
type timeline struct {
	loc      *time.Location
	segments []segment
}

// reach is longer, in seconds, than a wall clock is ever away from UTC.
const reach = 36 * 60 * 60

var timelines sync.Map // name → *timeline; bounded by the names that LoadZone accepts

// timelineOf returns the timeline of a zone by its name.
func timelineOf(name string) (*timeline, error) {
	if z, ok := timelines.Load(name); ok {
		return z.(*timeline), nil
	}
	loc, err := LoadZone(name)
	if err != nil {
		return nil, err
	}
	z, _ := timelines.LoadOrStore(name, newTimeline(loc))
	return z.(*timeline), nil
}

func newTimeline(loc *time.Location) *timeline {
	z := &timeline{loc: loc}
	end := time.Date(lastYear+1, 1, 3, 0, 0, 0, 0, time.UTC)
	for t, more := time.Date(firstYear-1, 12, 29, 0, 0, 0, 0, loc), true; more && t.Before(end); t, more = changeAfter(t) {
		_, offset := t.Zone()
		if n := len(z.segments); n == 0 || z.segments[n-1].offset != int64(offset) {
			z.segments = append(z.segments, segment{t.Unix(), int64(offset)})
		}
	}
	return z
}

// changeAfter returns a time later than t before which the offset stays what it
// is at t; more is false where it stays so for ever.
//
// It is what ZoneBounds says, with one exception: for the years that a zone's
// rules make up, ZoneBounds takes every year to have 365 days and in the last
// days of a leap year answers with an end that is not later than the time it
// was asked about.
func changeAfter(t time.Time) (end time.Time, more bool) {
	_, end = t.ZoneBounds()
	if end.IsZero() {
		return end, false
	}
	if end.After(t) {
		return end, true
	}
	_, offset := t.Zone()
	kept := sort.Search(48*3600, func(s int) bool {
		_, o := t.Add(time.Duration(s) * time.Second).Zone()
		return o != offset
	})
	return t.Add(time.Duration(kept) * time.Second), true
}

// at returns the number of the segment that holds a second.
func (z *timeline) at(t int64) int {
	i := sort.Search(len(z.segments), func(i int) bool { return z.segments[i].from > t })
	return max(i-1, 0)
}

// until tells whether a second lies before the end of a segment.
func (z *timeline) until(i int, t int64) bool {
	return i+1 == len(z.segments) || t < z.segments[i+1].from
}

// shown is the latest wall-clock time that was shown up to and including t. It
// is later than the time shown at t during the second pass of an overlap.
func (z *timeline) shown(t int64) int64 {
	i := z.at(t)
	wall := t + z.segments[i].offset
	for ; i > 0 && t-z.segments[i].from < 2*reach; i-- {
		wall = max(wall, z.segments[i].from-1+z.segments[i-1].offset)
	}
	return wall
}

// reaches returns the first second at which the wall clock shows a time or a
// later one.
func (z *timeline) reaches(wall int64) int64 {
	for i := z.at(wall - reach); ; i++ {
		s := z.segments[i]
		if t := max(s.from, wall-s.offset); z.until(i, t) {
			return t
		}
	}
}
