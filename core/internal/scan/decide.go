package scan

import (
	"github.com/quartz-cluster/quartz/core/internal/store"
	"github.com/quartz-cluster/quartz/schema/schedule"
)

// countStep bounds how many missed instants one decision looks at. A longer
// absence is counted in several claims, each of which moves the schedule on.
const countStep = 10_000

// Spec returns the schedule of an execute.
func Spec(d *store.Due) schedule.Spec {
	return schedule.Spec{
		Type: string(d.JobType), Cron: d.Cron, Zone: d.ZoneID,
		RepeatCount: d.RepeatCount, RepeatInterval: d.Interval, Start: d.Start, End: d.End,
	}
}

// Decide says what to do with an execute that is due. The first policy that has
// something to say decides:
//
//  1. a child runs the fire that it carries, as its next attempt;
//  2. a next fire that is not after the newest one ever claimed was written back
//     by somebody who knows nothing of that: the execute is rescheduled;
//  3. OVERLAP: instants that came due while the fire before ran are skipped, or
//     the newest of them runs;
//  4. DEADLINE: what may not start any more is skipped;
//  5. MISFIRE: what is late by more than threshold milliseconds is missed.
func Decide(d *store.Due, now, threshold int64) (store.Claim, error) {
	claim := store.Claim{Due: d, Attempt: 1}
	if d.OneShot() {
		claim.Nominal, claim.Attempt = d.Start, d.Attempt+1
		return claim, nil
	}
	s, err := schedule.Parse(Spec(d))
	if err != nil {
		return store.Claim{}, err
	}
	p := &plan{Claim: claim, schedule: s, now: now, from: d.Next}
	switch {
	case d.High != 0 && d.Next <= d.High:
		p.NextFire, _ = s.Next(d.High)
	case p.overlap():
	case p.deadline():
	default:
		p.misfire(threshold)
	}
	return p.Claim, nil
}

// plan is a claim while it is decided about.
type plan struct {
	store.Claim

	schedule *schedule.Schedule
	now      int64
	from     int64 // the first instant that nothing was decided about
}

// run takes an instant; what follows it is the next fire.
func (p *plan) run(nominal int64) {
	p.Nominal = nominal
	p.NextFire, _ = p.schedule.Next(nominal)
}

// skip passes over the instants up to a time, counts them for a policy and reports whether
// that settles the claim, because no other instant is due, or there were too many to count at once.
func (p *plan) skip(upTo int64, count *int64) (settled bool) {
	m := p.schedule.Missed(p.from, upTo, countStep)
	*count += m.Count
	p.from, p.NextFire = m.Next, m.Next
	return m.More || !m.HasNext || m.Next > p.now
}
