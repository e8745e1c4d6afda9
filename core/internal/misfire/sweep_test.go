package misfire

import (
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/glebarez/sqlite"
	"github.com/stretchr/testify/require"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"

	"github.com/quartz-cluster/quartz/core/internal/dbclock"
	"github.com/quartz-cluster/quartz/core/internal/store"
	"github.com/quartz-cluster/quartz/core/observe"
	"github.com/quartz-cluster/quartz/internal/sqldb"
	"github.com/quartz-cluster/quartz/schema"
)

// bench is a handler over a database in memory that shares the clock of the
// test's bubble.
type bench struct {
	*Handler
	t    *testing.T
	db   *sqldb.DB
	told []observe.Kind
}

func newBench(t *testing.T) *bench {
	t.Helper()
	b := &bench{t: t}
	db, err := gorm.Open(sqlite.Open(":memory:"), &gorm.Config{Logger: logger.Discard})
	require.NoError(t, err)
	pool, err := db.DB()
	require.NoError(t, err)
	pool.SetMaxOpenConns(1)
	t.Cleanup(func() { _ = pool.Close() })
	require.NoError(t, db.Use(sqldb.Clock(func() int64 { return time.Now().UnixMilli() })))
	require.NoError(t, schema.Migrate(t.Context(), db, schema.Options{Logger: slog.New(slog.DiscardHandler)}))
	b.db, err = sqldb.New(db, sqldb.Config{})
	require.NoError(t, err)
	s, err := store.New(db, sqldb.Config{}, "app", time.Minute)
	require.NoError(t, err)
	reg, err := s.Register(t.Context(), store.Member{Key: "node", HostName: "host", Capacity: 1, Handlers: `["work"]`})
	require.NoError(t, err)
	require.NoError(t, sqldb.Insert(t.Context(), b.db, "QRTZ_JOB", schema.Job{ID: 1, Application: "app", State: schema.Executing, Class: "work"}))
	clock := new(dbclock.Clock)
	clock.Observe(time.Now(), time.Now(), time.Now().UnixMilli())
	b.Handler = New(Config{
		Store: s, Clock: clock, Watch: NewWatch(lease), NodeID: reg.NodeID, Period: 3 * time.Second,
		Valid: func() bool { return true }, Changed: func() {}, Moved: func() {}, Tell: func(e observe.Event) { b.told = append(b.told, e.Kind) },
	})
	return b
}

func (b *bench) cluster() store.Cluster {
	b.t.Helper()
	c, err := b.cfg.Store.Cluster(b.t.Context())
	require.NoError(b.t, err)
	return c
}

// run makes one pass as a heartbeat would, with all steps.
func (b *bench) run() {
	b.t.Helper()
	time.Sleep(3 * time.Second)
	c := b.cluster()
	require.True(b.t, b.due(c))
	clear(b.resting)
	b.pass(b.t.Context(), b.t.Context(), c)
	require.NotContains(b.t, b.told, observe.Trouble)
}

// view is what a pass would go by.
func (b *bench) view() view {
	b.t.Helper()
	v, err := b.look(b.t.Context(), b.cluster())
	require.NoError(b.t, err)
	return v
}

// execute is one last claimed by a node.
func execute(id, node int64) schema.Execute {
	return schema.Execute{
		ID: id, PID: 1, Application: "app", HostIP: "test", HostName: "test", JobType: schema.Cron, Cron: "0 0 0 1 1 ?", State: schema.Executing,
		NextFireTime: time.Now().Add(24 * time.Hour).UnixMilli(), HighTime: 1, FireNode: node, FireAttempt: 1,
	}
}

// add writes an execute last claimed by a node, and whether the fire is in flight.
func (b *bench) add(id, node int64, inFlight bool) {
	b.t.Helper()
	e := execute(id, node)
	if inFlight {
		e.FireTime = 1
	}
	require.NoError(b.t, sqldb.Insert(b.t.Context(), b.db, "QRTZ_EXECUTE", e))
}

// addNodes writes n executes, each last claimed by a node of its own.
func (b *bench) addNodes(n int64) {
	b.t.Helper()
	rows := make([]schema.Execute, n)
	for i := range rows {
		rows[i] = execute(int64(i+1), int64(i+1))
	}
	require.NoError(b.t, sqldb.Insert(b.t.Context(), b.db, "QRTZ_EXECUTE", rows...))
}

func (b *bench) row(id int64) schema.Execute {
	b.t.Helper()
	rows, err := sqldb.Select[schema.Execute](b.t.Context(), b.db, "SELECT "+sqldb.Columns[schema.Execute]("")+" FROM QRTZ_EXECUTE WHERE ID = ?", id)
	require.NoError(b.t, err)
	require.Len(b.t, rows, 1)
	return rows[0]
}

// However many registrations executes name, all of them are looked at in turn.
func TestTheSweepReachesTheYoungestNode(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		const dead = 2*maxNodes + 10
		b.addNodes(dead - 1)
		b.add(dead, dead, true)
		for range 3 {
			b.run()
		}
		require.Equal(t, schema.Lost, b.row(dead).LastState)
	})
}

// A node that was seen alive is swept in the pass after its end.
func TestTheSweepTakesUpAPeerAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		peer, err := b.cfg.Store.Register(t.Context(), store.Member{Key: "peer", HostName: "host", Capacity: 1})
		require.NoError(t, err)
		b.addNodes(3 * maxNodes)
		b.add(1000, peer.NodeID, true)
		b.run()
		require.NotZero(t, b.row(1000).FireTime, "its node lives")
		_, err = b.cfg.Store.Deregister(t.Context(), peer)
		require.NoError(t, err)
		b.run()
		require.Equal(t, schema.Lost, b.row(1000).LastState)
	})
}

