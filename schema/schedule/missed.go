package schedule

// Missed is what lies between an instant of a schedule and a later time.
type Missed struct {
	// Count is how many instants there are, the first one included.
	Count int64
	// Newest is the latest of them; 0 where Count is 0.
	Newest int64
	// Next is the first instant that was not counted, 0 where there is none.
	// It is later than upTo, unless More is set.
	Next int64
	// HasNext tells whether there is a Next. Where it is false, Newest is the
	// last instant that the schedule has.
	HasNext bool
	// More tells that the bound was reached before upTo: call Missed again,
	// with from = Next.
	More bool
}

// Missed counts the instants from from up to upTo, both included, and finds
// the newest. from must itself be an instant of the schedule, as the next fire
// time of an execute is; it is counted without being looked up.
//
// A call looks at no more than limit instants of a CRON schedule (at least one),
// so that a long absence is counted exactly, but in steps of bounded cost. The
// instants of a SIMPLE schedule are counted by arithmetic and never cut short.
func (s *Schedule) Missed(from, upTo int64, limit int) Missed {
	if from > upTo {
		return Missed{Next: from, HasNext: true}
	}
	n, newest, more := s.rule.count(from, min(upTo, s.end), limit-1)
	m := Missed{Count: n + 1, Newest: from}
	if n > 0 {
		m.Newest = newest
	}
	m.Next, m.HasNext = s.Next(m.Newest)
	m.More = more
	return m
}
