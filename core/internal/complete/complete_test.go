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
	away    error // what all batches fail with
	held    map[int64]bool
	bad     map[int64]bool // the database refuses every batch with one of them
	written map[int64]time.Time
	calls   int
}

func (w *table) write(_ context.Context, _ int64, done []store.Completion) (out store.Completed, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.calls++
	if w.away != nil {
		return out, w.away
	}
	for _, c := range done {
		if w.bad[c.ID] {
			return store.Completed{}, rejection{}
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

// rejection is what a database says of a row that it does not take.
type rejection struct{}

func (rejection) Error() string    { return "the check failed" }
func (rejection) SQLState() string { return "23514" }

// report is what was told of trouble, by the outcome that it is of; 0: of several.
type report map[int64][]error

func (r report) of(id int64) func(error) {
	return func(err error) {
		if r != nil {
			r[id] = append(r[id], err)
		}
	}
}

func run(t *testing.T, w *table) *complete.Completer {
	t.Helper()
	return runAndTell(t, w, nil)
}

func runAndTell(t *testing.T, w *table, r report) *complete.Completer {
	t.Helper()
	w.written = make(map[int64]time.Time)
	c := complete.New(w.write, func(int, int) {}, r.of(0))
	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { c.Run(ctx) })
	t.Cleanup(func() { stop(); running.Wait() })
	return c
}

func add(c *complete.Completer, ids ...int64) {
	addAndTell(c, nil, ids...)
}

func addAndTell(c *complete.Completer, r report, ids ...int64) {
	for _, id := range ids {
		c.Add(complete.Item{NodeID: 1, Completion: store.Completion{Ref: store.Ref{ID: id}}, Done: func(complete.Fate) {}, Trouble: r.of(id)})
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
		c.Flush(t.Context())
		require.Zero(t, c.Pending())
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
		c.Flush(limit)
		require.Error(t, limit.Err(), "it is not given up")
	})
}

// An outage is told once, and each outcome that the database will not take, by itself,
// however long either lasts and whatever else is written meanwhile.
func TestTroubleIsToldOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, told := &table{}, report{}
		c := runAndTell(t, w, told)
		set := func(away error) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.away = away
		}
		id := int64(0)
		for outage := 1; outage <= 2; outage++ {
			set(errors.New("read tcp 127.0.0.1:51234: connection refused"))
			for range 60 {
				id++
				addAndTell(c, told, id)
				time.Sleep(time.Second)
			}
			set(nil)
			c.Flush(t.Context())
			count := 0
			for _, errs := range told {
				count += len(errs)
			}
			require.Equal(t, outage, count, "%v", told)
		}
		clear(told)
		w.mu.Lock()
		w.bad = map[int64]bool{1001: true, 1002: true}
		w.mu.Unlock()
		for id := int64(1001); id < 1100; id++ {
			addAndTell(c, told, id)
			if id > 1050 {
				time.Sleep(time.Second)
			}
		}
		synctest.Wait()
		require.Len(t, told[1001], 1)
		require.Len(t, told[1002], 1)
		alone := len(told[0])
		for id := int64(1101); id < 1200; id++ {
			addAndTell(c, told, id)
			time.Sleep(100 * time.Millisecond)
		}
		synctest.Wait()
		require.Len(t, told[0], alone, "the reason is known")
		require.Len(t, told[1001], 1)
	})
}

// What is left when the writing ends is told so, and so is what comes later.
func TestWhatIsLeftIsTold(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := &table{away: errors.New("refused")}
		w.written = make(map[int64]time.Time)
		c := complete.New(w.write, func(int, int) {}, func(error) {})
		ctx, stop := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { c.Run(ctx) })
		fates := map[int64]complete.Fate{}
		item := func(id int64) complete.Item {
			return complete.Item{
				NodeID: 1, Completion: store.Completion{Ref: store.Ref{ID: id}}, Trouble: func(error) {},
				Done: func(f complete.Fate) { fates[id] = f },
			}
		}
		c.Add(item(1))
		c.Add(item(2))
		time.Sleep(time.Minute)
		stop()
		running.Wait()
		require.Empty(t, fates)
		require.Equal(t, 2, c.Close())
		c.Add(item(3))
		require.Equal(t, map[int64]complete.Fate{1: complete.Left, 2: complete.Left, 3: complete.Left}, fates)
	})
}
