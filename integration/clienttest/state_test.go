package clienttest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/schema"
)

func TestPauseAndResumeOfAnExecute(t *testing.T) {
	each(t, func(f *fixture) {
		for _, c := range []struct {
			from          schema.State
			paused        schema.State // "" is refused
			resumed       schema.State
			pauseChanges  bool
			resumeChanges bool
		}{
			{schema.Init, schema.Paused, schema.Executing, true, true},
			{schema.Executing, schema.Paused, schema.Executing, true, false},
			{schema.Paused, schema.Paused, schema.Executing, false, true},
			{schema.Error, schema.Paused, schema.Executing, true, true},
			{schema.Complete, "", schema.Executing, false, true},
		} {
			f.setNow(noon)
			for _, call := range []string{"pause", "resume"} {
				e := f.execute(client.Every(time.Minute))
				f.exec("UPDATE QRTZ_EXECUTE SET STATE = ?, LAST_ERROR = 'broken', FIRE_COUNT = 1 WHERE ID = ?", string(c.from), int64(e.ID))
				before := f.row(e.ID)
				f.pass(10 * time.Second)
				act, want, changes := f.PauseExecute, c.paused, c.pauseChanges
				if call == "resume" {
					act, want, changes = f.ResumeExecute, c.resumed, c.resumeChanges
				}
				info, err := act(f.ctx, e.ID)
				after := f.row(e.ID)
				if want == "" {
					requireConflict(f, err, client.KindExecute)
					require.Equal(f, before, after)
					continue
				}
				require.NoError(f, err, "%s of %s", call, c.from)
				expected := before
				if changes {
					expected.State, expected.Version, expected.UpdateTime = want, 1, f.now.Load()
				}
				if call == "resume" && c.from == schema.Error {
					expected.LastError = ""
				}
				if c.from == schema.Complete {
					expected.NextFireTime = before.StartTime + time.Minute.Milliseconds() // computed anew: what was missed is over
				}
				require.Equal(f, expected, after, "%s of %s", call, c.from)
				read, err := f.GetExecute(f.ctx, e.ID)
				require.NoError(f, err)
				require.Equal(f, info, read)
			}
		}
	})
}

func TestResumeLeavesMissedInstantsToThePolicy(t *testing.T) {
	each(t, func(f *fixture) {
		e := f.execute(client.Every(time.Minute))
		_, err := f.PauseExecute(f.ctx, e.ID)
		require.NoError(f, err)
		f.pass(time.Hour)
		resumed, err := f.ResumeExecute(f.ctx, e.ID)
		require.NoError(f, err)
		require.Equal(f, noon, resumed.NextFire)
		require.Zero(f, resumed.Counts.Skipped)
	})
}

func TestResumeComputesANextFireThatIsMissing(t *testing.T) {
	each(t, func(f *fixture) {
		e := f.execute(client.Every(time.Minute).Times(5))
		f.claimed(e.ID, noon.Add(time.Minute), time.Time{})
		f.setExecuteState(e.ID, schema.Paused)
		f.setJobState(e.JobID, schema.Complete)
		resumed, err := f.ResumeExecute(f.ctx, e.ID)
		require.NoError(f, err)
		require.Equal(f, noon.Add(2*time.Minute), resumed.NextFire, "after the newest claimed")
		require.Equal(f, schema.Executing, f.jobState(e.JobID))

		e = f.execute(client.Every(time.Minute).Times(5))
		f.claimed(e.ID, noon.Add(4*time.Minute), time.Time{})
		f.setExecuteState(e.ID, schema.Complete)
		_, err = f.ResumeExecute(f.ctx, e.ID)
		require.Contains(f, requireConflict(f, err, client.KindExecute), "nothing is left to fire")
		require.Equal(f, schema.Complete, f.row(e.ID).State)
	})
}

func TestResumeOfWhatWasPausedDuringItsLastFireCompletesIt(t *testing.T) {
	each(t, func(f *fixture) {
		e := f.execute(client.Every(time.Minute).Times(5))
		f.claimed(e.ID, noon.Add(4*time.Minute), time.Time{})
		f.setExecuteState(e.ID, schema.Paused)

		f.exec("UPDATE QRTZ_EXECUTE SET FIRE_TIME = HIGH_TIME WHERE ID = ?", int64(e.ID))
		resumed, err := f.ResumeExecute(f.ctx, e.ID)
		require.NoError(f, err)
		require.Equal(f, schema.Executing, resumed.State, "its completion will say COMPLETE")

		f.setExecuteState(e.ID, schema.Paused)
		f.exec("UPDATE QRTZ_EXECUTE SET FIRE_TIME = NULL WHERE ID = ?", int64(e.ID))
		resumed, err = f.ResumeExecute(f.ctx, e.ID)
		require.NoError(f, err)
		require.Equal(f, schema.Complete, resumed.State)
		require.Equal(f, schema.Complete, f.row(e.ID).State)
	})
}

