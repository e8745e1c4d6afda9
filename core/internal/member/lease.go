package member

import (
	"sync"
	"time"
)

// Lease is a node's right to its fires.
type Lease struct {
	mu       sync.Mutex
	deadline time.Time
	lost     bool
}

// Valid reports whether the node may still act on its registration.
func (l *Lease) Valid() bool { return l.Left() > 0 }

// Left returns how long the lease lasts if it is not renewed.
func (l *Lease) Left() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.lost {
		return 0
	}
	return time.Until(l.deadline)
}

// renew moves the deadline, unless the lease has ended meanwhile: what was
// given up once does not come back.
func (l *Lease) renew(deadline time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.lost || !l.deadline.IsZero() && time.Until(l.deadline) <= 0 {
		l.lost = true
		return false
	}
	l.deadline = deadline
	return true
}

func (l *Lease) end() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lost = true
}
