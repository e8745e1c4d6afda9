package scan

import (
	"math"

	"github.com/quartz-cluster/quartz/core/internal/store"
	"github.com/quartz-cluster/quartz/schema"
	"github.com/quartz-cluster/quartz/schema/schedule"
)

// countStep bounds how many missed instants one decision looks at. A longer
// absence is counted in several claims, each of which moves the schedule on.
const countStep = 10_000

// DefaultCatchUp is how many missed instants FIRE_ALL runs where the execute
// does not say.
const DefaultCatchUp = 1000

// Spec returns the schedule of an execute.
func Spec(d *store.Due) schedule.Spec {
	return schedule.Spec{
		Type: string(d.JobType), Cron: d.Cron, Zone: d.ZoneID,
		RepeatCount: d.RepeatCount, RepeatInterval: d.Interval, Start: d.Start, End: d.End,
	}
}

// Decide says what to do with an execute that is due: the misfire policy.
//
// An instant is missed when it is late by more than threshold milliseconds;
// below that it is simply run. When the instant that is due is missed,
//
//	FIRE_ONCE  runs the newest instant up to now and skips those before it,
//	SKIP       does the same if that newest one is not missed itself, else skips it too,
//	FIRE_ALL   runs one after another, but skips all except the newest CATCH_UP.
//
// An execute whose next fire is not after the newest one ever claimed was
// written back by somebody who knows nothing of that: it is rescheduled.
func Decide(d store.Due, now, threshold int64) (store.Claim, error) {
	s, err := schedule.Parse(Spec(&d))
	if err != nil {
		return store.Claim{}, err
	}
	claim := store.Claim{Due: d}
	if d.High != 0 && d.Next <= d.High {
		claim.NextFire, _ = s.Next(d.High)
		return claim, nil
	}
	if now-d.Next <= threshold {
		claim.Nominal = d.Next
		claim.NextFire, _ = s.Next(d.Next)
		return claim, nil
	}
	if d.Misfire == schema.FireAll {
		return fireAll(claim, s, now), nil
	}
	m := s.Missed(d.Next, now, countStep)
	claim.NextFire = m.Next
	switch {
	case m.More, d.Misfire == schema.Skip && now-m.Newest > threshold:
		claim.Skipped = m.Count
	default:
		claim.Nominal, claim.Skipped = m.Newest, m.Count-1
	}
	return claim, nil
}

// fireAll skips what is beyond the catch-up bound and runs the oldest instant
// that is left.
func fireAll(claim store.Claim, s *schedule.Schedule, now int64) store.Claim {
	bound := int64(claim.CatchUp)
	if bound <= 0 {
		bound = DefaultCatchUp
	}
	bound = min(bound, schema.MaxCatchUp)
	m := s.Missed(claim.Next, now, countStep+int(bound))
	first := claim.Next
	if skip := m.Count - bound; skip > 0 {
		claim.Skipped = skip
		first = after(s, claim.Due, skip)
	}
	if m.More { // too many to be sure that these are the newest
		claim.NextFire = first
		return claim
	}
	claim.Nominal = first
	claim.NextFire, _ = s.Next(first)
	return claim
}

// after returns the instant that follows n instants, of which the execute's
// next fire is the first.
func after(s *schedule.Schedule, d store.Due, n int64) int64 {
	if d.JobType == schema.Simple { // whose next fire need not be one of its slots: clients may write any
		next, _ := s.Next(d.Next + (n-1)*d.Interval)
		return next
	}
	return s.Missed(d.Next, math.MaxInt64, int(n)).Next
}
