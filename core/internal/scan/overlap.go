package scan

import "github.com/quartz-cluster/quartz/schema"

// overlap decides about instants that came due while the fire before them ran,
// its retries and recoveries included, where the execute does not let its fires
// overlap. It looks back at them once that is over: SKIP counts them as skipped,
// QUEUE runs the newest.
func (p *plan) overlap() (settled bool) {
	ended := min(p.Ended, p.now)
	if p.from <= p.Started || p.from > ended {
		return false
	}
	switch p.Overlap {
	case schema.SkipOverlap:
		return p.skip(ended, &p.Skipped.Overlap)
	case schema.Queue:
		m := p.schedule.Missed(p.from, ended, countStep)
		if m.More {
			return p.skip(ended, &p.Skipped.Overlap)
		}
		p.run(m.Newest)
		p.Skipped.Overlap = m.Count - 1
		return true
	case schema.Allow:
	}
	return false
}
