package misfire

import (
	"log/slog"
	"testing"
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
		Store: s, Clock: clock, Watch: NewWatch(lease), NodeID: reg.NodeID, Alive: make(map[int64]bool), Period: 3 * time.Second,
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

func mustExec(t *testing.T, db *sqldb.DB, query string, args ...any) {
	t.Helper()
	_, err := db.Exec(t.Context(), query, args...)
	require.NoError(t, err)
}
