package schedule

import (
	"fmt"
	"math"
	"time"
)

// The two types of schedule.
const (
	TypeCron   = "CRON"
	TypeSimple = "SIMPLE"
)

// Spec is a schedule as it is written down: the schedule columns of an execute.
type Spec struct {
	// Type is TypeCron or TypeSimple. Required. What belongs to the other type
	// is not looked at.
	Type string

	// Cron is the expression of a CRON schedule, of at most 250 characters.
	Cron string

	// Zone is the IANA name of the time zone in which Cron is read, such as
	// "Europe/Berlin". Defaults to UTC.
	Zone string

	// RepeatCount is how many times a SIMPLE schedule fires. Anything below 1
	// is for ever; the customary value is -1. The zero value is for ever too.
	RepeatCount int64

	// RepeatInterval is the distance between the fires of a SIMPLE schedule in
	// milliseconds, at least 10. Not needed where RepeatCount is 1.
	RepeatInterval int64

	// Start is the earliest instant, in epoch milliseconds, and the first slot
	// of a SIMPLE schedule, no later than the year 9999. Defaults to 0, the
	// epoch.
	Start int64

	// End is the last instant that still belongs to the schedule, in epoch
	// milliseconds. Anything below 1 is no end. Defaults to no end.
	End int64
}

// Schedule is a Spec that was found to be valid. It does not change and may be
// used by any number of goroutines.
type Schedule struct {
	start, end int64 // end is the last instant; math.MaxInt64 where there is none
	loc        *time.Location
	rule       rule
}

// rule is what differs between the types. It knows neither start nor end,
// except that a SIMPLE rule counts its slots from the start.
type rule interface {
	// next returns the first instant later than after.
	next(after int64) (int64, bool)
	// count looks at the instants in (after, upTo]. It may stop after limit
	// of them and then reports more.
	count(after, upTo int64, limit int) (n, newest int64, more bool)
}

// Parse validates a Spec. Every error is a *FieldError.
//
// Parsing the same expression again is cheap: what was made of it is shared by
// all schedules of the same expression and zone.
func Parse(spec Spec) (*Schedule, error) {
	s := &Schedule{start: spec.Start, end: math.MaxInt64, loc: time.UTC}
	if spec.Start < 0 || spec.Start > latest {
		return nil, &FieldError{"startTime", fmt.Sprint(spec.Start), "is no time in milliseconds from 1970 to 9999"}
	}
	if spec.End >= 1 {
		if spec.End < spec.Start {
			return nil, &FieldError{"endTime", fmt.Sprint(spec.End), fmt.Sprintf("lies before the start time %d", spec.Start)}
		}
		s.end = spec.End
	}
	switch spec.Type {
	case TypeCron:
		c, err := parsed.get(spec.Cron, spec.Zone)
		if err != nil {
			return nil, err
		}
		s.rule, s.loc = c, c.zone.loc
	case TypeSimple:
		r, err := newSimple(spec)
		if err != nil {
			return nil, err
		}
		s.rule = r
	default:
		return nil, &FieldError{"type", spec.Type, "is none of CRON, SIMPLE"}
	}
	return s, nil
}

// Next returns the first instant that is later than after and lies between
// start and end, both included. ok is false when there is none: the schedule
// will never fire again.
func (s *Schedule) Next(after int64) (next int64, ok bool) {
	after = max(after, s.start-1)
	next, ok = s.rule.next(after)
	if !ok || next > s.end {
		return 0, false
	}
	return next, true
}

// First returns the first instant of the schedule. ok is false when it has
// none.
func (s *Schedule) First() (first int64, ok bool) { return s.Next(s.start - 1) }

// Location returns the zone in which the schedule is read: UTC for SIMPLE.
func (s *Schedule) Location() *time.Location { return s.loc }
