package scan

// deadline skips what may not start any more.
func (p *plan) deadline() (settled bool) {
	if p.Deadline <= 0 || p.now-p.from <= p.Deadline {
		return false
	}
	return p.skip(p.now-p.Deadline-1, &p.Skipped.Deadline)
}
