package clienttest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/internal/sqldb"
	"github.com/quartz-cluster/quartz/schema"
)

const children = "SELECT COUNT(*) FROM QRTZ_EXECUTE WHERE ORIGIN IS NOT NULL"

// A child belongs to its origin: it is listed only on request, is not edited, and
// goes with it.
func TestChildrenAreTheEngines(t *testing.T) {
	each(t, func(f *fixture) {
		origin, other := f.execute(client.Every(time.Minute)), f.execute(client.Every(time.Minute))
		retry := f.child(origin.ID, schema.ChildRetry, noon.UnixMilli(), nil)
		f.child(f.child(other.ID, schema.ChildAll, 7, nil), schema.ChildRetry, noon.Add(time.Hour).UnixMilli(), nil)
		late := f.child(origin.ID, schema.ChildOverlap, noon.Add(time.Minute).UnixMilli(), nil)
		f.child(other.ID, schema.ChildRetry, noon.UnixMilli(), nil)
		for _, filter := range []client.ExecuteFilter{{Job: origin.JobID}, {App: "billing", Job: origin.JobID}} {
			page, err := f.ListExecutes(f.ctx, filter)
			require.NoError(f, err)
			require.Len(f, page.Items, 1)
			require.Zero(f, page.Items[0].OriginID)
		}
		filter := client.ExecuteFilter{Origin: origin.ID, PageOptions: client.PageOptions{Limit: 1}}
		listed := walk(f, func(cursor string) (*client.Page[client.ExecuteInfo], error) {
			filter.Cursor = cursor
			return f.ListExecutes(f.ctx, filter)
		}, func() {})
		require.Len(f, listed, 2)
		require.Equal(f, []client.ID{retry, late}, []client.ID{listed[0].ID, listed[1].ID})
		require.Equal(f, schema.ChildRetry, listed[0].Origin)
		require.Equal(f, origin.ID, listed[0].OriginID)

		_, err := f.PauseExecute(f.ctx, retry)
		requireConflict(f, err, client.KindExecute)
		_, err = f.ResumeExecute(f.ctx, retry)
		requireConflict(f, err, client.KindExecute)
		_, err = f.SuspendExecute(f.ctx, retry)
		requireConflict(f, err, client.KindExecute)
		_, err = f.RunNow(f.ctx, retry)
		requireConflict(f, err, client.KindExecute)
		_, err = f.UpdateExecute(f.ctx, retry, 0, client.SetName("x"))
		requireConflict(f, err, client.KindExecute)
		requireConflict(f, f.DeleteExecute(f.ctx, retry), client.KindExecute)
		require.EqualValues(f, 5, f.count(children))

		before := f.row(retry)
		_, err = f.PauseJobWithExecutes(f.ctx, origin.JobID)
		require.NoError(f, err)
		done, err := f.ResumeJobWithExecutes(f.ctx, origin.JobID)
		require.NoError(f, err)
		require.Equal(f, 1, done.Changed)
		require.Equal(f, before, f.row(retry), "what happens to a job's executes does not happen to their children")

		require.NoError(f, f.DeleteExecute(f.ctx, origin.ID))
		require.EqualValues(f, 3, f.count(children))
		require.NoError(f, f.DeleteExecute(f.ctx, other.ID))
		require.Zero(f, f.count(children))
	})
}

func TestDeletesTakeChildrenAlong(t *testing.T) {
	each(t, func(f *fixture) {
		origin, other := f.execute(client.Every(time.Minute)), f.execute(client.Every(time.Minute))
		for _, id := range []client.ID{origin.ID, other.ID} {
			waits := f.child(id, schema.ChildRetry, noon.UnixMilli(), nil)
			runs := f.child(id, schema.ChildOverlap, noon.Add(time.Minute).UnixMilli(), nil)
			f.fires(runs, noon.Add(time.Minute), 1, 7)
			f.fires(id, noon.Add(2*time.Minute), 1, 7)
			f.child(f.child(id, schema.ChildAll, 7, nil), schema.ChildRetry, noon.UnixMilli(), nil)
			require.NotEqual(f, waits, runs)
		}
		n, err := f.DeleteJobWithExecutes(f.ctx, origin.JobID)
		require.NoError(f, err)
		require.Equal(f, 1, n, "children do not count")
		require.EqualValues(f, 4, f.count(children))
		require.EqualValues(f, 5, f.count("SELECT COUNT(*) FROM QRTZ_EXECUTE WHERE PID = ?", int64(other.JobID)))

		// A child whose origin is gone does not keep the job.
		f.exec("DELETE FROM QRTZ_EXECUTE WHERE ID = ?", int64(other.ID))
		require.NoError(f, f.DeleteJob(f.ctx, other.JobID))
		require.Zero(f, f.count("SELECT COUNT(*) FROM QRTZ_EXECUTE"))
	})
}

// The engine takes a fire off its origin and adds the child in one transaction,
// with the origin locked: a delete that meets it takes the child too.
func TestDeleteThatMeetsANewChild(t *testing.T) {
	each(t, func(f *fixture) {
		if lockWaits[f.kind] == "" {
			return // there is no telling when the call waits
		}
		for name, call := range map[string]func(e *client.ExecuteInfo) error{
			"execute": func(e *client.ExecuteInfo) error { return f.DeleteExecute(f.ctx, e.ID) },
			"job":     func(e *client.ExecuteInfo) error { _, err := f.DeleteJobWithExecutes(f.ctx, e.JobID); return err },
		} {
			e := f.execute(client.Every(time.Minute))
			row := f.childRow(e.ID, schema.ChildOverlap, noon.UnixMilli(), nil)
			err := f.overtakeBy(func(tx *sqldb.DB) {
				_, err := tx.Exec(f.ctx, "UPDATE QRTZ_EXECUTE SET FIRE_TIME = NULL, HIGH_TIME = ? WHERE ID = ?", noon.UnixMilli(), int64(e.ID))
				require.NoError(f, err)
				require.NoError(f, sqldb.Insert(f.ctx, tx, "QRTZ_EXECUTE", row))
			}, func() error { return call(e) })
			require.NoError(f, err, name)
			require.Zero(f, f.count(children), name)
		}
	})
}
