package misfire

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/core/internal/store"
	"github.com/quartz-cluster/quartz/internal/sqldb"
	"github.com/quartz-cluster/quartz/schema"
)

// everyHour adds an execute that runs on all nodes, from now on.
func (b *bench) everyHour() (id, now int64) {
	b.t.Helper()
	id, now = schema.NewID(), time.Now().UnixMilli()
	require.NoError(b.t, sqldb.Insert(b.t.Context(), b.db, "QRTZ_EXECUTE", schema.Execute{
		ID: id, PID: 1, Application: "app", Shard: schema.SharedShard, State: schema.Executing, JobType: schema.Simple, RunOn: schema.RunOnAll,
		RepeatCount: -1, RepeatInterval: time.Hour.Milliseconds(), StartTime: now, EndTime: -1, NextFireTime: now, PrevFireTime: -1, HostIP: "h", HostName: "h",
	}))
	return id, now
}

// begins returns when the copies of an execute fire first, by node id.
func (b *bench) begins(id int64) map[int64]int64 {
	b.t.Helper()
	require.NoError(b.t, b.copies(b.t.Context(), b.view()))
	copies, err := b.cfg.Store.Copies(b.t.Context(), []int64{id})
	require.NoError(b.t, err)
	out := make(map[int64]int64)
	for _, c := range copies {
		out[c.NodeID] = c.Next
	}
	return out
}

// A node whose registration became visible only after a pass had been made, but
// that had registered before an instant, runs that instant.
func TestANodeThatBecomesVisibleLateMissesNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		id, now := b.everyHour()
		time.Sleep(4 * time.Second)
		require.Equal(t, map[int64]int64{b.cfg.NodeID: now}, b.begins(id))
		late, err := b.cfg.Store.Register(t.Context(), store.Member{Key: "late", HostName: "host", Capacity: 1, Handlers: `["work"]`})
		require.NoError(t, err)
		_, err = b.db.Exec(t.Context(), "UPDATE QRTZ_NODE SET TIME_START = ? WHERE NODE_ID = ?", now-1, late.NodeID)
		require.NoError(t, err)
		require.Equal(t, map[int64]int64{b.cfg.NodeID: now, late.NodeID: now}, b.begins(id))
	})
}

// Nodes that registered later than the database's clock says it is, as that went back
// since, miss nothing of what is new.
func TestANodeMissesNothingWhereTheClockWentBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		other, err := b.cfg.Store.Register(t.Context(), store.Member{Key: "other", HostName: "host", Capacity: 1, Handlers: `["work"]`})
		require.NoError(t, err)
		mustExec(t, b.db, "UPDATE QRTZ_NODE SET TIME_START = TIME_START + ?", 6*time.Hour.Milliseconds())
		id, now := b.everyHour()
		time.Sleep(3 * time.Second) // until the next pass
		require.Equal(t, map[int64]int64{b.cfg.NodeID: now, other.NodeID: now}, b.begins(id))
	})
}

// A node that comes in the place of the only one does not run again what that one
// has run, and begins with its own registration beside others.
func TestACopyDoesNotBeginBeforeItsTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		id, now := b.everyHour()
		hour := time.Hour.Milliseconds()
		require.Equal(t, map[int64]int64{b.cfg.NodeID: now}, b.begins(id))
		_, err := b.db.Exec(t.Context(), "UPDATE QRTZ_EXECUTE SET HIGH_TIME = ?, NEXT_FIRE_TIME = ?, FIRE_COUNT = 1 WHERE ORIGIN = 'ALL'", now, now+hour)
		require.NoError(t, err)
		time.Sleep(time.Second)
		_, err = b.db.Exec(t.Context(), "DELETE FROM QRTZ_NODE")
		require.NoError(t, err)
		next, err := b.cfg.Store.Register(t.Context(), store.Member{Key: "next", HostName: "host", Capacity: 1, Handlers: `["work"]`})
		require.NoError(t, err)
		require.Equal(t, map[int64]int64{next.NodeID: now + hour}, b.begins(id))
		other, err := b.cfg.Store.Register(t.Context(), store.Member{Key: "other", HostName: "host", Capacity: 1, Handlers: `["work"]`})
		require.NoError(t, err)
		require.Equal(t, map[int64]int64{next.NodeID: now + hour, other.NodeID: now + hour}, b.begins(id))
		unable, err := b.cfg.Store.Register(t.Context(), store.Member{Key: "unable", HostName: "host", Capacity: 1, Handlers: `["play"]`})
		require.NoError(t, err)
		require.NotContains(t, b.begins(id), unable.NodeID)
	})
}
