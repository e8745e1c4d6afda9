package clienttest

import (
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/internal/sqldb"
	"github.com/quartz-cluster/quartz/schema"
)

// onlyChild returns the row of the only child of an execute.
func (f *fixture) onlyChild(origin client.ID) schema.Execute {
	f.Helper()
	page, err := f.ListExecutes(f.ctx, client.ExecuteFilter{Origin: origin})
	require.NoError(f, err)
	require.Len(f, page.Items, 1)
	return f.row(page.Items[0].ID)
}

func TestRunNowWritesWhatTheEngineReads(t *testing.T) {
	each(t, func(f *fixture) {
		for _, data := range []string{"", `{"once":1}`} {
			all := policies
			all.Targets = []string{"gpu"}
			added, err := f.AddExecutes(f.ctx, f.job().ID, []client.Execute{
				{Schedule: client.Cron("0 0 8 * * ?", ""), Name: "n", Data: `{"own":1}`, Policies: all},
			})
			require.NoError(f, err)
			origin := added[0]
			before := f.row(origin.ID)
			fires, err := f.As("alice").RunNow(f.ctx, origin.ID, client.RunWith(data))
			require.NoError(f, err)
			require.Equal(f, []client.FireID{{ExecuteID: origin.ID, Time: noon}}, fires)
			before.Version++ // a claim must not go on from what it read: only so many run at a time
			require.Equal(f, before, f.row(origin.ID))
			want := `{"own":1}`
			if data != "" {
				want = data
			}
			row := f.onlyChild(origin.ID)
			require.Equal(f, schema.Execute{
				ID: row.ID, PID: before.PID, JobType: schema.Simple, State: schema.Executing, RepeatCount: 1,
				StartTime: noon.UnixMilli(), NextFireTime: noon.UnixMilli(), EndTime: -1, PrevFireTime: -1,
				HostIP: before.HostIP, HostName: before.HostName, UpdatedBy: "alice", UpdateTime: noon.UnixMilli(),
				Application: "billing", Shard: schema.SharedShard, Data: want,
				Overlap: schema.Allow, OverlapMax: before.OverlapMax,
				Timeout: 60_000, Priority: -5, RetryMax: 4, RetryDelay: 1500, RetryCap: 3_600_000, Recover: 2,
				RunOn: schema.RunOnSome, Targets: `["gpu"]`,
				Origin: schema.ChildRunNow, OriginID: before.ID, ChildKey: schema.ChildKey(before.ID, schema.ChildRunNow, noon.UnixMilli()),
			}, row)
			require.NoError(f, f.DeleteExecute(f.ctx, origin.ID))
		}
	})
}

// The times of runs are those of no other fire of the execute.
func TestRunNowHasATimeOfItsOwn(t *testing.T) {
	each(t, func(f *fixture) {
		ms := func(n int) time.Time { return noon.Add(time.Duration(n) * time.Millisecond) }
		e := f.execute(client.Every(10 * time.Millisecond).StartAt(noon)) // noon is an instant of the schedule
		f.exec("UPDATE QRTZ_EXECUTE SET HIGH_TIME = ? WHERE ID = ?", ms(2).UnixMilli(), int64(e.ID))
		f.child(e.ID, schema.ChildRetry, ms(4).UnixMilli(), nil) // of an instant of an earlier schedule
		for _, want := range []int{1, 3, 5, 6, 7, 8, 9, 11} {
			fires, err := f.RunNow(f.ctx, e.ID)
			require.NoError(f, err)
			require.Equal(f, ms(want), fires[0].Time)
		}
		row := f.row(e.ID)
		require.Zero(f, row.Version, "overlap is allowed: nothing has to be closed")

		var all sync.WaitGroup
		for range 10 {
			all.Go(func() {
				if _, err := f.RunNow(f.ctx, e.ID); err != nil {
					f.Errorf("run now: %v", err)
				}
			})
		}
		all.Wait()
		require.EqualValues(f, 18, f.count("SELECT COUNT(DISTINCT START_TIME) FROM QRTZ_EXECUTE WHERE ORIGIN = 'RUN_NOW'"))
		require.EqualValues(f, 18, f.count("SELECT COUNT(DISTINCT CHILD_KEY) FROM QRTZ_EXECUTE WHERE ORIGIN = 'RUN_NOW'"))

		f.pass(time.Hour) // a schedule that is over, or wrong, has none
		f.exec("UPDATE QRTZ_EXECUTE SET JOB_TYPE = 'CRON', CRON = 'nonsense', STATE = 'COMPLETE' WHERE ID = ?", int64(e.ID))
		fires, err := f.RunNow(f.ctx, e.ID)
		require.NoError(f, err)
		require.Equal(f, noon.Add(time.Hour), fires[0].Time)
	})
}

