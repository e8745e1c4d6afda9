package checker

import (
	"fmt"
	"math"
	"time"

	"github.com/quartz-cluster/quartz/integration/internal/ledger"
	"github.com/quartz-cluster/quartz/schema"
	"github.com/quartz-cluster/quartz/schema/schedule"
)

// history is what the client was told of one execute.
type history struct {
	job   int64
	calls []ledger.Call // in order, the one that added it first
	edits int           // of its schedule
	owed  []int64       // instants besides those of its schedules
	gone  time.Time     // when it was deleted; zero: it was not
}

// touched reports whether anything was done to the execute after it was added.
func (h history) touched() bool { return len(h.calls) > 1 }

// histories sorts the calls by the executes that they are about.
func histories(calls []ledger.Call) map[int64]*history {
	all := map[int64]*history{}
	for _, c := range calls {
		if c.Execute == 0 {
			continue
		}
		h := all[c.Execute]
		if h == nil {
			h = &history{job: c.Job}
			all[c.Execute] = h
		}
		switch c.Kind {
		case ledger.Deleted:
			h.gone = c.Acked
			continue
		case ledger.Owed:
			h.owed = append(h.owed, c.Nominal)
			continue
		}
		h.calls = append(h.calls, c)
		if c.Kind == ledger.Rescheduled {
			h.edits++
		}
	}
	return all
}

// instants computes the instants that had to happen, in order, up to what the
// row says is next, and the last one if the schedule is over with it. What is owed
// besides comes first.
func (h history) instants(row schema.Execute) (all []int64, last int64, err error) {
	var current *ledger.Row
	all = append(all, h.owed...)
	for _, c := range h.calls {
		if c.Kind != ledger.Added && c.Kind != ledger.Rescheduled {
			continue
		}
		if current != nil {
			boundary := max(c.Row.Prev+1, min(c.Row.Updated+1, c.Row.Next))
			if all, err = between(all, current, boundary); err != nil {
				return nil, 0, err
			}
		}
		current = c.Row
	}
	if current == nil {
		return nil, 0, fmt.Errorf("it was never added")
	}
	if row.NextFireTime != 0 {
		all, err = between(all, current, row.NextFireTime)
		return all, 0, err
	}
	if !finite(current.Spec) {
		return nil, 0, fmt.Errorf("it has no next fire although its schedule has no end")
	}
	before := len(all)
	all, err = between(all, current, math.MaxInt64)
	if err == nil && len(all) > before {
		last = all[len(all)-1]
	}
	return all, last, err
}

// followed computes the instants at which copies may run up to the boundary, when
// they follow an edit by so many milliseconds at most.
func (h history) followed(boundary, lag int64) (all []int64, err error) {
	var current *ledger.Row
	all = append(all, h.owed...)
	for _, c := range h.calls {
		if c.Kind != ledger.Added && c.Kind != ledger.Rescheduled {
			continue
		}
		if current != nil {
			if all, err = between(all, current, min(boundary, c.Acked.UnixMilli()+lag)); err != nil {
				return nil, err
			}
		}
		current = c.Row
	}
	if current == nil {
		return nil, fmt.Errorf("it was never added")
	}
	return between(all, current, boundary)
}

func finite(s schedule.Spec) bool {
	return s.End > 0 || s.Type == schedule.TypeSimple && s.RepeatCount > 0
}

// between appends the instants of a schedule from its next fire, as the client
// was told, up to but not including the boundary.
func between(all []int64, row *ledger.Row, boundary int64) ([]int64, error) {
	s, err := schedule.Parse(row.Spec)
	if err != nil {
		return nil, err
	}
	for at, ok := row.Next, row.Next != 0; ok && at < boundary; at, ok = s.Next(at) {
		all = append(all, at)
	}
	return all, nil
}
