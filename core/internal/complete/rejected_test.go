package complete_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/core/internal/store"
)

// What the database rejects for good makes nothing wait that comes after it, is tried
// at a measured pace, and keeps nobody waiting for this node to be idle.
func TestABadOutcomeHoldsUpNoOther(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := &table{bad: map[int64]bool{1: true, 2: true}}
		c := run(t, w)
		add(c, 1, 2)
		time.Sleep(10*time.Second + 500*time.Millisecond)
		synctest.Wait()
		require.Less(t, w.calls, 20)
		require.Zero(t, c.Pending())
		for id := int64(3); id < 3+2*store.Batch; id++ {
			add(c, id)
			synctest.Wait()
			require.Equal(t, time.Now(), w.written[id])
		}
		calls := w.calls
		for id := int64(1000); id < 1000+store.Batch; id++ {
			add(c, id)
		}
		synctest.Wait()
		require.Less(t, w.calls, calls+10, "the others are still written in batches")
		held, pending := c.Holds(store.Ref{ID: 1})
		require.True(t, held)
		require.False(t, pending)
		held, _ = c.Holds(store.Ref{ID: 3})
		require.False(t, held)
	})
}

// Once what they were rejected for is mended, all of them are written at once.
func TestWhatWasRejectedIsWrittenOnceItIsTaken(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := &table{bad: map[int64]bool{1000: true}}
		for id := range int64(100) {
			w.bad[id] = true
		}
		c := run(t, w)
		add(c, 1000)
		for id := range int64(100) {
			add(c, id)
		}
		time.Sleep(time.Minute)
		w.mu.Lock()
		w.bad = map[int64]bool{1000: true}
		w.mu.Unlock()
		time.Sleep(3 * time.Second)
		synctest.Wait()
		require.Len(t, w.written, 100)
		held, _ := c.Holds(store.Ref{ID: 1})
		require.False(t, held)
		w.mu.Lock()
		w.bad = nil
		w.mu.Unlock()
		c.Flush(t.Context())
		require.Contains(t, w.written, int64(1000))
		require.Zero(t, c.Close())
	})
}
