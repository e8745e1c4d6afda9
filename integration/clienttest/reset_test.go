package clienttest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/internal/sqldb"
	"github.com/quartz-cluster/quartz/schema"
)

func TestResetOfAFinishedExecute(t *testing.T) {
	each(t, func(f *fixture) {
		c, told := f.notifying(&notifier{})
		e := f.execute(client.Every(time.Minute).Times(3), client.Named("n"))
		f.claimed(e.ID, noon.Add(2*time.Minute), time.Time{})
		f.exec(`UPDATE QRTZ_EXECUTE SET STATE = 'COMPLETE', TIME_TRIGGERED = 3, FIRE_COUNT = 3, FAIL_COUNT = 2, FAIL_STREAK = 2,
			LAST_STATE = 'FAILED', LAST_ERROR = 'broken' WHERE ID = ?`, int64(e.ID))
		f.setJobState(e.JobID, schema.Complete)
		f.setNow(noon.Add(time.Hour))
		want := f.becomes(f.row(e.ID), schema.Executing)
		want.StartTime, want.NextFireTime = f.now.Load(), f.now.Load()
		want.TimeTriggered, want.FailStreak = 0, 0
		info, err := c.As("alice").ResetExecute(f.ctx, e.ID)
		require.NoError(f, err)
		require.Equal(f, want, f.row(e.ID))
		read, err := f.GetExecute(f.ctx, e.ID)
		require.NoError(f, err)
		require.Equal(f, info, read)
		require.Equal(f, schema.Executing, f.jobState(e.JobID))
		require.Equal(f, []schema.Hint{schema.HintShards}, told())
		next, err := f.Preview(f.ctx, e.ID, 10)
		require.NoError(f, err)
		require.Len(f, next, 3, "all its fires are before it again")
		_, err = f.ResetExecute(f.ctx, e.ID)
		requireConflict(f, err, client.KindExecute)
	})
}

func TestResetOfWhatIsInError(t *testing.T) {
	each(t, func(f *fixture) {
		failed := func(s client.Schedule) schema.Execute {
			e := f.execute(s, client.PauseAfter(2))
			f.exec("UPDATE QRTZ_EXECUTE SET STATE = 'ERROR', FAIL_STREAK = 2, SKIP_COUNT = 1, LAST_ERROR = 'broken' WHERE ID = ?", int64(e.ID))
			return f.row(e.ID)
		}
		every := failed(client.Every(time.Minute))
		cron := failed(client.Cron("0 * * * * ?", ""))
		later := failed(client.Every(time.Minute).StartAt(noon.Add(time.Hour)))
		f.pass(150 * time.Second)
		at := noon.Add(150 * time.Second)
		for _, c := range []struct {
			row         schema.Execute
			start, next time.Time
			skipped     int64
		}{
			{every, at, at, 3},
			{cron, noon, noon.Add(3 * time.Minute), 3},
			{later, noon.Add(time.Hour), noon.Add(time.Hour), 0},
		} {
			want := f.becomes(c.row, schema.Executing)
			want.StartTime, want.NextFireTime, want.SkipCount = c.start.UnixMilli(), c.next.UnixMilli(), 1+c.skipped
			want.TimeTriggered, want.FailStreak, want.LastError = 0, 0, ""
			_, err := f.As("alice").ResetExecute(f.ctx, client.ID(c.row.ID))
			require.NoError(f, err)
			require.Equal(f, want, f.row(client.ID(c.row.ID)))
		}
	})
}

func TestResetIsRefused(t *testing.T) {
	each(t, func(f *fixture) {
		refused := func(id client.ID, why string) {
			f.Helper()
			before := f.row(id)
			_, err := f.ResetExecute(f.ctx, id)
			require.Contains(f, requireConflict(f, err, client.KindExecute), why)
			require.Equal(f, before, f.row(id))
		}
		e := f.execute(client.Every(time.Minute).Times(2))
		refused(e.ID, "begin anew")
		f.setExecuteState(e.ID, schema.Paused)
		refused(e.ID, "begin anew")
		f.setExecuteState(e.ID, schema.Init)
		refused(e.ID, "begin anew")
		child := f.child(e.ID, schema.ChildRetry, noon.UnixMilli(), func(row *schema.Execute) { row.State = schema.Complete })
		refused(child, "child of another execute")
		ended := f.execute(client.Cron("0 0 13 * * ?", "").Until(noon.Add(2 * time.Hour)))
		wrong := f.execute(client.Every(time.Minute))
		f.exec("UPDATE QRTZ_EXECUTE SET STATE = 'COMPLETE', NEXT_FIRE_TIME = NULL WHERE ID = ?", int64(ended.ID))
		f.exec("UPDATE QRTZ_EXECUTE SET STATE = 'ERROR', JOB_TYPE = 'CRON', CRON = 'nonsense' WHERE ID = ?", int64(wrong.ID))
		f.pass(24 * time.Hour)
		refused(ended.ID, "nothing to fire")
		refused(wrong.ID, "nothing to fire")
		_, err := f.ResetExecute(f.ctx, 1)
		require.ErrorIs(f, err, client.ErrNotFound)
	})
}

// A fire that ends, or an edit, while a reset computes is not written over.
func TestResetThatIsOvertaken(t *testing.T) {
	each(t, func(f *fixture) {
		if lockWaits[f.kind] == "" {
			return // there is no telling when the call waits
		}
		e := f.execute(client.Every(time.Minute).Times(2))
		f.exec("UPDATE QRTZ_EXECUTE SET STATE = 'COMPLETE', NEXT_FIRE_TIME = NULL WHERE ID = ?", int64(e.ID))
		err := f.overtakeBy(func(tx *sqldb.DB) {
			_, err := tx.Exec(f.ctx, "UPDATE QRTZ_EXECUTE SET STATE = 'PAUSED', VERSION = VERSION + 1 WHERE ID = ?", int64(e.ID))
			require.NoError(f, err)
		}, func() error {
			_, err := f.ResetExecute(f.ctx, e.ID)
			return err
		})
		requireConflict(f, err, client.KindExecute)
		require.Equal(f, schema.Paused, f.row(e.ID).State)
	})
}