// A claim of the schedule whose statement began before must not go through
// beside the run: it names the version.
func TestRunNowWithoutOverlapMovesTheVersion(t *testing.T) {
	each(t, func(f *fixture) {
		for policy, version := range map[schema.Overlap]int64{schema.Allow: 0, schema.SkipOverlap: 1, schema.Queue: 1} {
			e := f.execute(client.Every(time.Minute), client.OnOverlap(policy))
			done := f.execute(client.Every(time.Minute), client.OnOverlap(policy))
			f.setExecuteState(done.ID, schema.Complete)
			_, err := f.RunNow(f.ctx, done.ID)
			require.NoError(f, err)
			require.EqualValues(f, 1, f.row(done.ID).Version, "it is not to be removed by what was read before")
			_, err = f.RunNow(f.ctx, e.ID)
			require.NoError(f, err)
			require.Equal(f, version, f.row(e.ID).Version, policy)
			require.Equal(f, policy, f.onlyChild(e.ID).Overlap)
		}
		limited := f.execute(client.Every(time.Minute), client.AtMost(2))
		_, err := f.RunNow(f.ctx, limited.ID)
		require.NoError(f, err)
		require.EqualValues(f, 1, f.row(limited.ID).Version)
	})
}

// A run on all nodes is one for each live node that has a handler, below the
// node's copy, so that the two do not overlap where they must not.
func TestRunNowOnAllNodes(t *testing.T) {
	each(t, func(f *fixture) {
		for _, policy := range []schema.Overlap{schema.Allow, schema.Queue} {
			e := f.execute(client.Every(time.Minute), client.OnAllNodes(), client.OnOverlap(policy), client.Recover())
			f.register("mute", node)
			_, err := f.RunNow(f.ctx, e.ID)
			require.Contains(f, requireConflict(f, err, client.KindExecute), `no live node has a handler for "invoice.send"`)
			keys := []string{"a", "b", "c", "d"}
			for i, key := range keys {
				f.register(key, node+10-int64(i))
				f.exec(`UPDATE QRTZ_NODE SET HANDLERS = '["other","invoice.send"]' WHERE HOST_IP = ?`, key)
			}
			f.exec("UPDATE QRTZ_NODE SET NODE_ID = NULL WHERE HOST_IP = 'd'") // an operator's word only
			copied := func(id int64, state schema.State) client.ID {
				return f.child(e.ID, schema.ChildAll, id, func(row *schema.Execute) {
					row.RunOn, row.Targets, row.State = schema.RunOnNode, strconv.FormatInt(id, 10), state
				})
			}
			onA, onB := copied(node+10, schema.Executing), copied(node+9, schema.Error)

			fires, err := f.RunNow(f.ctx, e.ID)
			require.NoError(f, err)
			require.Len(f, fires, 3)
			for i, below := range []client.ID{onA, e.ID, e.ID} { // what is in ERROR runs nothing
				id, at := node+10-int64(i), noon.Add(time.Duration(i+1)*time.Millisecond)
				require.Equal(f, client.FireID{ExecuteID: e.ID, Time: at}, fires[i], "noon is an instant of the schedule")
				var row schema.Execute
				found, err := f.sql.One(f.ctx, sqldb.Dest(&row), "SELECT "+sqldb.Columns[schema.Execute]("")+` FROM QRTZ_EXECUTE
					WHERE CHILD_KEY = ?`, schema.ChildKey(int64(e.ID), schema.ChildRunNow, at.UnixMilli()))
				require.NoError(f, err)
				require.True(f, found)
				require.Equal(f, int64(below), row.OriginID)
				require.Equal(f, schema.RunOnNode, row.RunOn)
				require.Equal(f, strconv.FormatInt(id, 10), row.Targets)
				require.Equal(f, schema.NodeShard(id), row.Shard)
				require.Equal(f, schema.DefaultRecoveries, row.Recover)
			}
			moved := int64(0)
			if policy == schema.Queue {
				moved = 1
			}
			require.Equal(f, []int64{moved, moved, 0}, []int64{f.row(e.ID).Version, f.row(onA).Version, f.row(onB).Version})

			// One is cancelled while it waits, another while it runs.
			require.NoError(f, f.CancelFire(f.ctx, fires[0]))
			require.Equal(f, schema.Cancelled, f.row(onA).LastState)
			require.Empty(f, f.row(e.ID).LastState)
			n, err := f.Cancel(f.ctx, e.ID)
			require.NoError(f, err)
			require.Equal(f, 2, n)
			require.NoError(f, f.DeleteExecute(f.ctx, e.ID))
			for _, key := range append(keys, "mute") {
				require.NoError(f, f.DeleteNode(f.ctx, "billing", key))
			}
		}
	})
}

