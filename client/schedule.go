package client

import (
	"time"

	"github.com/quartz-cluster/quartz/schema"
)

// Schedule says when an execute fires. Make one with [Cron], [Every], [At] or
// [Now], or fill in the fields, or read it from JSON.
type Schedule struct {
	// Type is CRON or SIMPLE.
	Type schema.JobType
	// Cron is a Quartz expression of 6 or 7 fields (seconds first, 1 = SUN), a
	// Unix one of 5, or a macro such as @daily; at most 250 bytes.
	Cron string
	// Zone is the IANA name of the zone in which Cron is read.
	// Defaults to UTC.
	Zone string
	// Interval is the distance between the fires of a SIMPLE schedule: whole
	// milliseconds, at least 10. Not needed where Count is 1.
	Interval time.Duration
	// Count is how many times a SIMPLE schedule fires, at most 2,147,483,647.
	// Defaults to 0: for ever.
	Count int64
	// Start is the earliest instant, and the first of a SIMPLE schedule.
	// Defaults to the database's now when the execute is added; an edit keeps
	// the start of a CRON schedule and begins a SIMPLE one anew.
	Start time.Time
	// End is the last instant that still belongs to the schedule.
	// Defaults to the zero time: no end.
	End time.Time

	form form
}

// form remembers how a Schedule was made, for what its fields cannot tell.
type form uint8

const (
	formFields  form = iota
	formNow          // at the database's now, also where the row says the same already
	formAt           // the start was given, even if it is the zero time
	formCounted      // the count was given, even if it is 0
)

// Cron is a schedule of a cron expression in the zone, an IANA name; "" is UTC.
func Cron(expression, zone string) Schedule {
	return Schedule{Type: schema.Cron, Cron: expression, Zone: zone}
}

// Every is a schedule of one fire per interval, for ever unless Times says
// otherwise.
func Every(interval time.Duration) Schedule {
	return Schedule{Type: schema.Simple, Interval: interval}
}

// At is a schedule of one fire, at t. For now, use [Now]: the database's clock
// may be ahead of this machine's, and At refuses what has passed.
func At(t time.Time) Schedule {
	return Schedule{Type: schema.Simple, Count: 1, Start: t, form: formAt}
}

// Now is a schedule of one fire, at the database's now.
func Now() Schedule { return Schedule{Type: schema.Simple, Count: 1, form: formNow} }

// Times returns the schedule with a number of fires, at least 1.
func (s Schedule) Times(n int64) Schedule {
	s.Count, s.form = n, formCounted
	return s
}

// StartAt returns the schedule with an earliest instant. Of a SIMPLE schedule it
// is the first slot; slots that have passed are counted as skipped.
func (s Schedule) StartAt(t time.Time) Schedule {
	s.Start = t
	if s.form == formNow {
		s.form = formAt
	}
	return s
}

// Until returns the schedule with a last instant, which still belongs to it.
func (s Schedule) Until(t time.Time) Schedule {
	s.End = t
	return s
}