func TestPauseOfAJobTouchesNothingBelow(t *testing.T) {
	each(t, func(f *fixture) {
		for _, from := range schema.States {
			e := f.execute(client.Every(time.Minute))
			if from != schema.Executing {
				f.setJobState(e.JobID, from)
			}
			before := f.row(e.ID)
			job, err := f.PauseJob(f.ctx, e.JobID)
			require.NoError(f, err)
			require.Equal(f, schema.Paused, job.State)
			again, err := f.PauseJob(f.ctx, e.JobID)
			require.NoError(f, err)
			require.Equal(f, job, again, "pausing twice changes nothing")
			resumed, err := f.ResumeJob(f.ctx, e.JobID)
			require.NoError(f, err)
			require.Equal(f, schema.Executing, resumed.State)
			require.Equal(f, job.Version+1, resumed.Version)
			require.Equal(f, before, f.row(e.ID))
		}
		job := f.job()
		f.setJobState(job.ID, schema.Complete)
		resumed, err := f.ResumeJob(f.ctx, job.ID)
		require.NoError(f, err)
		require.Equal(f, schema.Complete, resumed.State, "a summary stops nothing and is not the client's")
		f.setJobState(job.ID, schema.Init)
		resumed, err = f.ResumeJob(f.ctx, job.ID)
		require.NoError(f, err)
		require.Equal(f, schema.Executing, resumed.State)
	})
}

func TestCascades(t *testing.T) {
	each(t, func(f *fixture) {
		job, other := f.job(), f.execute(client.Every(time.Minute))
		ids := map[schema.State]client.ID{}
		for _, state := range schema.States {
			e, err := f.AddExecute(f.ctx, job.ID, client.Every(time.Minute))
			require.NoError(f, err)
			if state != schema.Executing {
				f.setExecuteState(e.ID, state)
			}
			ids[state] = e.ID
		}
		paused, err := f.PauseJobWithExecutes(f.ctx, job.ID)
		require.NoError(f, err)
		require.Equal(f, schema.Paused, paused.Job.State)
		require.Equal(f, 3, paused.Changed)
		for state, id := range ids {
			want := schema.Paused
			if state == schema.Complete {
				want = schema.Complete
			}
			require.Equal(f, want, f.row(id).State, state)
		}
		require.Equal(f, schema.Executing, f.row(other.ID).State)

		// One was paused during its last fire and is complete; another cannot run:
		// it stays, and is named.
		done, broken := ids[schema.Executing], ids[schema.Error]
		f.exec("UPDATE QRTZ_EXECUTE SET NEXT_FIRE_TIME = NULL, REPEAT_COUNT = 1, HIGH_TIME = ? WHERE ID = ?", noon.UnixMilli(), int64(done))
		f.exec("UPDATE QRTZ_EXECUTE SET REPEAT_INTERVAL = 0 WHERE ID = ?", int64(broken))
		resumed, err := f.ResumeJobWithExecutes(f.ctx, job.ID)
		require.NoError(f, err)
		require.Equal(f, schema.Executing, resumed.Job.State)
		require.Equal(f, 3, resumed.Changed)
		require.Len(f, resumed.Left, 1)
		require.Equal(f, schema.Executing, f.row(ids[schema.Init]).State)
		require.Equal(f, schema.Executing, f.row(ids[schema.Paused]).State)
		require.Equal(f, schema.Complete, f.row(done).State)
		require.Equal(f, schema.Paused, f.row(broken).State)

		requireConflict(f, f.DeleteJob(f.ctx, job.ID), client.KindJob)
		n, err := f.DeleteJobWithExecutes(f.ctx, job.ID)
		require.NoError(f, err)
		require.Equal(f, 5, n)
		_, err = f.GetJob(f.ctx, job.ID)
		require.ErrorIs(f, err, client.ErrNotFound)
		require.EqualValues(f, 1, f.count("SELECT COUNT(*) FROM QRTZ_EXECUTE"))
		require.NoError(f, f.DeleteExecute(f.ctx, other.ID))
		require.ErrorIs(f, f.DeleteExecute(f.ctx, other.ID), client.ErrNotFound)
		require.NoError(f, f.DeleteJob(f.ctx, other.JobID))
		require.ErrorIs(f, f.DeleteJob(f.ctx, other.JobID), client.ErrNotFound)
	})
}

func TestCascadeOverManyExecutes(t *testing.T) {
	each(t, func(f *fixture) {
		job := f.job()
		many := make([]client.Execute, 600)
		for i := range many {
			many[i] = client.Execute{Schedule: client.Every(time.Hour)}
		}
		_, err := f.AddExecutes(f.ctx, job.ID, many)
		require.NoError(f, err)
		_, err = f.AddExecute(f.ctx, job.ID, client.Now())
		require.NoError(f, err)
		done, err := f.PauseJobWithExecutes(f.ctx, job.ID)
		require.NoError(f, err)
		require.Equal(f, 601, done.Changed)
		done, err = f.ResumeJobWithExecutes(f.ctx, job.ID)
		require.NoError(f, err)
		require.Equal(f, 601, done.Changed)
		_, all, err := f.GetJobWithExecutes(f.ctx, job.ID)
		require.NoError(f, err)
		require.Len(f, all, 601)
		n, err := f.DeleteJobWithExecutes(f.ctx, job.ID)
		require.NoError(f, err)
		require.Equal(f, 601, n)
	})
}
