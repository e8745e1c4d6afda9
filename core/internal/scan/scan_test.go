package scan

import (
	"context"
	"log/slog"
	"strings"
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

// bench is a loop over a database in memory that shares the clock of the test's
// bubble.
type bench struct {
	*Loop
	t       *testing.T
	gorm    *gorm.DB
	db      *sqldb.DB
	started []int64
	classes []string
	full    int
	cluster store.Cluster
}

func newBench(t *testing.T, slots int) *bench {
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
	b.gorm = db
	b.db, err = sqldb.New(db, sqldb.Config{})
	require.NoError(t, err)

	s, err := store.New(db, sqldb.Config{}, "app", time.Minute)
	require.NoError(t, err)
	reg, err := s.Register(t.Context(), store.Member{Key: "node", HostName: "host", Capacity: slots, Handlers: `["work"]`})
	require.NoError(t, err)
	require.NoError(t, sqldb.Insert(t.Context(), b.db, "QRTZ_JOB", schema.Job{ID: 1, Application: "app", State: schema.Executing, Class: "work"}))
	clock := new(dbclock.Clock)
	b.Loop = New(Config{
		Store: s, Clock: clock, NodeID: reg.NodeID, Classes: []string{"work"}, Interval: time.Second, Threshold: time.Minute,
		Free: func() int { return slots - len(b.started) }, Valid: func() bool { return true },
		Start: func(c store.Claim) { b.started, b.classes = append(b.started, c.ID), append(b.classes, c.Class) },
		Over:  func(store.Ref) (over, soon bool) { return false, false },
		Full:  func() { b.full++ },
		Tell:  func(observe.Event) {},
	})
	b.cluster, err = s.Cluster(t.Context())
	require.NoError(t, err)
	clock.Observe(time.Now(), time.Now(), b.cluster.Now)
	b.Heard(b.cluster, false)
	return b
}

// add writes executes that fire every hour, next after in, all of one shard.
func (b *bench) add(shard, n int, in time.Duration) {
	b.t.Helper()
	next := time.Now().Add(in).UnixMilli()
	rows := make([]schema.Execute, n)
	for i := range rows {
		rows[i] = schema.Execute{
			ID: next + int64(i*schema.Shards+shard), PID: 1, Application: "app", Shard: shard, HostIP: "test", HostName: "test",
			JobType: schema.Simple, State: schema.Executing, RepeatCount: -1, RepeatInterval: 3_600_000, StartTime: next, NextFireTime: next,
		}
	}
	require.NoError(b.t, sqldb.Insert(b.t.Context(), b.db, "QRTZ_EXECUTE", rows...))
}

// What comes soon in one shard keeps nobody from what is due in another.
func TestARoundReadsAllThatIsDue(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, 1000)
		b.add(0, 3*page+1, 0)
		b.add(1, 1, 800*time.Millisecond)
		wait := b.round(t.Context(), t.Context())
		require.Len(t, b.started, 3*page+1)
		require.Less(t, wait, 800*time.Millisecond, "the one that comes soon is not forgotten")
	})
}

// What no other round comes to, because so much before it is for other nodes, the
// next one does.
func TestRoundsGetPastWhatIsForOthers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, 10)
		b.pages = 1
		b.add(schema.SharedShard, 60, -time.Minute)
		_, err := b.db.Exec(t.Context(), "UPDATE QRTZ_EXECUTE SET RUN_ON = 'SOME', TARGETS = '[\"other\"]'")
		require.NoError(t, err)
		b.add(schema.SharedShard, 1, -30*time.Second)
		rounds := 0
		for ; len(b.started) == 0; rounds++ {
			require.Less(t, rounds, 5)
			if wait := b.round(t.Context(), t.Context()); len(b.started) == 0 {
				require.Equal(t, gap, wait)
			}
		}
		require.Greater(t, rounds, 2)
		for rounds = 0; b.round(t.Context(), t.Context()) != time.Second; rounds++ {
			require.Less(t, rounds, 5, "it rests when it has been round")
		}
	})
}

