package client

import (
	"context"
	"time"

	"github.com/quartz-cluster/quartz/schema"
	"github.com/quartz-cluster/quartz/schema/schedule"
)

// Preview returns the next n instants of a schedule later than after, or fewer
// where it has fewer, in the schedule's zone. A schedule without a start begins
// at after, which is then its first instant if it is SIMPLE. n is 1 to 10,000.
func Preview(s Schedule, after time.Time, n int) ([]time.Time, error) {
	cols, err := s.columns()
	if err != nil {
		return nil, err
	}
	from, err := millis("after", after)
	if err != nil {
		return nil, err
	}
	if cols.start == 0 {
		cols.start = from
		if cols.jobType == schema.Simple {
			after = after.Add(-time.Millisecond)
		}
	}
	times, err := schedule.Preview(cols.spec(cols.start), after, n)
	return times, ownField(err)
}

// Explain says in plain English what a schedule means, beside its next fires:
//
//	At 08:00:00, Monday to Friday, Europe/Berlin
//	Every 15 minutes from 09:00:00 to 17:45:00, every day, UTC
//	Every 5 seconds, 10 times, starting 2027-03-01 12:00:00 UTC
//
// It says what will be run, not how it was written: what fires alike reads alike.
// Times of day are those of the zone that it names. The schedule of an
// [ExecuteInfo] has a start, which it tells; where that is of no interest, set it
// to the zero time first.
func Explain(s Schedule) (string, error) {
	cols, err := s.columns()
	if err != nil {
		return "", err
	}
	text, err := schedule.Explain(cols.spec(cols.start))
	return text, ownField(err)
}

// Preview returns the next n instants of an execute from its next fire on, as
// things stand. An execute that is paused or done has them all the same: none,
// where nothing is left.
func (c *Client) Preview(ctx context.Context, id ID, n int) ([]time.Time, error) {
	return get(ctx, c, "preview", func(ctx context.Context) ([]time.Time, error) {
		row, err := c.readExecute(ctx, id)
		if err != nil || row.NextFireTime == 0 {
			return nil, err
		}
		return Preview(scheduleOf(row), time.UnixMilli(row.NextFireTime-1), n)
	})
}
