package schedule

import (
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/adhocore/gronx"
)

// admits returns the values of a field of the time of day, or of the month, as
// a bit set: all that any of its terms admits.
func (f field) admits(k kind) (uint64, error) {
	var set uint64
	for _, t := range f.terms {
		more, err := termAdmits(term{k, t})
		if err != nil {
			return 0, err
		}
		set |= more
	}
	return set, nil
}

type term struct {
	kind kind
	text string
}

// termSets holds what gronx answered. It is bounded by nature: a term is *, one
// of the values of its field, or */n with no more steps than there are values.
var termSets sync.Map // term → uint64

// termAdmits asks gronx about every value that the field of a term can have.
func termAdmits(t term) (uint64, error) {
	if set, ok := termSets.Load(t); ok {
		return set.(uint64), nil
	}
	var set uint64
	var judge gronx.SegmentChecker
	for v := range modulus(t.kind) {
		switch t.kind {
		case second:
			judge.SetRef(time.Date(2000, 1, 1, 0, 0, v, 0, time.UTC))
		case minute:
			judge.SetRef(time.Date(2000, 1, 1, 0, v, 0, 0, time.UTC))
		case hour:
			judge.SetRef(time.Date(2000, 1, 1, v, 0, 0, 0, time.UTC))
		case month:
			v++
			judge.SetRef(time.Date(2000, time.Month(v), 1, 0, 0, 0, 0, time.UTC))
		case dayOfMonth:
			v++
			judge.SetRef(time.Date(2000, 1, v, 0, 0, 0, 0, time.UTC))
		case dayOfWeek:
			judge.SetRef(time.Date(2000, 1, 2+v, 0, 0, 0, 0, time.UTC)) // a Sunday
		}
		due, err := judge.CheckDue(t.text, int(t.kind))
		if err != nil {
			return 0, fmt.Errorf("has a %s that is not understood: %w", names[t.kind], err)
		}
		if due {
			set |= 1 << v
		}
	}
	termSets.Store(t, set)
	return set, nil
}

// dates are the days that the two day fields admit. Which days of a month they
// are depends on nothing but its length and the weekday it begins on, so there
// are 28 kinds of month. gronx is asked about each when it first comes up.
type dates struct {
	dayOfMonth, dayOfWeek field
	known                 [4][7]atomic.Uint32
}

// asked marks an entry of known that was filled in. Days are the bits 1 to 31.
const asked = 1

// in returns the days of a month as the bits 1 to 31.
func (d *dates) in(length int, first time.Weekday) uint32 {
	entry := &d.known[length-28][first]
	if days := entry.Load(); days != 0 {
		return days &^ asked
	}
	days := d.ask(sample()[length-28][first])
	entry.Store(days | asked)
	return days
}

// ask judges every day of the month that begins at first.
func (d *dates) ask(first time.Time) uint32 {
	length := first.AddDate(0, 1, -1).Day()
	dom := d.dayOfMonth.inMonth(length)
	if len(dom.terms) == 0 {
		return 0
	}
	judge := gronx.Gronx{C: new(gronx.SegmentChecker)}
	segments := []string{"*", "*", "*", dom.String(), "*", d.dayOfWeek.String()}
	var days uint32
	for day := 1; day <= length; day++ {
		judge.C.SetRef(first.AddDate(0, 0, day-1))
		// What the tokenizer lets pass, gronx understands: an error is no day.
		if due, err := judge.SegmentsDue(segments); due && err == nil {
			days |= 1 << day
		}
	}
	return days
}

// sample is a month of each kind, as its first day.
var sample = sync.OnceValue(func() (months [4][7]time.Time) {
	for y := 2000; y < 2028; y++ {
		for m := time.January; m <= time.December; m++ {
			first := time.Date(y, m, 1, 0, 0, 0, 0, time.UTC)
			months[daysIn(y, m)-28][first.Weekday()] = first
		}
	}
	return months
})

// daysIn is the length of a month.
func daysIn(y int, m time.Month) int {
	return time.Date(y, m+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

// yearSet is the years of an expression. They are kept away from gronx, which
// counts their steps from the year 0 and lets pass years that never come.
type yearSet [(lastYear - firstYear + 64) / 64]uint64

func newYearSet(f field) (set yearSet) {
	if f.all {
		for y := firstYear; y <= lastYear; y++ {
			set.add(y)
		}
		return set
	}
	for _, term := range f.terms {
		y, _ := strconv.Atoi(term)
		set.add(y)
	}
	return set
}

func (s *yearSet) add(y int) { s[(y-firstYear)/64] |= 1 << ((y - firstYear) % 64) }

func (s *yearSet) has(y int) bool { return s[(y-firstYear)/64]>>((y-firstYear)%64)&1 != 0 }