func TestWhatRunNowRefuses(t *testing.T) {
	each(t, func(f *fixture) {
		e := f.execute(client.Every(time.Minute))
		for _, state := range []schema.State{schema.Init, schema.Paused, schema.Error} {
			f.setExecuteState(e.ID, state)
			_, err := f.RunNow(f.ctx, e.ID)
			requireConflict(f, err, client.KindExecute)
		}
		f.setExecuteState(e.ID, schema.Complete)
		_, err := f.RunNow(f.ctx, 12345)
		require.ErrorIs(f, err, client.ErrNotFound)
		_, err = f.RunNow(f.ctx, e.ID, client.RunWith("{"))
		requireField(f, err, "data")
		require.Zero(f, f.count(children))

		// A paused job or app holds the run as it holds everything.
		_, err = f.PauseJob(f.ctx, e.JobID)
		require.NoError(f, err)
		_, err = f.PauseApp(f.ctx, "billing")
		require.NoError(f, err)
		_, err = f.RunNow(f.ctx, e.ID)
		require.NoError(f, err)
		require.EqualValues(f, 1, f.count(children))

		// A row of the Java client that nobody has taken over.
		f.exec("UPDATE QRTZ_EXECUTE SET APPLICATION = NULL WHERE ID = ?", int64(e.ID))
		_, err = f.RunNow(f.ctx, e.ID)
		require.NoError(f, err)
		require.EqualValues(f, 2, f.count(children+" AND APPLICATION = 'billing'"))
		f.exec("DELETE FROM QRTZ_JOB WHERE ID = ?", int64(e.JobID))
		_, err = f.RunNow(f.ctx, e.ID)
		require.ErrorIs(f, err, client.ErrNotFound)
	})
}

// A run that meets the deletion of its execute does not stay behind.
func TestRunNowAgainstADeletion(t *testing.T) {
	each(t, func(f *fixture) {
		f.race(20, func() (a, b func() error) {
			e := f.execute(client.Every(time.Minute))
			return func() error { return f.DeleteExecute(f.ctx, e.ID) },
				func() error { _, err := f.RunNow(f.ctx, e.ID); return err }
		}, func() { require.Zero(f, f.count(children)) })
		f.race(20, func() (a, b func() error) {
			e := f.execute(client.Every(time.Minute))
			return func() error { _, err := f.DeleteJobWithExecutes(f.ctx, e.JobID); return err },
				func() error { _, err := f.RunNow(f.ctx, e.ID); return err }
		}, func() { require.Zero(f, f.count(children)) })
	})
}

func TestRunNowOfData(t *testing.T) {
	each(t, func(f *fixture) {
		e := f.execute(client.Every(time.Minute))
		_, err := f.RunNow(f.ctx, e.ID, client.RunWith([]string{strings.Repeat("ä", 1990)}))
		require.NoError(f, err)
		require.Len(f, f.onlyChild(e.ID).Data, 2*1990+4)
	})
}
