package clienttest

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/internal/sqldb"
	"github.com/quartz-cluster/quartz/schema"
)

// inEachState adds an execute in each state to a job, in the order of schema.States.
func (f *fixture) inEachState(job client.ID) []client.ID {
	f.Helper()
	var ids []client.ID
	for _, state := range schema.States {
		e, err := f.AddExecute(f.ctx, job, client.Every(time.Hour).StartAt(noon.Add(time.Hour)))
		require.NoError(f, err)
		f.exec("UPDATE QRTZ_EXECUTE SET STATE = ?, LAST_ERROR = 'broken' WHERE ID = ?", string(state), int64(e.ID))
		ids = append(ids, e.ID)
	}
	return ids
}

func (f *fixture) rows(ids ...client.ID) []schema.Execute {
	f.Helper()
	var rows []schema.Execute
	for _, id := range ids {
		rows = append(rows, f.row(id))
	}
	return rows
}

// becomes returns the row as a client's word leaves it.
func (f *fixture) becomes(row schema.Execute, state schema.State) schema.Execute {
	row.State, row.Version, row.UpdateTime, row.UpdatedBy = state, row.Version+1, f.now.Load(), "alice"
	return row
}

func TestBulkPauseOfExecutes(t *testing.T) {
	each(t, func(f *fixture) {
		_, err := f.AddApp(f.ctx, client.App{Name: "other"})
		require.NoError(f, err)
		other, err := f.AddJob(f.ctx, client.Job{App: "other", Class: "x"})
		require.NoError(f, err)
		theirs := f.rows(f.inEachState(other.ID)...)
		job, more := f.job(), f.job()
		ids := f.inEachState(job.ID)
		second := f.inEachState(more.ID)
		child := f.row(f.child(ids[1], schema.ChildRetry, noon.UnixMilli(), nil))
		before, after := f.rows(ids...), f.rows(second...)
		f.pass(time.Minute)
		alice := client.WithActor(f.ctx, "alice")
		seen := 0
		for range 2 { // the second time there is nothing left to change
			done, err := f.PauseExecutes(alice, client.ExecuteFilter{Job: job.ID})
			require.NoError(f, err)
			events := f.newEvents(&seen)
			if len(events) > 0 {
				require.Equal(f, &client.Bulk{Matched: 3, Changed: 3}, done)
				require.Equal(f, []client.AppEvent{{At: noon.Add(time.Minute), Kind: schema.EventBulk, By: "alice", Text: "3 executes paused"}}, events)
			} else {
				require.Equal(f, &client.Bulk{}, done)
			}
		}
		want := []schema.Execute{
			f.becomes(before[0], schema.Paused), f.becomes(before[1], schema.Paused), before[2], before[3], f.becomes(before[4], schema.Paused),
		}
		require.Equal(f, want, f.rows(ids...))
		require.Equal(f, after, f.rows(second...), "of another job")
		require.Equal(f, child, f.row(client.ID(child.ID)))

		// A state in which there is nothing to pause is no call for everything.
		done, err := f.PauseExecutes(alice, client.ExecuteFilter{App: "billing", States: []schema.State{schema.Complete}})
		require.NoError(f, err)
		require.Equal(f, &client.Bulk{}, done)
		require.Equal(f, after, f.rows(second...))

		// What was chosen by its id, and cannot be paused, is told.
		done, err = f.PauseExecutes(alice, client.ExecuteFilter{IDs: append(second, ids[0], client.ID(child.ID), client.ID(theirs[1].ID), 1)})
		require.NoError(f, err)
		require.Equal(f, []int{5, 4, 1}, []int{done.Matched, done.Changed, len(done.Left)})
		require.Equal(f, client.StateConflictError{
			Kind: client.KindExecute, Key: second[3].String(), State: "COMPLETE", Reason: "nothing is left to fire, so there is nothing to pause",
		}, *done.Left[0])
		require.Equal(f, f.becomes(theirs[1], schema.Paused), f.row(client.ID(theirs[1].ID)))
		require.Equal(f, "3 executes paused", f.newEvents(&seen)[0].Text)
		events, err := f.Events(f.ctx, "other")
		require.NoError(f, err)
		require.Equal(f, "1 executes paused", events[0].Text)
	})
}

