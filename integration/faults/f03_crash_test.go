package faults

import (
	"testing"
	"time"

	"github.com/quartz-cluster/quartz/integration/internal/server"
	"github.com/quartz-cluster/quartz/integration/internal/testdb"
)

// F3: the database crashes under load, and comes back after a while that is
// shorter or longer than the lease. No process is started again.
func TestF3TheDatabaseCrashes(t *testing.T) {
	kinds(t, func(t *testing.T, kind testdb.Kind) {
		s := server.New(t, kind)
		c := newCluster(t, "F3", testdb.NewOn(t, kind, s.DSN))
		took := level(t, 15*time.Second)
		end := c.clock.Latest().Add(took)
		c.load(rate(), end)
		c.start()
		for _, down := range downtimes(took) {
			c.wait(3 * time.Second)
			c.out(func() {
				s.Crash(t)
				c.tried.Add(1)
				c.wait(down)
				s.Start(t)
			})
		}
		c.until(end)
		c.finish()
	})
}

// downtimes are for how long the database is away, one after the other.
func downtimes(took time.Duration) []time.Duration {
	all := []time.Duration{time.Second, 6 * time.Second, 9 * time.Second, 20 * time.Second, 60 * time.Second}
	var out []time.Duration
	for _, d := range all {
		if took -= d + 3*time.Second; took < 0 {
			break
		}
		out = append(out, d)
	}
	return out
}
