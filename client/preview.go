package client

import (
	"context"
	"errors"
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
	var field *schedule.FieldError
	if errors.As(err, &field) {
		return nil, &FieldError{Field: fieldNames[field.Field], Value: field.Value, Reason: field.Reason}
	}
	return times, err
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
