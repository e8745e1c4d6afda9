package clienttest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/internal/sqldb"
	"github.com/quartz-cluster/quartz/schema"
)

// original adds a job with executes of all kinds, with an account and fires behind
// them, and moves the clock on.
func (f *fixture) original() *client.JobInfo {
	f.Helper()
	job, err := f.AddJob(f.ctx, client.Job{App: "billing", Class: "invoice.send", Name: "invoices", Data: `{"a":1}`, Description: "sends <b>them</b>"})
	require.NoError(f, err)
	everything := policies
	everything.Targets = []string{"gpu"}
	added, err := f.AddExecutes(f.ctx, job.ID, []client.Execute{
		{Name: "daily", Schedule: client.Cron("0 0 8 * * ?", "Europe/Berlin").Until(noon.AddDate(1, 0, 0)), Data: `{"own":1}`, Policies: everything},
		{Schedule: client.Every(time.Minute).Times(1000)},
		{Name: "done", Schedule: client.Now()},
		{Name: "failed", Schedule: client.Every(time.Hour)},
		{Name: "held", Schedule: client.Every(time.Hour), Paused: true},
		{Name: "last", Schedule: client.Now()},
	})
	require.NoError(f, err)
	for i, change := range []string{
		"FIRE_COUNT = 7, FAIL_COUNT = 3, FAIL_STREAK = 1, SKIP_COUNT = 2, LOST_COUNT = 1, LAST_STATE = 'FAILED', LAST_FIRE_TIME = 9, LAST_ERROR = 'broken'",
		"TIME_TRIGGERED = 3, HIGH_TIME = START_TIME + 120000, VERSION = 5",
		"STATE = 'COMPLETE', NEXT_FIRE_TIME = NULL",
		"STATE = 'ERROR', LAST_ERROR = 'cannot'",
		"LAST_ERROR = 'before'",
		"NEXT_FIRE_TIME = NULL",
	} {
		f.exec("UPDATE QRTZ_EXECUTE SET "+change+" WHERE ID = ?", int64(added[i].ID))
	}
	f.fires(added[5].ID, noon, 1, node)
	f.child(added[0].ID, schema.ChildRetry, noon.UnixMilli(), nil)
	f.setNow(noon.Add(150 * time.Second))
	return job
}

func TestCopyOfAJob(t *testing.T) {
	each(t, func(f *fixture) {
		_, err := f.AddApp(f.ctx, client.App{Name: "staging"})
		require.NoError(f, err)
		c, told := f.notifying(&notifier{})
		of := f.original()
		_, executes, err := f.GetJobWithExecutes(f.ctx, of.ID)
		require.NoError(f, err)
		got, err := c.As("alice").CopyJob(f.ctx, of.ID, "staging")
		require.NoError(f, err)
		require.NoError(f, f.db.Exec("UPDATE told SET app = 'billing' WHERE app = 'staging'").Error)
		require.NotEmpty(f, told())

		want := *of
		want.ID, want.App, want.UpdatedBy, want.UpdatedAt = got.Job.ID, "staging", "alice", noon.Add(150*time.Second)
		require.Equal(f, want, *got.Job)
		job, copies, err := f.GetJobWithExecutes(f.ctx, got.Job.ID)
		require.NoError(f, err)
		require.Equal(f, got.Job, job)
		require.Equal(f, got.Executes, copies)
		require.Len(f, copies, len(executes))
		for i, e := range executes {
			e.ID, e.JobID, e.App, e.Version, e.UpdatedAt, e.UpdatedBy = copies[i].ID, got.Job.ID, "staging", 0, noon.Add(150*time.Second), "alice"
			e.Counts, e.Last, e.InFlight, e.PrevFire = client.Counts{}, nil, nil, time.Time{}
			if e.State != schema.Error {
				e.LastError = ""
			}
			e.NextFire = copies[i].NextFire
		}
		executes[5].State = schema.Complete
		require.Equal(f, executes, copies)
		require.Equal(f, []time.Time{
			time.Date(2027, 3, 2, 7, 0, 0, 0, time.UTC), noon.Add(3 * time.Minute), {}, noon.Add(time.Hour), noon.Add(time.Hour), {},
		}, []time.Time{copies[0].NextFire, copies[1].NextFire, copies[2].NextFire, copies[3].NextFire, copies[4].NextFire, copies[5].NextFire})
		require.Equal(f, int64(1), f.count(children))

		// A copy of a copy says the same.
		again, err := f.CopyJob(f.ctx, got.Job.ID, "billing", client.CopyAs("again"), client.CopyPaused())
		require.NoError(f, err)
		require.Equal(f, []any{"again", schema.Paused}, []any{again.Job.Name, again.Job.State})
		require.Equal(f, copies[0].Policies, again.Executes[0].Policies)
	})
}

func TestCopyIsRefused(t *testing.T) {
	each(t, func(f *fixture) {
		of := f.original()
		jobs, executes := "SELECT COUNT(*) FROM QRTZ_JOB", "SELECT COUNT(*) FROM QRTZ_EXECUTE"
		before := f.count(jobs) + f.count(executes)
		_, err := f.CopyJob(f.ctx, of.ID, "billing")
		require.ErrorIs(f, err, client.ErrAlreadyExists)
		_, err = f.CopyJob(f.ctx, of.ID, "nowhere")
		require.ErrorIs(f, err, client.ErrNotFound)
		_, err = f.CopyJob(f.ctx, 1, "billing")
		require.ErrorIs(f, err, client.ErrNotFound)

		tx, in := f.begin()
		_, err = in.CopyJob(f.ctx, of.ID, "billing")
		require.ErrorIs(f, err, client.ErrAlreadyExists)
		_, err = in.CopyJob(f.ctx, of.ID, "billing", client.CopyAs(""))
		require.NoError(f, err)
		require.NoError(f, tx.Rollback().Error)
		require.Equal(f, before, f.count(jobs)+f.count(executes))

		wrong := f.execute(client.Every(time.Minute))
		f.exec("UPDATE QRTZ_EXECUTE SET JOB_TYPE = 'CRON', CRON = 'nonsense' WHERE ID = ?", int64(wrong.ID))
		_, err = f.CopyJob(f.ctx, wrong.JobID, "billing")
		requireConflict(f, err, client.KindExecute)

		large := f.job()
		rows := make([]schema.Execute, client.MaxBatch+1)
		for i := range rows {
			rows[i] = f.row(wrong.ID)
			rows[i].ID, rows[i].PID, rows[i].Cron = schema.NewID(), int64(large.ID), "0 0 8 * * ?"
		}
		require.NoError(f, sqldb.Insert(f.ctx, f.sql, "QRTZ_EXECUTE", rows[:client.MaxBatch]...))
		got, err := f.CopyJob(f.ctx, large.ID, "billing")
		require.NoError(f, err)
		require.Len(f, got.Executes, client.MaxBatch)
		require.NoError(f, sqldb.Insert(f.ctx, f.sql, "QRTZ_EXECUTE", rows[client.MaxBatch:]...))
		_, err = f.CopyJob(f.ctx, large.ID, "billing")
		requireConflict(f, err, client.KindJob)
	})
}