func TestBulkResumeOfExecutes(t *testing.T) {
	each(t, func(f *fixture) {
		c, told := f.notifying(&notifier{})
		job := f.job()
		ids := f.inEachState(job.ID)
		add := func(change string) client.ID {
			e, err := f.AddExecute(f.ctx, job.ID, client.Every(time.Minute).Times(3), client.Paused())
			require.NoError(f, err)
			f.exec("UPDATE QRTZ_EXECUTE SET "+change+" WHERE ID = ?", int64(e.ID))
			return e.ID
		}
		last := add("NEXT_FIRE_TIME = NULL, HIGH_TIME = START_TIME + 120000")
		later := add("NEXT_FIRE_TIME = NULL")
		wrong := add("JOB_TYPE = 'CRON', CRON = 'nonsense'")
		f.setJobState(job.ID, schema.Complete)
		told()
		f.pass(10 * time.Second)
		before := f.rows(append(ids, last, later, wrong)...)
		done, err := c.As("alice").ResumeExecutes(f.ctx, client.ExecuteFilter{App: "billing"})
		require.NoError(f, err)
		require.Equal(f, []int{6, 5, 1}, []int{done.Matched, done.Changed, len(done.Left)})
		require.Equal(f, wrong.String(), done.Left[0].Key)
		require.NotEmpty(f, told())
		broken := f.becomes(before[4], schema.Executing)
		broken.LastError = ""
		computed := f.becomes(before[6], schema.Executing)
		computed.NextFireTime = noon.Add(time.Minute).UnixMilli()
		require.Equal(f, []schema.Execute{
			f.becomes(before[0], schema.Executing), before[1], f.becomes(before[2], schema.Executing), before[3], broken,
			f.becomes(before[5], schema.Complete), computed, before[7],
		}, f.rows(append(ids, last, later, wrong)...))
		require.Equal(f, schema.Executing, f.jobState(job.ID))
		events, err := f.Events(f.ctx, "billing")
		require.NoError(f, err)
		require.Equal(f, "5 executes resumed", events[0].Text)

		// By its id, one in COMPLETE that has something left goes on as well.
		done, err = c.ResumeExecutes(f.ctx, client.ExecuteFilter{IDs: []client.ID{ids[1], ids[3]}})
		require.NoError(f, err)
		require.Equal(f, &client.Bulk{Matched: 1, Changed: 1}, done)
		require.Equal(f, schema.Executing, f.row(ids[3]).State)
	})
}

// Only the jobs of what is resumed wake.
func TestBulkResumeLeavesOtherJobs(t *testing.T) {
	each(t, func(f *fixture) {
		e, other := f.execute(client.Every(time.Minute), client.Paused()), f.job()
		f.setJobState(e.JobID, schema.Paused)
		f.setJobState(other.ID, schema.Error)
		_, err := f.ResumeExecutes(f.ctx, client.ExecuteFilter{App: "billing"})
		require.NoError(f, err)
		require.Equal(f, schema.Executing, f.row(e.ID).State)
		require.Equal(f, schema.Paused, f.jobState(e.JobID), "an operator's word stays")
		require.Equal(f, schema.Error, f.jobState(other.ID))
	})
}

func TestBulkDeleteOfExecutes(t *testing.T) {
	each(t, func(f *fixture) {
		job := f.job()
		ids := f.inEachState(job.ID)
		for i, id := range ids {
			f.child(f.child(id, schema.ChildAll, int64(i), nil), schema.ChildRetry, noon.UnixMilli(), nil)
			f.child(id, schema.ChildOverlap, noon.UnixMilli(), nil)
		}
		done, err := f.DeleteExecutes(f.ctx, client.ExecuteFilter{App: "billing", States: []schema.State{schema.Complete, schema.Error}})
		require.NoError(f, err)
		require.Equal(f, &client.Bulk{Matched: 2, Changed: 2}, done)
		require.EqualValues(f, 9, f.count(children))
		require.EqualValues(f, 12, f.count("SELECT COUNT(*) FROM QRTZ_EXECUTE"))
		done, err = f.DeleteExecutes(f.ctx, client.ExecuteFilter{IDs: ids})
		require.NoError(f, err)
		require.Equal(f, &client.Bulk{Matched: 3, Changed: 3}, done)
		require.Zero(f, f.count("SELECT COUNT(*) FROM QRTZ_EXECUTE"))
		events, err := f.Events(f.ctx, "billing")
		require.NoError(f, err)
		require.Len(f, events, 2)
		require.Equal(f, schema.Executing, f.jobState(job.ID))
	})
}