// A process that was stopped in the midst of a claim may commit that long after
// its registration is gone.
func TestTheSweepFindsWhatLandsLate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.add(1, 7, false)
		for range 22 {
			b.run()
		}
		require.Len(t, b.cleared, 1)
		b.add(2, 7, true)
		time.Sleep(relook)
		b.run()
		require.Equal(t, schema.Lost, b.row(2).LastState)
	})
}

// A next fire below 1 is none, whoever wrote it.
func TestAnExecuteWithoutANextFireIsScheduled(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.add(1, 7, false)
		for _, next := range []any{nil, 0, -1} {
			_, err := b.db.Exec(t.Context(), "UPDATE QRTZ_EXECUTE SET NEXT_FIRE_TIME = ?", next)
			require.NoError(t, err)
			b.run()
			require.Greater(t, b.row(1).NextFireTime, time.Now().UnixMilli(), "%v", next)
		}
		_, err := b.db.Exec(t.Context(), "UPDATE QRTZ_EXECUTE SET NEXT_FIRE_TIME = -1, CRON = 'never'")
		require.NoError(t, err)
		b.run()
		require.Equal(t, schema.Error, b.row(1).State)
	})
}

// A row that the database will not have changed holds up no other.
func TestTheSweepPassesByWhatIsRejected(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.add(1, 7, true)
		b.add(2, 7, true)
		b.add(3, 8, true)
		_, err := b.db.Exec(t.Context(), "CREATE TRIGGER poison BEFORE UPDATE ON QRTZ_EXECUTE WHEN OLD.ID = 1 BEGIN SELECT RAISE(ABORT, 'poison'); END")
		require.NoError(t, err)
		require.NoError(t, b.sweep(t.Context(), b.view()))
		require.NotZero(t, b.row(1).FireTime)
		require.Contains(t, b.told, observe.Trouble)
		require.Equal(t, schema.Lost, b.row(2).LastState)
		require.Equal(t, schema.Lost, b.row(3).LastState)
	})
}

// The Java edition's client deletes an execute, and leaves what it knows nothing of.
func TestWhatLostItsOriginGoes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.add(1, 7, false)
		child := func(id, of int64, kind schema.Origin) schema.Execute {
			e := execute(id, 7)
			e.Origin, e.OriginID, e.ChildKey = kind, of, schema.FireKey(of, id)
			return e
		}
		running := child(12, 4, schema.ChildOverlap)
		running.FireTime, running.FireNode = 1, b.cfg.NodeID
		require.NoError(t, sqldb.Insert(t.Context(), b.db, "QRTZ_EXECUTE",
			child(10, 1, schema.ChildRetry), child(11, 4, schema.ChildRetry), running, child(13, 5, schema.ChildRunNow)))
		b.run()
		ids, err := sqldb.Select[schema.Execute](t.Context(), b.db, "SELECT "+sqldb.Columns[schema.Execute]("")+" FROM QRTZ_EXECUTE ORDER BY ID")
		require.NoError(t, err)
		left := make([]int64, len(ids))
		for i, e := range ids {
			left[i] = e.ID
		}
		require.Equal(t, []int64{1, 10, 12}, left, "what runs is ended by its node")
		require.Contains(t, b.told, observe.Lost)
	})
}

func TestWhatIsOverdueIsCounted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		var told []observe.Event
		b.cfg.Tell = func(e observe.Event) {
			require.NotEqual(t, observe.Trouble, e.Kind)
			if e.Kind == observe.Overdue {
				told = append(told, e)
			}
		}
		count := func() observe.Event {
			t.Helper()
			told = nil
			b.run()
			require.Len(t, told, 1)
			return told[0]
		}
		b.run()
		require.Empty(t, told, "nobody hears it")
		b.cfg.Counts = true
		require.Equal(t, observe.Event{Kind: observe.Overdue, Wait: 3 * time.Second}, count())

		due := time.Now().UnixMilli()
		require.NoError(t, sqldb.Insert(t.Context(), b.db, "QRTZ_JOB", schema.Job{ID: 2, Application: "app", State: schema.Paused, Class: "work"}))
		for i := range int64(5) {
			b.add(i+1, b.cfg.NodeID, i == 3)
		}
		mustExec(t, b.db, "UPDATE QRTZ_EXECUTE SET NEXT_FIRE_TIME = ? + ID WHERE ID <> 5", due)
		mustExec(t, b.db, "UPDATE QRTZ_EXECUTE SET PID = 2 WHERE ID = 1")
		b.add(6, 0, false)
		mustExec(t, b.db, "UPDATE QRTZ_EXECUTE SET NEXT_FIRE_TIME = ?, RUN_ON = 'ALL' WHERE ID = 6", due)
		b.run() // not yet for so long
		e := count()
		require.EqualValues(t, 2, e.Count, "neither what is paused, nor what runs, nor what is to come, nor what lags behind its copies")
		require.InDelta(t, 6*time.Second, e.Late, float64(50*time.Millisecond), "the estimate of the database's clock lags behind")
		mustExec(t, b.db, "UPDATE QRTZ_APP SET STATE = 'N'")
		require.Zero(t, count().Count, "nobody is to claim it")
	})
}

func mustExec(t *testing.T, db *sqldb.DB, query string, args ...any) {
	t.Helper()
	_, err := db.Exec(t.Context(), query, args...)
	require.NoError(t, err)
}
