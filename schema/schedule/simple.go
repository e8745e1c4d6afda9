package schedule

import (
	"fmt"
	"math"
)

// minInterval is the shortest distance between two fires, in milliseconds.
const minInterval = 10

// latest is the last millisecond of the year 9999. Nothing starts or fires
// later, so that sums of instants and intervals stay far from overflow.
const latest = 253_402_300_799_999

// simple is the rule of equidistant slots: start + k·interval for 0 <= k <= last.
type simple struct {
	start, interval int64
	last            int64
}

func newSimple(spec Spec) (*simple, error) {
	if spec.RepeatInterval < 0 || spec.RepeatCount != 1 && spec.RepeatInterval < minInterval {
		return nil, &FieldError{"repeatInterval", fmt.Sprint(spec.RepeatInterval),
			fmt.Sprintf("is too short: what fires more than once needs at least %d milliseconds", minInterval)}
	}
	if spec.RepeatCount == 1 {
		return &simple{start: spec.Start, interval: math.MaxInt64}, nil
	}
	r := &simple{start: spec.Start, interval: spec.RepeatInterval}
	r.last = (latest - spec.Start) / r.interval
	if spec.RepeatCount > 1 {
		r.last = min(r.last, spec.RepeatCount-1)
	}
	return r, nil
}

// following is the number of the first slot later than after.
func (r *simple) following(after int64) int64 {
	if after < r.start {
		return 0
	}
	return (after-r.start)/r.interval + 1
}

func (r *simple) next(after int64) (int64, bool) {
	k := r.following(after)
	if k > r.last {
		return 0, false
	}
	return r.start + k*r.interval, true
}

// count needs no bound: it is a division.
func (r *simple) count(after, upTo int64, _ int) (n, newest int64, more bool) {
	first := r.following(after)
	last := min(r.following(upTo)-1, r.last)
	if last < first {
		return 0, 0, false
	}
	return last - first + 1, r.start + last*r.interval, false
}