// A call that somebody stands in the way of has done what came before, and says
// so, also to the app.
func TestBulkThatIsHeldUp(t *testing.T) {
	each(t, func(f *fixture) {
		if lockWaits[f.kind] == "" {
			return // there is no telling when the call waits
		}
		job := f.job()
		executes := make([]client.Execute, 600)
		for i := range executes {
			executes[i].Schedule = client.Every(time.Hour)
		}
		added, err := f.AddExecutes(f.ctx, job.ID, executes)
		require.NoError(f, err)
		tx := f.db.Begin()
		require.NoError(f, tx.Error)
		defer tx.Rollback()
		_, err = f.sql.WithTx(tx).Exec(f.ctx, "UPDATE QRTZ_EXECUTE SET VERSION = VERSION + 1 WHERE ID = ?", int64(added[550].ID))
		require.NoError(f, err)
		ctx, cancel := context.WithCancel(f.ctx)
		defer cancel()
		type result struct {
			done *client.Bulk
			err  error
		}
		results := make(chan result, 1)
		go func() {
			done, err := f.PauseExecutes(ctx, client.ExecuteFilter{App: "billing"})
			results <- result{done, err}
		}()
		require.Eventually(f, func() bool { return f.waits() > 0 }, time.Minute, 150*time.Millisecond)
		edited, err := f.PauseExecute(f.ctx, added[0].ID)
		require.NoError(f, err, "what it has done it holds no longer")
		require.Equal(f, schema.Paused, edited.State)
		cancel()
		r := <-results
		require.ErrorIs(f, r.err, context.Canceled)
		require.Equal(f, 500, r.done.Changed)
		require.NoError(f, tx.Rollback().Error)
		events, err := f.Events(f.ctx, "billing")
		require.NoError(f, err)
		require.Len(f, events, 1)
		require.Equal(f, "500 executes paused", events[0].Text)
		require.EqualValues(f, 500, f.count("SELECT COUNT(*) FROM QRTZ_EXECUTE WHERE STATE = 'PAUSED'"))
	})
}

// What is bounded says where it ended, and the next call goes on there.
func TestBulkIsBounded(t *testing.T) {
	each(t, func(f *fixture) {
		if testing.Short() && f.kind.IsOracle() {
			return
		}
		job := f.job()
		stuck := make([]schema.Execute, client.MaxBulk+1)
		for i := range stuck {
			stuck[i] = schema.Execute{
				ID: schema.NewID(), PID: int64(job.ID), Application: "billing", JobType: schema.Cron, Cron: "nonsense", State: schema.Executing,
				StartTime: noon.UnixMilli(), EndTime: -1, HostIP: "h", HostName: "h", NextFireTime: noon.UnixMilli(),
			}
		}
		require.NoError(f, sqldb.Insert(f.ctx, f.sql, "QRTZ_EXECUTE", stuck...))
		filter := client.ExecuteFilter{App: "billing"}
		done, err := f.PauseExecutes(f.ctx, filter)
		require.NoError(f, err)
		require.Equal(f, []any{client.MaxBulk, client.MaxBulk, true}, []any{done.Matched, done.Changed, done.More})
		filter.Cursor = done.Next
		done, err = f.DeleteExecutes(f.ctx, filter)
		require.NoError(f, err)
		require.Equal(f, &client.Bulk{Matched: 1, Changed: 1}, done, "it goes on there")
		require.EqualValues(f, client.MaxBulk, f.count("SELECT COUNT(*) FROM QRTZ_EXECUTE WHERE STATE = 'PAUSED'"))

		// What goes with a job counts.
		more := f.job()
		jobs := client.JobFilter{App: "billing"}
		done, err = f.DeleteJobs(f.ctx, jobs)
		require.NoError(f, err)
		require.Equal(f, []any{1, 1, true}, []any{done.Matched, done.Changed, done.More})
		require.Zero(f, f.count("SELECT COUNT(*) FROM QRTZ_EXECUTE"))
		require.Equal(f, schema.Executing, f.jobState(more.ID))
	})
}
