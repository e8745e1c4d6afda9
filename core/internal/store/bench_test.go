package store

import (
	"log/slog"
	"testing"
	"time"

	"github.com/glebarez/sqlite"
	"github.com/stretchr/testify/require"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"

	"github.com/quartz-cluster/quartz/internal/sqldb"
	"github.com/quartz-cluster/quartz/schema"
)

// The clock of these tests stands still at now, unless they move it.
const now = int64(1_800_000_000_000)

const hour = int64(time.Hour / time.Millisecond)

// bench is a store over a database in memory, and a registered node.
type bench struct {
	*Store

	t     *testing.T
	db    *sqldb.DB
	clock int64
	node  Registration
}

func newBench(t *testing.T) *bench {
	t.Helper()
	b := &bench{t: t, clock: now}
	db, err := gorm.Open(sqlite.Open(":memory:"), &gorm.Config{Logger: logger.Discard})
	require.NoError(t, err)
	pool, err := db.DB()
	require.NoError(t, err)
	pool.SetMaxOpenConns(1)
	t.Cleanup(func() { _ = pool.Close() })
	require.NoError(t, db.Use(sqldb.Clock(func() int64 { return b.clock })))
	require.NoError(t, schema.Migrate(t.Context(), db, schema.Options{Logger: slog.New(slog.DiscardHandler)}))
	b.db, err = sqldb.New(db, sqldb.Config{})
	require.NoError(t, err)
	b.Store, err = New(db, sqldb.Config{}, "app", time.Minute)
	require.NoError(t, err)
	b.reset()
	return b
}

// reset leaves nothing but a node and a job.
func (b *bench) reset() {
	b.t.Helper()
	b.clock = now
	for _, table := range []string{"EXECUTE", "JOB", "NODE", "APP"} {
		_, err := b.db.Exec(b.t.Context(), "DELETE FROM QRTZ_"+table)
		require.NoError(b.t, err)
	}
	b.node = b.register("node")
	require.NoError(b.t, sqldb.Insert(b.t.Context(), b.db, "QRTZ_JOB", schema.Job{ID: 1, Application: "app", State: schema.Executing, Class: "work"}))
}

func (b *bench) register(key string) Registration {
	b.t.Helper()
	reg, err := b.Register(b.t.Context(), Member{Key: key, HostName: "host", Capacity: 1, Handlers: `["work"]`})
	require.NoError(b.t, err)
	return reg
}

// due adds an execute that is due now, every hour from now on, and scans it.
func (b *bench) due(id int64) *Due {
	b.t.Helper()
	require.NoError(b.t, sqldb.Insert(b.t.Context(), b.db, "QRTZ_EXECUTE", schema.Execute{
		ID: id, PID: 1, Application: "app", Shard: schema.ShardOf(id), State: schema.Executing, JobType: schema.Simple,
		RepeatCount: -1, RepeatInterval: hour, StartTime: now, EndTime: -1, NextFireTime: now, PrevFireTime: -1, Version: 3, HostIP: "h", HostName: "h",
	}))
	found, err := b.Scan(b.t.Context(), []Range{{Shard: schema.ShardOf(id), Until: now}}, Place{Classes: []string{"work"}}, 10)
	require.NoError(b.t, err)
	require.Len(b.t, found, 1)
	return found[0]
}

func (b *bench) exec(query string, args ...any) {
	b.t.Helper()
	n, err := b.db.Exec(b.t.Context(), query, args...)
	require.NoError(b.t, err, query)
	require.EqualValues(b.t, 1, n, query)
}

func (b *bench) row(id int64) schema.Execute {
	b.t.Helper()
	rows, err := sqldb.Select[schema.Execute](b.t.Context(), b.db, "SELECT "+sqldb.Columns[schema.Execute]("")+" FROM QRTZ_EXECUTE WHERE ID = ?", id)
	require.NoError(b.t, err)
	require.Len(b.t, rows, 1)
	return rows[0]
}

var limits = Limits{Latest: now + 2000, Ahead: 250}

func fire(d *Due) Claim { return Claim{Due: d, Nominal: d.Next, Attempt: 1, NextFire: d.Next + hour} }
