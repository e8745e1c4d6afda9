package faults

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/integration/internal/checker"
	"github.com/quartz-cluster/quartz/integration/internal/testdb"
	"github.com/quartz-cluster/quartz/integration/internal/worker"
)

// F7: the database's clock jumps forward by two hours, back, and forward again,
// with runs in flight. What the schedules had in between is caught up with by
// policy, nothing runs twice when the same hours come again, and no node is taken
// for dead.
func TestF7TheClockJumps(t *testing.T) {
	kinds(t, func(t *testing.T, kind testdb.Kind) {
		const hours = 2 * time.Hour
		clock, err := worker.NewClock(t.TempDir(), 0, 0)
		require.NoError(t, err)
		c := newClusterAt(t, "F7", testdb.New(t, kind), &clock)
		rest := level(t, 12*time.Second) - 10*time.Second
		end := c.clock.Latest().Add(hours + 10*time.Second + rest)
		c.load(rate(), end)
		c.unhurried()
		c.start()
		c.steady(func() {
			for _, to := range []time.Duration{hours, 0, hours} {
				c.wait(3 * time.Second)
				c.jump(to)
			}
			c.until(end)
		})
		report := c.finish()
		c.undisturbed(report)
	})
}

// jump moves the clock.
func (c *cluster) jump(to time.Duration) {
	c.t.Helper()
	// What was claimed by the old time may start until every node has read the new one.
	const before, after = 500 * time.Millisecond, 8 * time.Second
	then := c.clock.Latest()
	require.NoError(c.t, c.moved.Set(to, 0))
	now := c.clock.Latest()
	c.in.Jumps = append(c.in.Jumps, checker.Jump{From: then.Add(-before), Until: then.Add(after)}, checker.Jump{From: now.Add(-before), Until: now.Add(after)})
	c.tried.Add(1)
	c.over = []time.Time{now}
}
