package ledger

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/integration/internal/leak"
	"github.com/quartz-cluster/quartz/integration/internal/testdb"
)

func TestMain(m *testing.M) { leak.Main(m) }

func TestWhatWasWrittenIsRead(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	a, err := Create(dir, "a")
	require.NoError(t, err)
	defer func() { require.NoError(t, a.Close()) }()
	b, err := Create(dir, "b")
	require.NoError(t, err)
	defer func() { require.NoError(t, b.Close()) }()
	_, err = Create(dir, "a")
	require.ErrorIs(t, err, os.ErrExist, "no process writes on in another's ledger")

	at := func(s int64) time.Time { return time.Unix(s, 0).UTC() }
	second, err := b.Begin(Run{App: "x", Node: "n", Fence: 4, Class: "c", Execute: 1, Nominal: at(2), Attempt: 1, Revision: 3, Start: at(3)})
	require.NoError(t, err)
	first, err := a.Begin(Run{Execute: 1, Nominal: at(1), Attempt: 1, Start: at(2)})
	require.NoError(t, err)
	require.NoError(t, a.End(first, at(4), nil))
	require.NoError(t, b.Call(Call{Kind: Paused, Execute: 1, Begun: at(5), Acked: at(6), Row: &Row{Prev: 7}}))
	require.NoError(t, b.End(second, at(8), errors.New("it failed")))
	_, err = a.Begin(Run{Execute: 2, Nominal: at(9), Start: at(9)})
	require.NoError(t, err)

	all, err := Read(dir)
	require.NoError(t, err)
	require.Equal(t, &Ledger{
		Runs: []Run{
			{Process: "a", Execute: 1, Nominal: at(1), Attempt: 1, Start: at(2), End: at(4)},
			{
				Process: "b", App: "x", Node: "n", Fence: 4, Class: "c", Execute: 1, Nominal: at(2), Attempt: 1,
				Revision: 3, Start: at(3), End: at(8), Error: "it failed",
			},
			{Process: "a", Execute: 2, Nominal: at(9), Start: at(9)}, // it never returned
		},
		Calls: []Call{{Kind: Paused, Execute: 1, Begun: at(5), Acked: at(6), Row: &Row{Prev: 7}}},
	}, all)
}

func TestLinesOfManyGoroutinesDoNotMix(t *testing.T) {
	t.Parallel()
	const n = 200
	dir := t.TempDir()
	f, err := Create(dir, "a")
	require.NoError(t, err)
	defer func() { require.NoError(t, f.Close()) }()
	var writing sync.WaitGroup
	for i := range n {
		writing.Go(func() {
			seq, err := f.Begin(Run{Execute: int64(i), Class: "a class with a rather long name"})
			if err == nil {
				err = f.End(seq, time.Unix(1, 0), nil)
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	writing.Wait()
	all, err := Read(dir)
	require.NoError(t, err)
	require.Len(t, all.Runs, n)
	for _, run := range all.Runs {
		require.False(t, run.End.IsZero())
	}
}

func TestALineThatWasCutOffByDeathIsNone(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(text string) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, "a.ledger"), []byte(text), 0o600))
	}
	write(`{"seq":1,"begin":{"execute":1}}` + "\n" + `{"seq":1,"end":{"ti`)
	all, err := Read(dir)
	require.NoError(t, err)
	require.Len(t, all.Runs, 1)
	require.Zero(t, all.Runs[0].End)

	for _, bad := range []string{"{\"seq\":1,\n", "{\"seq\":1,\"end\":{}}\n", "{}\n"} {
		write(bad)
		_, err = Read(dir)
		require.ErrorContains(t, err, "line 1", bad)
	}
}

func TestTheClockBoundsTheDatabasesTime(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		clock, err := NewClock(t.Context(), db.Gorm)
		require.NoError(t, err)
		defer clock.Close()
		ask := func() time.Time {
			var micros int64
			require.NoError(t, db.Gorm.Raw(statement(db.Gorm)).Row().Scan(&micros))
			return time.UnixMicro(micros)
		}
		newest := time.Time{}
		for range 20 {
			earliest := clock.Earliest()
			// A reading is cut to the unit, so it may be that much too small.
			require.False(t, ask().Add(clock.unit).Before(earliest))
			shown := ask()
			latest := clock.Latest()
			require.False(t, latest.Before(shown))
			require.False(t, latest.Before(newest), "it never moves back")
			newest = latest
		}
	})
}

// A reading that contradicts what was known means that the database's clock has
// jumped: what was known is void.
func TestTheClockFollowsAJump(t *testing.T) {
	t.Parallel()
	base := time.Now()
	c := &Clock{base: base, unit: time.Millisecond}
	hour := time.Duration(1_800_000_000) * time.Second
	c.observe(base, base.Add(time.Millisecond), hour)
	before := c.Latest()
	require.WithinRange(t, before, c.Earliest(), c.Earliest().Add(time.Minute))
	back := hour - 2*time.Hour
	c.observe(base, base.Add(time.Millisecond), back)
	require.True(t, c.Latest().Before(before.Add(-time.Hour)))
}

func TestNewClockNeedsADatabase(t *testing.T) {
	t.Parallel()
	db := testdb.Open(t, testdb.SQLite)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := NewClock(ctx, db)
	require.ErrorIs(t, err, context.Canceled)
}
