package schedule

import (
	"fmt"
	"math"
	"time"
)

// maxPreview bounds what one call of Preview makes.
const maxPreview = 10_000

// Preview returns the next n instants of a schedule later than after, fewer
// where it has fewer. The times are in the zone of the schedule. n is 1 to
// 10,000.
func Preview(spec Spec, after time.Time, n int) ([]time.Time, error) {
	s, err := Parse(spec)
	if err != nil {
		return nil, err
	}
	if n < 1 || n > maxPreview {
		return nil, &FieldError{"n", fmt.Sprint(n), fmt.Sprintf("is out of range 1 to %d", maxPreview)}
	}
	var times []time.Time
	for at := millis(after); len(times) < n; {
		next, ok := s.Next(at)
		if !ok {
			break
		}
		times = append(times, time.UnixMilli(next).In(s.loc))
		at = next
	}
	return times, nil
}

// millis is t.UnixMilli for times that an int64 of milliseconds can hold, and
// the nearest one that it can for all others.
func millis(t time.Time) int64 {
	switch s := t.Unix(); {
	case s > math.MaxInt64/1000-1:
		return math.MaxInt64
	case s < math.MinInt64/1000+1:
		return math.MinInt64
	}
	return t.UnixMilli()
}
