package dbclock_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/core/internal/dbclock"
)

// reading takes a reading of a database that is ahead of the local clock, over a
// connection with the given round trip; it is made half-way.
func reading(c *dbclock.Clock, ahead, roundTrip time.Duration) {
	sent := time.Now()
	time.Sleep(roundTrip / 2)
	db := time.Now().Add(ahead).UnixMilli()
	time.Sleep(roundTrip / 2)
	c.Observe(sent, time.Now(), db)
}

func TestEstimateIsNeverAheadOfTheDatabase(t *testing.T) {
	t.Parallel()
	for _, ahead := range []time.Duration{0, time.Hour, -time.Hour, 30 * time.Second} {
		synctest.Test(t, func(t *testing.T) {
			var c dbclock.Clock
			require.False(t, c.Known())
			for _, trip := range []int{40, 2, 900, 10, 2, 300} {
				reading(&c, ahead, time.Duration(trip)*time.Millisecond)
				require.True(t, c.Known())
				truth := time.Now().Add(ahead).UnixMilli()
				require.LessOrEqual(t, c.Now(), truth)
				time.Sleep(time.Second)
			}
			// The fastest round trip bounds the error: half of 2 ms, 1 ms of
			// rounding, and what six seconds of drift may take away.
			require.InDelta(t, time.Now().Add(ahead).UnixMilli(), c.Now(), 4)
			require.InDelta(t, -ahead.Milliseconds(), c.Skew().Milliseconds(), 1)
		})
	}
}

func TestEstimateFollowsAJumpOfTheDatabaseClock(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var c dbclock.Clock
		reading(&c, 0, 2*time.Millisecond)
		reading(&c, -2*time.Hour, 2*time.Millisecond)
		require.LessOrEqual(t, c.Now(), time.Now().Add(-2*time.Hour).UnixMilli())
		reading(&c, 2*time.Hour, 2*time.Millisecond)
		require.InDelta(t, time.Now().Add(2*time.Hour).UnixMilli(), c.Now(), 3)
	})
}

// A database whose clock NTP holds back runs slower than the node.
func TestEstimateIsNotAheadOfAClockThatIsSlowed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var c dbclock.Clock
		reading(&c, 0, 0)
		time.Sleep(10 * time.Second)
		require.LessOrEqual(t, c.Now(), time.Now().Add(-5*time.Millisecond).UnixMilli())
		require.InDelta(t, time.Now().UnixMilli(), c.Now(), 8)
	})
}

func TestUntilCountsDown(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var c dbclock.Clock
		reading(&c, 0, 0)
		due := time.Now().Add(time.Second).UnixMilli()
		require.InDelta(t, time.Second, c.Until(due), float64(2*time.Millisecond))
		time.Sleep(2 * time.Second)
		require.Negative(t, c.Until(due))
	})
}