// What only the master may run takes its turn with the rest, also where there is
// always more than room.
func TestTheMastersFiresAreNotStarved(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, 1)
		b.add(schema.SharedShard, 1, -2*time.Minute)
		_, err := b.db.Exec(t.Context(), "UPDATE QRTZ_EXECUTE SET RUN_ON = 'MASTER'")
		require.NoError(t, err)
		b.add(0, 5, -time.Minute)
		_, err = b.db.Exec(t.Context(), "UPDATE QRTZ_APP SET MASTER = ?, MASTER_EPOCH = 7", b.cfg.NodeID)
		require.NoError(t, err)
		cluster, err := b.cfg.Store.Cluster(t.Context())
		require.NoError(t, err)
		b.Heard(cluster, false)
		_ = b.round(t.Context(), t.Context())
		require.Len(t, b.started, 1)
		var on string
		_, err = b.db.One(t.Context(), []any{&on}, "SELECT RUN_ON FROM QRTZ_EXECUTE WHERE FIRE_TIME IS NOT NULL")
		require.NoError(t, err)
		require.Equal(t, "MASTER", on)
	})
}

// A claim's time counts from when it is sent: a slow scan does not use it up.
func TestASlowScanDoesNotVoidItsClaims(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, 10)
		b.add(0, 1, 0)
		require.NoError(t, b.gorm.Callback().Row().Before("gorm:row").Register("slow", func(db *gorm.DB) {
			if strings.Contains(db.Statement.SQL.String(), "RANKED") {
				time.Sleep(2 * effect)
			}
		}))
		_ = b.round(t.Context(), t.Context())
		require.Len(t, b.started, 1)
	})
}

// A node that begins to stop while it looks claims nothing of what it finds.
func TestALookThatAStopOvertakesClaimsNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, 1)
		b.add(0, 1, 0)
		ctx, stop := context.WithCancel(t.Context())
		require.NoError(t, b.gorm.Callback().Row().Before("gorm:row").Register("stop", func(*gorm.DB) { stop() }))
		_ = b.round(ctx, t.Context())
		require.Empty(t, b.started)
	})
}

// A client of the Java edition may leave a next fire that is no slot.
func TestCatchUpFromBetweenTheSlots(t *testing.T) {
	t.Parallel()
	const hour, now = 3_600_000, 1_800_000_000_000
	start := int64(now - 10*hour)
	d := &store.Due{
		JobType: schema.Simple, RepeatCount: -1, Interval: hour, Start: start, Next: start + hour/2,
		Misfire: schema.FireAll, CatchUp: 1,
	}
	claim, err := Decide(d, now, 60_000)
	require.NoError(t, err)
	require.EqualValues(t, 10, claim.Skipped.All(), "the odd one and the slots 1 to 9")
	require.EqualValues(t, now, claim.Nominal)
	require.EqualValues(t, now+hour, claim.NextFire)
}

// MySQL compares texts without the spaces behind them, so it finds such a class:
// what is claimed must have a handler.
func TestAClassWithSpacesBehindIsItsHandlers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, 10)
		b.add(0, 1, 0)
		for _, statement := range []string{
			"DROP TABLE QRTZ_JOB",
			"CREATE TABLE QRTZ_JOB (ID INTEGER PRIMARY KEY, APPLICATION TEXT, STATE TEXT, NAME TEXT, JOB_CLASS TEXT COLLATE RTRIM, JOB_DATA TEXT)",
			"INSERT INTO QRTZ_JOB VALUES (1, 'app', 'EXECUTING', NULL, 'work  ', NULL)",
		} {
			_, err := b.db.Exec(t.Context(), statement)
			require.NoError(t, err)
		}
		_ = b.round(t.Context(), t.Context())
		require.Equal(t, []string{"work"}, b.classes)
	})
}

// What is not due yet is not read page by page.
func TestARoundStopsAtWhatIsTooEarly(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, 1000)
		b.add(0, 3*page, 800*time.Millisecond)
		reads := 0
		require.NoError(t, b.gorm.Callback().Row().Before("gorm:row").Register("count", func(db *gorm.DB) {
			if strings.Contains(db.Statement.SQL.String(), "RANKED") {
				reads++
			}
		}))
		_ = b.round(t.Context(), t.Context())
		require.Equal(t, 1, reads)
	})
}

// What a node that is gone leaves behind is looked at when its peers hear of it, not
// an interval later.
func TestALargerShareIsLookedAtAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, 10)
		alone := store.Cluster{Peers: []store.Peer{{NodeID: b.cfg.NodeID, State: schema.On, Capacity: 10, Handlers: `["work"]`}}}
		two := alone
		two.Peers = append(two.Peers, store.Peer{NodeID: b.cfg.NodeID + 1, State: schema.On, Capacity: 10, Handlers: `["work"]`})
		b.Heard(two, false)
		drain(b.wake)
		b.Heard(two, false)
		require.Empty(t, b.wake)
		b.Heard(alone, false)
		require.Len(t, b.wake, 1)
	})
}
