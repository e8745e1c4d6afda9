package clienttest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/schema"
)

// everything does one of each call that a transaction of the caller's takes.
func everything(f *fixture, c *client.Client) (jobID client.ID) {
	f.Helper()
	ctx := f.ctx
	job, err := c.AddJob(ctx, client.Job{App: "billing", Class: "x", Name: "in-tx"})
	require.NoError(f, err)
	e, err := c.AddExecute(ctx, job.ID, client.Every(time.Minute), client.Named("a"))
	require.NoError(f, err)
	gone, err := c.AddExecute(ctx, job.ID, client.Now())
	require.NoError(f, err)
	require.NoError(f, c.DeleteExecute(ctx, gone.ID))
	e, err = c.UpdateExecute(ctx, e.ID, e.Version, client.SetSchedule(client.Every(time.Hour)))
	require.NoError(f, err)
	_, err = c.PauseExecute(ctx, e.ID)
	require.NoError(f, err)
	_, err = c.ResumeExecute(ctx, e.ID)
	require.NoError(f, err)
	job, err = c.UpdateJob(ctx, job.ID, job.Version, client.SetDescription("d"))
	require.NoError(f, err)
	_, err = c.PauseJobWithExecutes(ctx, job.ID)
	require.NoError(f, err)
	_, err = c.ResumeJobWithExecutes(ctx, job.ID)
	require.NoError(f, err)
	_, err = c.AddNode(ctx, client.Node{App: "billing", Key: "host"})
	require.NoError(f, err)
	require.NoError(f, c.DeleteNode(ctx, "billing", "host"))
	_, err = c.RunNow(ctx, e.ID)
	require.NoError(f, err)
	n, err := c.Cancel(ctx, e.ID)
	require.NoError(f, err)
	require.Equal(f, 1, n)
	fires, err := c.RunNow(ctx, e.ID)
	require.NoError(f, err)
	require.NoError(f, c.CancelFire(ctx, fires[0]))
	_, err = c.SuspendExecute(ctx, e.ID)
	require.NoError(f, err)
	_, err = c.Running(ctx, client.RunningFilter{})
	require.NoError(f, err)
	done, err := c.Ensure(ctx, client.Declaration{
		Job:      client.Job{App: "billing", Class: "y", Name: "in-tx"},
		Executes: []client.Execute{{Name: "a", Schedule: client.Every(2 * time.Hour)}, {Name: "b", Schedule: client.Now()}},
	})
	require.NoError(f, err)
	require.Equal(f, client.Updated, done.JobChange)
	require.Equal(f, client.Updated, done.Executes[0].Change)
	require.Equal(f, client.Created, done.Executes[1].Change)
	_, all, err := c.GetJobWithExecutes(ctx, job.ID)
	require.NoError(f, err)
	require.Len(f, all, 2)
	return job.ID
}

func TestCallsInTheCallersTransaction(t *testing.T) {
	each(t, func(f *fixture) {
		tx, in := f.begin()
		id := everything(f, in)
		require.NoError(f, tx.Rollback().Error)
		_, err := f.GetJob(f.ctx, id)
		require.ErrorIs(f, err, client.ErrNotFound)
		require.Zero(f, f.count("SELECT COUNT(*) FROM QRTZ_EXECUTE")+f.count("SELECT COUNT(*) FROM QRTZ_NODE"))

		tx, in = f.begin()
		id = everything(f, in)
		require.NoError(f, tx.Commit().Error)
		require.Equal(f, schema.Executing, f.jobState(id))

		pool, err := f.db.DB()
		require.NoError(f, err)
		plain, err := pool.BeginTx(f.ctx, nil)
		require.NoError(f, err)
		job, err := f.WithSQLTx(plain).AddJob(f.ctx, client.Job{App: "billing", Class: "x"})
		require.NoError(f, err)
		_, err = f.WithSQLTx(plain).AddExecute(f.ctx, job.ID, client.Now())
		require.NoError(f, err)
		require.NoError(f, plain.Rollback())
		_, err = f.GetJob(f.ctx, job.ID)
		require.ErrorIs(f, err, client.ErrNotFound)
	})
}

