package protocol_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/glebarez/sqlite"
	"github.com/stretchr/testify/require"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"

	"github.com/quartz-cluster/quartz/core/internal/store"
	"github.com/quartz-cluster/quartz/internal/sqldb"
	"github.com/quartz-cluster/quartz/schema"
)

const (
	now  = int64(1_800_000_000_000)
	hour = int64(time.Hour / time.Millisecond)
)

// bench is a store over a database in memory.
type bench struct {
	*store.Store

	t  *testing.T
	db *sqldb.DB
}

func newBench(t *testing.T) *bench {
	t.Helper()
	db, err := gorm.Open(sqlite.Open(":memory:"), &gorm.Config{Logger: logger.Discard})
	require.NoError(t, err)
	pool, err := db.DB()
	require.NoError(t, err)
	pool.SetMaxOpenConns(1)
	t.Cleanup(func() { _ = pool.Close() })
	require.NoError(t, db.Use(sqldb.Clock(func() int64 { return now })))
	require.NoError(t, schema.Migrate(t.Context(), db, schema.Options{Logger: slog.New(slog.DiscardHandler)}))
	b := &bench{t: t}
	b.db, err = sqldb.New(db, sqldb.Config{})
	require.NoError(t, err)
	b.Store, err = store.New(db, sqldb.Config{}, "app", time.Minute)
	require.NoError(t, err)
	return b
}

func (b *bench) exec(query string, args ...any) {
	b.t.Helper()
	_, err := b.db.Exec(b.t.Context(), query, args...)
	require.NoError(b.t, err, query)
}

// reset leaves nothing but a live node and a job.
func (b *bench) reset() store.Registration {
	b.t.Helper()
	for _, table := range []string{"EXECUTE", "JOB", "NODE", "APP"} {
		b.exec("DELETE FROM QRTZ_" + table)
	}
	require.NoError(b.t, sqldb.Insert(b.t.Context(), b.db, "QRTZ_JOB", schema.Job{ID: 1, Application: "app", State: schema.Executing, Class: "work"}))
	return b.register()
}

func (b *bench) register() store.Registration {
	b.t.Helper()
	reg, err := b.Register(b.t.Context(), store.Member{Key: "node", HostName: "host", Capacity: 1, Handlers: `["work"]`})
	require.NoError(b.t, err)
	return reg
}

// family returns the execute, if it is there, and its child, if it has one.
func (b *bench) family() (row, child *schema.Execute) {
	b.t.Helper()
	rows, err := sqldb.Select[schema.Execute](b.t.Context(), b.db, "SELECT "+sqldb.Columns[schema.Execute]("")+" FROM QRTZ_EXECUTE")
	require.NoError(b.t, err)
	for i := range rows {
		if rows[i].Origin == "" {
			row = &rows[i]
		} else {
			child = &rows[i]
		}
	}
	return row, child
}

// scenes are the situations that an execute with a fire can be in.
var scenes = []string{"due", "flight", "last in flight", "spilled", "waiting", "waiting for a node that is gone", "ended", "unscheduled"}

// stage brings an execute into a situation and a state.
func (b *bench) stage(scene string, state schema.State) (store.Registration, *store.Due) {
	b.t.Helper()
	reg := b.reset()
	e := schema.Execute{
		ID: 7, PID: 1, Application: "app", Shard: schema.ShardOf(7), State: state, JobType: schema.Simple, RepeatCount: -1, RepeatInterval: hour,
		StartTime: now, EndTime: -1, NextFireTime: now, PrevFireTime: -1, Version: 3, HostIP: "h", HostName: "h", PauseAfter: 1, Recover: 1,
	}
	d := &store.Due{ID: 7, JobID: 1, Version: 3, JobType: schema.Simple, RepeatCount: -1, Interval: hour, Start: now, End: -1, Next: now}
	if scene != "due" {
		e.NextFireTime, e.HighTime, e.FireAttempt, e.FireNode = now+hour, now, 1, reg.NodeID
		d.Next, d.High, d.Attempt, d.FireNode = now+hour, now, 1, reg.NodeID
	}
	child := schema.Execute{
		ID: 8, PID: 1, Application: "app", Shard: schema.ShardOf(8), State: schema.Executing, JobType: schema.Simple, RepeatCount: 1, StartTime: now,
		EndTime: -1, PrevFireTime: -1, HostIP: "h", HostName: "h", FireAttempt: 1, Recover: 1, OriginID: 7, ChildKey: schema.FireKey(7, now),
	}
	switch scene {
	case "flight":
		e.FireTime, d.FireTime = now, now
	case "last in flight":
		e.FireTime, e.NextFireTime, d.FireTime, d.Next = now, 0, now, 0
	case "spilled":
		child.Origin, child.FireTime, child.FireNode = schema.ChildOverlap, now, reg.NodeID
	case "waiting":
		child.Origin, child.NextFireTime = schema.ChildRetry, now
	case "waiting for a node that is gone":
		child.Origin, child.NextFireTime, child.RunOn, child.Targets = schema.ChildRunNow, now, schema.RunOnNode, "1"
	case "ended":
		e.NextFireTime, e.LastState, e.LastEndTime, d.Next = 0, schema.Succeeded, now-hour, 0
	case "unscheduled":
		e.NextFireTime, d.Next = 0, 0
	}
	require.NoError(b.t, sqldb.Insert(b.t.Context(), b.db, "QRTZ_EXECUTE", e))
	if child.Origin != "" {
		require.NoError(b.t, sqldb.Insert(b.t.Context(), b.db, "QRTZ_EXECUTE", child))
	}
	return reg, d
}

