package faults

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/integration/internal/testdb"
	"github.com/quartz-cluster/quartz/integration/internal/worker"
)

// F6: the nodes' clocks are off by up to a day from the database's, and run
// faster or slower. All goes on as if they were not, and no node is taken for
// dead.
//
// A node uses its wall clock for nothing but the skew that it reports, so that
// setting the database's clock off is the same as setting all nodes' clocks off.
func TestF6ClocksDiffer(t *testing.T) {
	skews := []skew{{-30 * time.Second, -0.0005}}
	if long() {
		skews = append(skews, skew{24 * time.Hour, 0.0005}, skew{30 * time.Second, 0}, skew{time.Hour, 0}, skew{-time.Hour, 0.0005}, skew{-24 * time.Hour, 0})
	}
	for _, s := range skews {
		t.Run(s.offset.String(), func(t *testing.T) { s.test(t) })
	}
}

type skew struct {
	offset time.Duration
	drift  float64
}

func (s skew) test(t *testing.T) {
	kinds(t, func(t *testing.T, kind testdb.Kind) {
		clock, err := worker.NewClock(t.TempDir(), s.offset, s.drift)
		require.NoError(t, err)
		c := newClusterAt(t, "F6/"+s.offset.String(), testdb.New(t, kind), &clock)
		end := c.clock.Latest().Add(level(t, 8*time.Second))
		c.load(rate(), end)
		c.unhurried()
		c.start()
		c.tried.Add(1)
		c.steady(func() { c.until(end) })
		report := c.finish()
		c.undisturbed(report)
	})
}
