package clienttest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/schema"
)

func TestBulkOnJobs(t *testing.T) {
	each(t, func(f *fixture) {
		c, told := f.notifying(&notifier{})
		var ids []client.ID
		for _, state := range schema.States {
			job, err := f.AddJob(f.ctx, client.Job{App: "billing", Class: "x", Description: "of a hundred%"})
			require.NoError(f, err)
			if state != schema.Executing {
				f.setJobState(job.ID, state)
			}
			_, err = f.AddExecute(f.ctx, job.ID, client.Every(time.Minute), client.Paused())
			require.NoError(f, err)
			ids = append(ids, job.ID)
		}
		other := f.job()
		states := func() (states []schema.State) {
			for _, id := range ids {
				states = append(states, f.jobState(id))
			}
			return states
		}
		told()
		f.pass(time.Minute)
		seen := 0
		filter := client.JobFilter{App: "billing", Text: "DRED%"}
		done, err := c.As("alice").ResumeJobs(f.ctx, filter)
		require.NoError(f, err)
		require.Equal(f, &client.Bulk{Matched: 2, Changed: 2}, done)
		require.Equal(f, []schema.State{schema.Executing, schema.Executing, schema.Executing, schema.Complete, schema.Error}, states())
		require.Equal(f, []schema.Hint{schema.HintShards}, told())
		require.Equal(f, "2 jobs resumed", f.newEvents(&seen)[0].Text)
		job, err := f.GetJob(f.ctx, ids[0])
		require.NoError(f, err)
		require.Equal(f, []any{int64(1), "alice", noon.Add(time.Minute)}, []any{job.Version, job.UpdatedBy, job.UpdatedAt})

		done, err = c.PauseJobs(f.ctx, filter)
		require.NoError(f, err)
		require.Equal(f, &client.Bulk{Matched: 5, Changed: 5}, done)
		require.Equal(f, []schema.State{schema.Paused, schema.Paused, schema.Paused, schema.Paused, schema.Paused}, states())
		require.Empty(f, told())
		require.Equal(f, schema.Executing, f.jobState(other.ID))
		require.Equal(f, "5 jobs paused", f.newEvents(&seen)[0].Text)
		done, err = c.PauseJobs(f.ctx, client.JobFilter{IDs: ids})
		require.NoError(f, err)
		require.Equal(f, &client.Bulk{}, done)

		done, err = c.DeleteJobs(f.ctx, filter)
		require.NoError(f, err)
		require.Equal(f, &client.Bulk{Matched: 5, Changed: 5}, done)
		require.Equal(f, "5 jobs deleted", f.newEvents(&seen)[0].Text)
		require.Zero(f, f.count("SELECT COUNT(*) FROM QRTZ_EXECUTE"))
		require.EqualValues(f, 1, f.count("SELECT COUNT(*) FROM QRTZ_JOB"))
	})
}