// calls are the statements of the store that change executes. What they report is
// not of interest here, but what they leave behind.
func calls(b *bench, reg store.Registration, d *store.Due) map[string]func() error {
	ctx := b.t.Context()
	limits := store.Limits{Latest: now + 1000, Ahead: 250}
	claim := func(c store.Claim) func() error {
		return func() error { _, err := b.Claim(ctx, reg.NodeID, []store.Claim{c}, limits); return err }
	}
	ref := store.Ref{ID: 7, Nominal: now, Attempt: 1}
	end := func(c store.Completion) func() error {
		c.Ref = ref
		return func() error { _, err := b.Complete(ctx, reg.NodeID, []store.Completion{c}); return err }
	}
	row, child := b.family()
	gone := func(do func(context.Context, int64, []store.Ref, string) (store.Completed, error)) func() error {
		return func() error {
			b.exec("DELETE FROM QRTZ_NODE")
			for _, id := range []int64{7, 8} {
				at := ref
				at.ID = id
				if _, err := do(ctx, reg.NodeID, []store.Ref{at}, "gone"); err != nil {
					return err
				}
			}
			return nil
		}
	}
	out := map[string]func() error{
		"claim":          claim(store.Claim{Due: d, Nominal: d.Next, Attempt: 1, NextFire: now + hour}),
		"claim the last": claim(store.Claim{Due: d, Nominal: d.Next, Attempt: 1}),
		"skip":           claim(store.Claim{Due: d, NextFire: now + hour, Skipped: store.Skips{Misfire: 1}}),
		"skip the last":  claim(store.Claim{Due: d, Skipped: store.Skips{Misfire: 1}}),
		"fault":          func() error { _, err := b.Fault(ctx, *d, "bad"); return err },
		"spill":          func() error { _, err := b.Spill(ctx, d); return err },
		"retry":          end(store.Completion{Outcome: schema.Failed, Again: &store.Again{Kind: schema.ChildRetry, Fails: 1}}),
		"hand over":      end(store.Completion{Again: &store.Again{Kind: schema.ChildRecovery}}),
		"recover":        gone(b.Recover),
		"lose":           gone(b.Lose),
		"schedule":       func() error { _, err := b.Schedule(ctx, *row, now+hour); return err },
		"complete":       func() error { _, err := b.Schedule(ctx, *row, 0); return err },
		"forget":         func() error { _, err := b.Forget(ctx, *row); return err },
		"evict": func() error {
			live, err := b.Homeless(ctx, []int64{reg.NodeID}, 0, 0, 10)
			for _, h := range live {
				_, err = b.Remove(ctx, h, "gone")
			}
			return err
		},
	}
	for _, o := range []schema.Outcome{schema.Succeeded, schema.Failed, schema.TimedOut, schema.Cancelled} {
		out["end "+string(o)] = end(store.Completion{Outcome: o})
	}
	if child != nil {
		c := &store.Due{
			ID: 8, JobID: 1, JobType: schema.Simple, RepeatCount: 1, Start: now, End: -1, Next: child.NextFireTime, Attempt: 1,
			Origin: child.Origin, OriginID: 7,
		}
		out["claim the child"] = claim(store.Claim{Due: c, Nominal: now, Attempt: 2})
	}
	return out
}

// fireOf says what has become of the fire of now.
func fireOf(row, child *schema.Execute) string {
	switch {
	case row == nil:
		return "forgotten"
	case row.FireTime == now || child != nil && child.FireTime == now:
		return "flight"
	case child != nil:
		return "waiting"
	case row.SkipCount > 0:
		return "skipped"
	case row.LastFireTime == now:
		return string(row.LastState)
	case row.NextFireTime == now:
		return "due"
	}
	return "" // none of the fires that are looked at
}

// nodeOf says what there is under the node's key.
func (b *bench) nodeOf() string {
	b.t.Helper()
	var id int64
	found, err := b.db.One(b.t.Context(), []any{sqldb.Null(&id)}, "SELECT NODE_ID FROM QRTZ_NODE WHERE APPLICATION = 'app' AND HOST_IP = 'node'")
	require.NoError(b.t, err)
	switch {
	case !found:
		return "absent"
	case id == 0:
		return "kept"
	}
	return "live"
}
