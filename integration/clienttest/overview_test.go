package clienttest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/schema"
)

func (f *fixture) overview(app string) client.AppOverview {
	f.Helper()
	all, err := f.Overview(f.ctx, app)
	require.NoError(f, err)
	require.Equal(f, time.UnixMilli(f.now.Load()).UTC(), all.At)
	for _, a := range all.Apps {
		if a.Name == "billing" {
			return a
		}
	}
	require.FailNow(f, "no billing")
	return client.AppOverview{}
}

// failed returns the ids that the filters Overdue and Failing find.
func (f *fixture) found(filter client.ExecuteFilter) []client.ID {
	f.Helper()
	page, err := f.ListExecutes(f.ctx, filter)
	require.NoError(f, err)
	var ids []client.ID
	for _, e := range page.Items {
		ids = append(ids, e.ID)
	}
	return ids
}

func TestOverviewCountsWhatThereIs(t *testing.T) {
	each(t, func(f *fixture) {
		empty := f.overview("billing")
		require.Equal(f, client.AppOverview{
			AppInfo: empty.AppInfo, Jobs: map[schema.State]int64{}, Executes: map[schema.State]int64{},
		}, empty)

		_, err := f.AddApp(f.ctx, client.App{Name: "other", Paused: true})
		require.NoError(f, err)
		other, err := f.AddJob(f.ctx, client.Job{App: "other", Class: "x"})
		require.NoError(f, err)
		_, err = f.AddExecute(f.ctx, other.ID, client.Now())
		require.NoError(f, err)

		f.register("a", 7)
		f.register("b", 8)
		f.exec("UPDATE QRTZ_NODE SET CAPACITY = 10, RUNNING = 3 WHERE HOST_IP = 'a'")
		f.exec("UPDATE QRTZ_NODE SET CAPACITY = 0, RUNNING = 1, STATE = 'N' WHERE HOST_IP = 'b'")
		_, err = f.AddNode(f.ctx, client.Node{App: "billing", Key: "gone", Paused: true})
		require.NoError(f, err)

		due := f.execute(client.Now())
		f.execute(client.Every(time.Hour).StartAt(noon.Add(time.Hour)))
		f.execute(client.Now(), client.Paused())
		failing := f.execute(client.Every(time.Hour).StartAt(noon.Add(time.Hour)))
		f.exec("UPDATE QRTZ_EXECUTE SET FAIL_STREAK = 2 WHERE ID = ?", int64(failing.ID))
		broken := f.execute(client.Now())
		f.setExecuteState(broken.ID, schema.Error)
		under := f.execute(client.Now())
		_, err = f.PauseJob(f.ctx, under.JobID)
		require.NoError(f, err)
		// Runs on all nodes, lags behind its copies, and fails on one.
		all := f.execute(client.Every(time.Hour).StartAt(noon), client.OnAllNodes())
		f.child(all.ID, schema.ChildAll, 7, func(row *schema.Execute) { row.FailStreak, row.Targets = 1, "7" })
		f.child(all.ID, schema.ChildAll, 8, func(row *schema.Execute) { row.Targets = "8" })
		// Two fires of one execute.
		f.fires(due.ID, noon, 1, 7)
		kid := f.child(due.ID, schema.ChildRetry, noon.UnixMilli()-5, nil)
		f.fires(kid, noon.Add(-5*time.Millisecond), 2, 8)

		f.pass(client.OverdueAfter)
		for _, app := range []string{"billing", ""} {
			got := f.overview(app)
			require.Equal(f, client.NodeCounts{Live: 2, Paused: 1, Draining: 1, Capacity: 10, Running: 4}, got.Nodes)
			require.Equal(f, map[schema.State]int64{schema.Executing: 6, schema.Paused: 1}, got.Jobs)
			require.Equal(f, map[schema.State]int64{schema.Executing: 5, schema.Paused: 1, schema.Error: 1}, got.Executes)
			require.EqualValues(f, 2, got.Running)
			require.EqualValues(f, 1, got.Overdue)
			require.EqualValues(f, 3, got.Failing)
		}
		require.Equal(f, []client.ID{due.ID}, f.found(client.ExecuteFilter{App: "billing", Overdue: client.OverdueAfter}))
		require.Equal(f, []client.ID{due.ID}, f.found(client.ExecuteFilter{Overdue: client.OverdueAfter, Sort: client.SortNextFire}))
		require.Empty(f, f.found(client.ExecuteFilter{Overdue: client.OverdueAfter + time.Millisecond}))
		require.Equal(f, []client.ID{failing.ID, broken.ID, all.ID}, f.found(client.ExecuteFilter{App: "billing", Failing: true}))

		everything, err := f.Overview(f.ctx, "")
		require.NoError(f, err)
		require.Len(f, everything.Apps, 2)
		require.Equal(f, "other", everything.Apps[1].Name)
		require.Equal(f, map[schema.State]int64{schema.Executing: 1}, everything.Apps[1].Executes)
		require.Zero(f, everything.Apps[1].Overdue, "its app is paused")
		one, err := f.Overview(f.ctx, "billing")
		require.NoError(f, err)
		require.Len(f, one.Apps, 1)
		_, err = f.Overview(f.ctx, "nowhere")
		require.ErrorIs(f, err, client.ErrNotFound)

		f.pass(16 * time.Second)
		require.Equal(f, []client.ID{due.ID, all.ID}, f.found(client.ExecuteFilter{App: "billing", Overdue: client.OverdueAfter}))

		// What must not run beside another fire of its own waits for that on purpose.
		occupied := f.execute(client.Every(time.Hour).StartAt(noon), client.OnOverlap(schema.SkipOverlap))
		limited := f.execute(client.Every(time.Hour).StartAt(noon), client.AtMost(2))
		for _, id := range []client.ID{occupied.ID, limited.ID} {
			f.exec("UPDATE QRTZ_EXECUTE SET NEXT_FIRE_TIME = ? WHERE ID = ?", noon.UnixMilli(), int64(id))
			f.child(id, schema.ChildRetry, noon.Add(time.Hour).UnixMilli(), nil)
		}
		require.Equal(f, []client.ID{due.ID, all.ID, limited.ID}, f.found(client.ExecuteFilter{App: "billing", Overdue: client.OverdueAfter}))
		require.EqualValues(f, 3, f.overview("billing").Overdue)
		f.fires(limited.ID, noon, 1, 7)
		require.Equal(f, []client.ID{due.ID, all.ID}, f.found(client.ExecuteFilter{App: "billing", Overdue: client.OverdueAfter}))
		f.exec("DELETE FROM QRTZ_EXECUTE WHERE ORIGIN_ID = ?", int64(occupied.ID))
		require.Equal(f, []client.ID{due.ID, all.ID, occupied.ID}, f.found(client.ExecuteFilter{App: "billing", Overdue: client.OverdueAfter}))
		f.fires(occupied.ID, noon, 1, 7)
		require.EqualValues(f, 2, f.overview("billing").Overdue)

		// Nothing is overdue of an app that is held.
		_, err = f.BeginMaintenance(f.ctx, "billing")
		require.NoError(f, err)
		require.Zero(f, f.overview("billing").Overdue)
	})
}
