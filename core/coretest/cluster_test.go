package coretest_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/quartz-cluster/quartz/core"
	"github.com/quartz-cluster/quartz/core/coretest"
	"github.com/quartz-cluster/quartz/core/observe"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// add puts an execute under a new job, as a client would.
func add(t *testing.T, c *coretest.Cluster, id int64, columns string, values ...any) {
	t.Helper()
	require.NoError(t, c.DB.Exec(`INSERT INTO QRTZ_JOB (ID, APPLICATION, STATE, JOB_CLASS, UPDATE_TIME)
		VALUES (?, 'billing', 'EXECUTING', 'send', 0)`, id).Error)
	require.NoError(t, c.DB.Exec(`INSERT INTO QRTZ_EXECUTE (ID, PID, STATE, HOST_IP, HOST_NAME, APPLICATION, SHARD, `+columns+`)
		VALUES (?, ?, 'EXECUTING', 'h', 'h', 'billing', 0`+strings.Repeat(", ?", len(values))+`)`, append([]any{id, id}, values...)...).Error)
}

func TestHoursOfCronOnTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		cluster := coretest.Open(t)
		var runs []time.Time
		handlers := core.NewHandlers()
		handlers.Add("send", func(_ context.Context, fire *core.Fire) error {
			runs = append(runs, fire.ActualTime)
			return nil
		})
		start := time.Now().UTC() // midnight
		add(t, cluster, 1, "JOB_TYPE, CRON, ZONE_ID, START_TIME, NEXT_FIRE_TIME",
			"CRON", "0 30 0-1 ? * *", "UTC", start.UnixMilli(), start.Add(30*time.Minute).UnixMilli())
		cluster.Start(core.Config{ // slow loops make a long time short
			App: "billing", Handlers: handlers, NodeKey: "a",
			ScanInterval: time.Minute, Heartbeat: time.Minute, Lease: 5 * time.Minute, HandlerInterval: time.Hour,
		})
		cluster.Advance(2 * time.Hour)
		require.Len(t, runs, 2)
		for i, at := range runs {
			// Between two heartbeats a minute apart the estimate of the database's clock
			// falls behind by a share of that minute, so that no run is early.
			due := start.Add(time.Duration(i)*time.Hour + 30*time.Minute)
			require.WithinRange(t, at, due, due.Add(40*time.Millisecond))
		}
	})
}

func TestClusterSharesAndReports(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		cluster := coretest.Open(t)
		handlers := core.NewHandlers()
		handlers.Add("send", func(context.Context, *core.Fire) error { return nil })
		now := time.Now().UnixMilli()
		add(t, cluster, 1, "JOB_TYPE, REPEAT_COUNT, REPEAT_INTERVAL, START_TIME, NEXT_FIRE_TIME", "SIMPLE", 5, 2000, now, now)
		for range 3 {
			cluster.Start(core.Config{App: "billing", Handlers: handlers, NodeKey: "same"})
		}
		cluster.Advance(20 * time.Second)
		require.Len(t, cluster.Events(observe.Completed), 5)
		var keys []string
		for _, e := range cluster.Events(observe.Registered) {
			keys = append(keys, e.Node)
		}
		require.Equal(t, []string{"same", "same#2", "same#3"}, keys)
		var row struct{ State, LastState string }
		require.NoError(t, cluster.DB.Raw("SELECT STATE state, LAST_STATE last_state FROM QRTZ_EXECUTE").Scan(&row).Error)
		require.Equal(t, "COMPLETE", row.State)
		require.Equal(t, "SUCCEEDED", row.LastState)
	})
}

// poisoned returns a cluster with a node and 20 executes, of which the database rejects
// any change of a column of one: number 13.
func poisoned(t *testing.T, column string, count, interval int) *coretest.Cluster {
	t.Helper()
	cluster := coretest.Open(t)
	handlers := core.NewHandlers()
	handlers.Add("send", func(context.Context, *core.Fire) error { return nil })
	now := time.Now().UnixMilli()
	for id := range int64(20) {
		add(t, cluster, id+1, "JOB_TYPE, REPEAT_COUNT, REPEAT_INTERVAL, START_TIME, NEXT_FIRE_TIME", "SIMPLE", count, interval, now, now)
	}
	require.NoError(t, cluster.DB.Exec(`CREATE TRIGGER poison BEFORE UPDATE OF `+column+` ON QRTZ_EXECUTE WHEN NEW.ID = 13
		BEGIN SELECT RAISE(ABORT, 'not this one'); END`).Error)
	cluster.Start(core.Config{App: "billing", Handlers: handlers})
	return cluster
}

func TestARowThatTheDatabaseRejectsStrandsOnlyItself(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		cluster := poisoned(t, "FIRE_TIME", 1, 0)
		cluster.Advance(time.Second)
		require.Len(t, cluster.Events(observe.Completed), 19)
		trouble := cluster.Events(observe.Trouble)
		require.NotEmpty(t, trouble, "what the database says must be heard")
		require.EqualValues(t, 13, trouble[0].ExecuteID)
		require.ErrorContains(t, trouble[0].Err, "not this one")
	})
}

// An outcome that the database does not take is told by name, once.
func TestAnOutcomeThatTheDatabaseRejectsIsNamed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		cluster := poisoned(t, "LAST_STATE", 100, 1000)
		named := func() (out []observe.Event) {
			for _, e := range cluster.Events(observe.Trouble) {
				if e.ExecuteID != 0 {
					out = append(out, e)
				}
			}
			return out
		}
		cluster.Advance(10 * time.Second)
		require.NotEmpty(t, named())
		told := len(cluster.Events(observe.Trouble))
		cluster.Advance(50 * time.Second)
		require.Greater(t, len(cluster.Events(observe.Completed)), 19*50)
		for _, e := range named() {
			require.EqualValues(t, 13, e.ExecuteID)
			require.ErrorContains(t, e.Err, "not this one")
			require.Equal(t, 1, e.Attempt)
		}
		require.Len(t, cluster.Events(observe.Trouble), told)
	})
}
