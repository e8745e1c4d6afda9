package client

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/quartz-cluster/quartz/schema"
	"github.com/quartz-cluster/quartz/schema/schedule"
)

// minInterval is the shortest distance between two fires.
const minInterval = 10 * time.Millisecond

// countStep bounds the instants that are counted between two looks at the
// caller's context.
const countStep = 10_000

// latestTime is the end of the year 9999: the last that the columns may hold.
const latestTime = 253_402_300_799_999

// columns are the schedule columns of an execute.
type columns struct {
	jobType    schema.JobType
	cron, zone string
	count      int64 // -1: for ever; 0 for CRON, which has none
	interval   int64
	start, end int64 // start 0: not given; end -1: none
}

// columns checks everything of a schedule that can be checked without its start.
func (s Schedule) columns() (columns, error) {
	out := columns{jobType: s.Type, end: -1}
	var err error
	switch s.Type {
	case schema.Cron:
		err = s.checkCron()
		out.cron, out.zone = s.Cron, s.Zone
		if out.zone == "" {
			out.zone = "UTC"
		}
	case schema.Simple:
		err = s.checkSimple()
		out.interval, out.count = s.Interval.Milliseconds(), s.Count
		if out.count == 0 {
			out.count = -1
		}
	default:
		err = invalid("type", s.Type, "must be CRON or SIMPLE: make the schedule with Cron, Every, At or Now")
	}
	if err != nil {
		return out, err
	}
	if !s.Start.IsZero() || s.form == formAt {
		// Nothing starts before its time, not even by part of a millisecond.
		if out.start, err = millis("start", s.Start.Add(time.Millisecond-1)); err != nil {
			return out, err
		}
	}
	if !s.End.IsZero() {
		if out.end, err = millis("end", s.End); err != nil {
			return out, err
		}
		if out.end < out.start {
			return out, invalid("end", s.End, fmt.Sprintf("must not be before the start, %s", s.Start))
		}
	}
	_, err = out.parse(out.start)
	return out, err
}

func (s Schedule) checkCron() error {
	switch {
	case s.Count != 0 || s.form == formCounted:
		return invalid("count", s.Count, "a CRON schedule cannot be counted: end it with Until")
	case s.Interval != 0:
		return invalid("interval", s.Interval, "a CRON schedule has no interval")
	}
	if err := checkText("cron", s.Cron, schema.MaxCron); err != nil {
		return err
	}
	return checkText("zone", s.Zone, schema.MaxZone)
}

func (s Schedule) checkSimple() error {
	switch {
	case s.Cron != "":
		return invalid("cron", s.Cron, "a SIMPLE schedule has no cron expression")
	case s.Zone != "":
		return invalid("zone", s.Zone, "a SIMPLE schedule has no zone: its instants are the same everywhere")
	case s.Count < 0 || s.Count == 0 && s.form == formCounted:
		return invalid("count", s.Count, "must be at least 1, or left out to fire for ever")
	case s.Count > math.MaxInt32:
		return invalid("count", s.Count, fmt.Sprintf("must be at most %d", math.MaxInt32))
	case s.Interval%time.Millisecond != 0:
		return invalid("interval", s.Interval, "must be whole milliseconds")
	case s.Interval < 0 || s.Count != 1 && s.Interval < minInterval:
		return invalid("interval", s.Interval, "must be at least 10ms for what fires more than once")
	}
	return nil
}

// millis is a time as a column holds it.
func millis(field string, t time.Time) (int64, error) {
	// Far years overflow UnixMilli, so compare before converting.
	if t.Before(time.UnixMilli(1)) || t.After(time.UnixMilli(latestTime)) {
		return 0, invalid(field, t, "must be after 1970 and before the year 10000")
	}
	return t.UnixMilli(), nil
}

func (c columns) spec(start int64) schedule.Spec {
	return schedule.Spec{
		Type: string(c.jobType), Cron: c.cron, Zone: c.zone,
		RepeatCount: c.count, RepeatInterval: c.interval, Start: start, End: c.end,
	}
}

// parse makes of the columns what computes their instants.
func (c columns) parse(start int64) (*schedule.Schedule, error) {
	s, err := schedule.Parse(c.spec(start))
	return s, ownField(err)
}

// ownField makes a *FieldError of the schedule's.
func ownField(err error) error {
	var field *schedule.FieldError
	if errors.As(err, &field) {
		return &FieldError{Field: fieldNames[field.Field], Value: field.Value, Reason: field.Reason}
	}
	return err
}

