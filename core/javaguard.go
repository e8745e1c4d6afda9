package core

import (
	"time"

	"github.com/quartz-cluster/quartz/core/internal/store"
)

const (
	// javaInterval is the TIME_INTERVAL that the Java edition's handler writes.
	// Ours writes another, so that the last writer of the row shows.
	javaInterval = 15_000
	// javaQuiet is how long that edition must not have moved TIME_PRE before its
	// workers count as stopped: two of its periods.
	javaQuiet = 2 * javaInterval * time.Millisecond
)

// javaGuard tells whether workers of the Java edition drive the application.
// They know nothing of fires in flight and of leases, so a node does nothing
// beside them; it goes to work by itself once they have stopped.
type javaGuard struct {
	timePre int64
	until   time.Time // monotonic
	started bool
}

// active reports whether the Java edition is at work, by what a heartbeat read.
func (g *javaGuard) active(c store.Cluster) bool {
	if c.TimeInterval != javaInterval {
		g.timePre, g.started = c.TimePre, true
		g.until = time.Time{}
		return false
	}
	moved := g.started && c.TimePre != g.timePre
	recent := !g.started && c.Now-c.TimePre < javaQuiet.Milliseconds() && c.TimePre > 0
	if moved || recent {
		g.until = time.Now().Add(javaQuiet)
	}
	g.timePre, g.started = c.TimePre, true
	return time.Now().Before(g.until)
}
