package scan

import (
	"math"

	"github.com/quartz-cluster/quartz/schema"
)

// DefaultCatchUp is how many missed instants FIRE_ALL runs where the execute
// does not say.
const DefaultCatchUp = 1000

// misfire decides about an instant by how late it is. Up to threshold
// milliseconds it is simply run. Beyond that it is missed, and
//
//	FIRE_ONCE  runs the newest instant up to now and skips those before it,
//	SKIP       does the same if that newest one is not missed itself, else skips it too,
//	FIRE_ALL   runs one after another, but skips all except the newest CATCH_UP.
//
// Some of what it runs or skips then may not be missed itself, and is not counted so.
func (p *plan) misfire(threshold int64) {
	if p.now-p.from <= threshold {
		p.run(p.from)
		return
	}
	if p.Misfire == schema.FireAll {
		p.fireAll()
	} else {
		p.fireNewest(threshold)
	}
	decided := p.Skipped.Misfire
	if p.Nominal != 0 {
		decided++
	}
	m := p.schedule.Missed(p.from, p.now-threshold-1, int(decided))
	p.Missed, p.Late = min(m.Count, decided), p.now-p.from
}

// fireNewest runs the newest instant, or skips it with the others.
func (p *plan) fireNewest(threshold int64) {
	m := p.schedule.Missed(p.from, p.now, countStep)
	p.NextFire = m.Next
	if m.More || p.Misfire == schema.Skip && p.now-m.Newest > threshold {
		p.Skipped.Misfire = m.Count
		return
	}
	p.Nominal, p.Skipped.Misfire = m.Newest, m.Count-1
}

// fireAll skips what is beyond the catch-up bound and runs the oldest instant
// that is left.
func (p *plan) fireAll() {
	bound := int64(p.CatchUp)
	if bound <= 0 {
		bound = DefaultCatchUp
	}
	bound = min(bound, schema.MaxCatchUp)
	m := p.schedule.Missed(p.from, p.now, countStep+int(bound))
	first := p.from
	if skip := m.Count - bound; skip > 0 {
		p.Skipped.Misfire, first = skip, p.after(skip)
	}
	if m.More { // too many to be sure that these are the newest
		p.NextFire = first
		return
	}
	p.run(first)
}

// after returns the instant that follows n instants, of which from is the first.
func (p *plan) after(n int64) int64 {
	if p.JobType == schema.Simple { // whose next fire need not be one of its slots: clients may write any
		next, _ := p.schedule.Next(p.from + (n-1)*p.Interval)
		return next
	}
	return p.schedule.Missed(p.from, math.MaxInt64, int(n)).Next
}