// A call that fails leaves nothing of itself in the caller's transaction, and
// the transaction usable.
func TestFailedCallInTheCallersTransaction(t *testing.T) {
	each(t, func(f *fixture) {
		taken := f.execute(client.Now(), client.Named("taken"))
		_, err := f.AddJob(f.ctx, client.Job{App: "billing", Class: "x", Name: "taken"})
		require.NoError(f, err)
		tx, in := f.begin()
		_, err = in.AddJobs(f.ctx, []client.Job{{App: "billing", Class: "half"}, {App: "billing", Class: "half", Name: "taken"}})
		require.ErrorIs(f, err, client.ErrAlreadyExists)
		_, err = in.AddJob(f.ctx, client.Job{App: "nowhere", Class: "half"})
		require.ErrorIs(f, err, client.ErrNotFound)
		_, err = in.AddExecute(f.ctx, taken.JobID, client.Now(), client.Named("taken"))
		require.ErrorIs(f, err, client.ErrAlreadyExists)
		_, err = in.AddNode(f.ctx, client.Node{App: "nowhere", Key: "k"})
		require.ErrorIs(f, err, client.ErrNotFound)
		_, err = in.AddJob(f.ctx, client.Job{App: "billing", Class: "whole"})
		require.NoError(f, err)
		require.NoError(f, tx.Commit().Error)
		require.Zero(f, f.count("SELECT COUNT(*) FROM QRTZ_JOB WHERE JOB_CLASS = 'half'"))
		require.EqualValues(f, 1, f.count("SELECT COUNT(*) FROM QRTZ_JOB WHERE JOB_CLASS = 'whole'"))
		require.Zero(f, f.count("SELECT COUNT(*) FROM QRTZ_NODE"))
	})
}

func TestAppsAreNotWrittenInTheCallersTransaction(t *testing.T) {
	each(t, func(f *fixture) {
		_, in := f.begin()
		for _, call := range []func() error{
			func() error { _, err := in.AddApp(f.ctx, client.App{Name: "other"}); return err },
			func() error { _, err := in.EnsureApp(f.ctx, "other"); return err },
			func() error { _, err := in.AddAppWithNode(f.ctx, client.Node{App: "other", Key: "k"}); return err },
			func() error { _, err := in.PauseApp(f.ctx, "billing"); return err },
			func() error { _, err := in.ResumeApp(f.ctx, "billing"); return err },
			func() error { _, err := in.PauseAppWithNodes(f.ctx, "billing"); return err },
			func() error { _, err := in.ResumeAppWithNodes(f.ctx, "billing"); return err },
			func() error { return in.DeleteApp(f.ctx, "billing") },
			func() error { _, err := in.SetMode(f.ctx, "billing", schema.Any); return err },
			func() error { _, err := in.PreferMaster(f.ctx, "billing", "k"); return err },
			func() error { _, err := in.BeginMaintenance(f.ctx, "billing"); return err },
			func() error { _, err := in.EndMaintenance(f.ctx, "billing"); return err },
			func() error { return in.WaitMaintenance(f.ctx, "billing") },
			func() error { _, err := in.PauseNode(f.ctx, "billing", "k"); return err },
			func() error { _, err := in.ResumeNode(f.ctx, "billing", "k"); return err },
			func() error { _, err := in.BarNode(f.ctx, "billing", "k"); return err },
			func() error { _, err := in.UnbarNode(f.ctx, "billing", "k"); return err },
			func() error { _, err := in.UpdateNode(f.ctx, "billing", "k", client.SetHostName("h")); return err },
			func() error { _, err := in.PingNode(f.ctx, "billing", "k"); return err },
			func() error { _, err := in.PingNodes(f.ctx, "billing"); return err },
			func() error { _, err := in.PauseExecutes(f.ctx, client.ExecuteFilter{App: "billing"}); return err },
			func() error { _, err := in.ResumeExecutes(f.ctx, client.ExecuteFilter{App: "billing"}); return err },
			func() error { _, err := in.DeleteExecutes(f.ctx, client.ExecuteFilter{App: "billing"}); return err },
			func() error { _, err := in.PauseJobs(f.ctx, client.JobFilter{App: "billing"}); return err },
			func() error { _, err := in.ResumeJobs(f.ctx, client.JobFilter{App: "billing"}); return err },
			func() error { _, err := in.DeleteJobs(f.ctx, client.JobFilter{App: "billing"}); return err },
			func() error { _, err := in.DrainNode(f.ctx, "billing", "k"); return err },
			func() error { _, err := in.RejoinNode(f.ctx, "billing", "k"); return err },
			func() error { _, err := in.StopNode(f.ctx, "billing", "k"); return err },
		} {
			require.ErrorIs(f, call(), client.ErrInTransaction)
		}
		_, err := in.Ensure(f.ctx, client.Declaration{Job: client.Job{App: "other", Class: "x", Name: "n"}})
		require.ErrorIs(f, err, client.ErrNotFound)
	})
}

func TestMistakesWithTransactionsAreSaid(t *testing.T) {
	each(t, func(f *fixture) {
		for _, c := range []*client.Client{f.WithTx(f.db), f.WithTx(nil), f.WithSQLTx(nil)} {
			_, err := c.AddJob(f.ctx, client.Job{App: "billing", Class: "x"})
			require.Error(f, err)
			require.Error(f, c.DeleteApp(f.ctx, "billing"))
		}
		require.Zero(f, f.count("SELECT COUNT(*) FROM QRTZ_JOB"))
	})
}