// fieldNames are the client's words for the fields of schedule.Spec.
var fieldNames = map[string]string{
	"type": "type", "cron": "cron", "zone": "zone", "n": "n",
	"repeatInterval": "interval", "startTime": "start", "endTime": "end",
}

// columnsOf reads the schedule columns of a row.
func columnsOf(row schema.Execute) columns {
	out := columns{jobType: row.JobType, start: row.StartTime, end: max(row.EndTime, -1)}
	if out.end == 0 {
		out.end = -1
	}
	if row.JobType == schema.Cron {
		out.cron, out.zone = row.Cron, row.ZoneID
		if out.zone == "" {
			out.zone = "UTC"
		}
		return out
	}
	out.count, out.interval = row.RepeatCount, row.RepeatInterval
	if out.count < 1 {
		out.count = -1
	}
	return out
}

// write puts the columns into a row.
func (c columns) write(row *schema.Execute) {
	row.JobType, row.Cron, row.ZoneID = c.jobType, c.cron, c.zone
	row.RepeatCount, row.RepeatInterval = c.count, c.interval
	row.StartTime, row.EndTime = c.start, c.end
}

// same reports whether the columns of a row say what c says; a start that was
// not given is any.
func (c columns) same(row columns) bool {
	if c.start == 0 {
		c.start = row.start
	}
	if c.jobType == schema.Simple && c.count == 1 {
		c.interval, row.interval = 0, 0 // the distance between one fire and none
	}
	return c == row
}

// countInstants counts the instants from one of them up to, not including, a
// time. It is exact however many there are, and gives up with ctx.
func countInstants(ctx context.Context, s *schedule.Schedule, from, before int64) (int64, error) {
	var n int64
	for from < before {
		missed := s.Missed(from, before-1, countStep)
		n += missed.Count
		if !missed.More {
			break
		}
		if err := ctx.Err(); err != nil {
			return 0, fmt.Errorf("counting the instants that are passed over: %w", err)
		}
		from = missed.Next
	}
	return n, nil
}

// placement is where a schedule begins and fires next.
type placement struct {
	start, next int64
	schedule    *schedule.Schedule
}

// place finds the first instant of a schedule that is not before the
// database's now and later than high, the newest instant ever claimed.
func (c columns) place(now, high int64) (placement, error) {
	p := placement{start: c.start}
	if p.start == 0 {
		p.start = max(now, high+1) // so that a counted schedule has all its slots ahead
	}
	if c.end > 0 && c.end < p.start {
		return p, invalid("end", timeOf(c.end), fmt.Sprintf("must not be before the start, %s", timeOf(p.start)))
	}
	var err error
	if p.schedule, err = c.parse(p.start); err != nil {
		return p, err
	}
	next, ok := p.schedule.Next(max(now-1, high))
	if !ok {
		return p, c.nothingLeft(p, now)
	}
	p.next = next
	return p, nil
}

// nothingLeft names the field that is to blame for a schedule that never fires.
func (c columns) nothingLeft(p placement, now int64) error {
	_, ever := p.schedule.First()
	switch {
	case !ever && c.end > 0:
		return invalid("end", timeOf(c.end), fmt.Sprintf("nothing fires between the start, %s, and then", timeOf(p.start)))
	case !ever:
		return invalid("cron", c.cron, fmt.Sprintf("never fires after %s", timeOf(p.start)))
	case c.end > 0 && c.end < now:
		return invalid("end", timeOf(c.end), fmt.Sprintf("has passed: the database's clock says %s", timeOf(now)))
	case c.jobType == schema.Simple && c.start != 0:
		return invalid("start", timeOf(c.start), fmt.Sprintf("leaves nothing to fire: the database's clock says %s", timeOf(now)))
	case c.end > 0:
		return invalid("end", timeOf(c.end), fmt.Sprintf("nothing is left to fire after %s", timeOf(now)))
	default:
		return invalid("cron", c.cron, fmt.Sprintf("never fires after %s", timeOf(now)))
	}
}

// passed counts the instants of a placed schedule that lie before now.
func (p placement) passed(ctx context.Context, now int64) (int64, error) {
	first, ok := p.schedule.First()
	if !ok || first >= now {
		return 0, nil
	}
	return countInstants(ctx, p.schedule, first, now)
}
