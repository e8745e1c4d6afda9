package scan

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/core/internal/store"
)

// Where slots become free one by one, what waits gets its share of them beside what
// comes due all the time.
func TestABacklogIsNotStarvedByWhatComesDue(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, 1)
		b.add(0, 40, 0)
		old := time.Now().Add(time.Second).UnixMilli()
		time.Sleep(10 * time.Second)
		var waited, fresh int
		for range 20 {
			time.Sleep(100 * time.Millisecond)
			b.add(1, 1, 0)
			b.started = nil
			_ = b.round(t.Context(), t.Context())
			require.Len(t, b.started, 1)
			if b.started[0] < old {
				waited++
			} else {
				fresh++
			}
		}
		require.GreaterOrEqual(t, waited, 8)
		require.GreaterOrEqual(t, fresh, 8)
	})
}

// What has come due while the only free slot went to what waits is not behind all that
// waits from then on.
func TestWhatCameDueIsLookedForInTheNextTurn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, 1)
		b.add(0, 40, 0)
		time.Sleep(10 * time.Second)
		_ = b.round(t.Context(), t.Context())
		require.True(t, b.backlog)
		b.add(1, 1, 0)
		fresh := time.Now().UnixMilli() + 1
		time.Sleep(2 * b.cfg.Interval)
		b.turn = true // the next one is for what waits
		for _, want := range []bool{false, true} {
			b.started = nil
			_ = b.round(t.Context(), t.Context())
			require.Len(t, b.started, 1)
			require.Equal(t, want, b.started[0] == fresh)
			time.Sleep(5 * time.Second)
		}
	})
}

// Nor is what comes soon forgotten by a look that goes on behind a backlog.
func TestWhatComesSoonIsNotForgottenBehindABacklog(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, 10)
		b.add(1, 1, 800*time.Millisecond)
		b.backlog, b.left = true, []store.Range{{Shard: 0, Until: time.Now().UnixMilli()}}
		require.Less(t, b.round(t.Context(), t.Context()), 800*time.Millisecond)
		require.Empty(t, b.started)
	})
}
