package complete_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/core/internal/complete"
	"github.com/quartz-cluster/quartz/core/internal/store"
)

// table is rows of which some are held by somebody.
type table struct {
	mu      sync.Mutex
	held    map[int64]bool
	bad     map[int64]bool // the database refuses every batch with one of them
	written map[int64]time.Time
	calls   int
}

func (w *table) write(_ context.Context, _ int64, done []store.Completion) (out store.Completed, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.calls++
	for _, c := range done {
		if w.bad[c.ID] {
			return store.Completed{}, errors.New("refused")
		}
	}
	for _, c := range done {
		if !w.held[c.ID] {
			w.written[c.ID] = time.Now()
			out.Written = append(out.Written, c.Ref)
		}
	}
	return out, nil
}

func run(t *testing.T, w *table) *complete.Completer {
	t.Helper()
	w.written = make(map[int64]time.Time)
	c := complete.New(w.write, func(int, int) {}, func(error) {})
	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { c.Run(ctx) })
	t.Cleanup(func() { stop(); running.Wait() })
	return c
}

func add(c *complete.Completer, ids ...int64) {
	for _, id := range ids {
		c.Add(complete.Item{NodeID: 1, Completion: store.Completion{Ref: store.Ref{ID: id}}, Done: func(bool) {}})
	}
}

// A row that somebody holds for long keeps no other outcome waiting, and is
// itself tried at a measured pace.
func TestAHeldRowHoldsUpNoOther(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := &table{held: map[int64]bool{1: true}}
		c := run(t, w)
		add(c, 1)
		time.Sleep(10 * time.Second) // the back-off is at its longest now
		synctest.Wait()
		require.Less(t, w.calls, 30)
		for id := int64(2); id < 7; id++ {
			add(c, id)
			synctest.Wait()
			require.Equal(t, time.Now(), w.written[id])
		}
		w.mu.Lock()
		w.held = nil
		w.mu.Unlock()
		require.Zero(t, c.Flush(t.Context()))
	})
}

// Many outcomes beside held ones are written in one go.
func TestABacklogBesideHeldRowsIsWritten(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := &table{held: make(map[int64]bool)}
		for batch := range int64(5) {
			w.held[batch*store.Batch+1] = true
		}
		c := run(t, w)
		for id := int64(1); id <= 5*store.Batch; id++ {
			add(c, id)
		}
		synctest.Wait()
		require.Len(t, w.written, 5*store.Batch-5)
	})
}

// What the database refuses for good strands itself alone.
func TestABadOutcomeStrandsItselfAlone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := &table{bad: map[int64]bool{3: true}}
		c := run(t, w)
		for id := int64(1); id <= 50; id++ {
			add(c, id)
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		require.Len(t, w.written, 49)
		limit, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		require.Equal(t, 1, c.Flush(limit))
	})
}
