package client

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/internal/sqldb"
	"github.com/quartz-cluster/quartz/schema"
)

// between runs fn once between the read and the write of the next call.
func between(c *Client, fn func()) *Client {
	hooked := *c
	hooked.computed = func() {
		if fn != nil {
			once := fn
			fn = nil
			once()
		}
	}
	return &hooked
}

func TestScheduleEditThatMeetsAClaim(t *testing.T) {
	t.Parallel()
	c, _ := newTest(t)
	e := addTestExecute(t, c, Every(time.Minute).StartAt(noon.Add(-time.Millisecond)))
	// A claim ahead of time comes in between: what was computed is void.
	claimed := noon.Add(time.Minute - time.Millisecond)
	met := between(c, func() {
		mustExec(t, c, "UPDATE QRTZ_EXECUTE SET HIGH_TIME = ?, NEXT_FIRE_TIME = ? WHERE ID = ?",
			claimed.UnixMilli(), claimed.Add(time.Minute).UnixMilli(), int64(e.ID))
	})
	edited, err := met.UpdateExecute(t.Context(), e.ID, e.Version, SetSchedule(Cron("* * * * * ?", "")))
	require.NoError(t, err)
	require.Equal(t, noon.Add(time.Minute), edited.NextFire, "after what was claimed")
}

// The Java client writes the next fire and nothing else that an edit names.
func TestScheduleEditThatMeetsTheJavaClient(t *testing.T) {
	t.Parallel()
	c, _ := newTest(t)
	e := addTestExecute(t, c, Every(time.Minute).StartAt(noon.Add(time.Hour)))
	met := between(c, func() {
		mustExec(t, c, "UPDATE QRTZ_EXECUTE SET NEXT_FIRE_TIME = ?, REPEAT_INTERVAL = 1000, START_TIME = ? WHERE ID = ?",
			noon.Add(-4*time.Second).UnixMilli(), noon.Add(-4*time.Second).UnixMilli(), int64(e.ID))
	})
	edited, err := met.UpdateExecute(t.Context(), e.ID, e.Version, SetSchedule(Every(time.Hour)))
	require.NoError(t, err)
	require.EqualValues(t, 4, edited.Counts.Skipped, "what the other program has made due is accounted for")
}

func TestScheduleEditThatMeetsACompletion(t *testing.T) {
	t.Parallel()
	c, _ := newTest(t)
	e := addTestExecute(t, c, Now())
	mustExec(t, c, "UPDATE QRTZ_EXECUTE SET HIGH_TIME = ?, NEXT_FIRE_TIME = NULL WHERE ID = ?", noon.UnixMilli(), int64(e.ID))
	met := between(c, func() {
		mustExec(t, c, "UPDATE QRTZ_EXECUTE SET STATE = 'COMPLETE' WHERE ID = ?", int64(e.ID))
		mustExec(t, c, "UPDATE QRTZ_JOB SET STATE = 'COMPLETE' WHERE ID = ?", int64(e.JobID))
	})
	edited, err := met.UpdateExecute(t.Context(), e.ID, e.Version, SetSchedule(Every(time.Minute)))
	require.NoError(t, err)
	require.Equal(t, schema.Executing, edited.State)
	job, err := c.GetJob(t.Context(), e.JobID)
	require.NoError(t, err)
	require.Equal(t, schema.Executing, job.State)
}

func TestEditThatMeetsAnEdit(t *testing.T) {
	t.Parallel()
	for name, edit := range map[string]ExecuteEdit{"name": SetName("mine"), "schedule": SetSchedule(Every(time.Hour))} {
		c, _ := newTest(t)
		e := addTestExecute(t, c, Every(time.Minute))
		met := between(c, func() {
			_, err := c.UpdateExecute(t.Context(), e.ID, e.Version, SetName("theirs"))
			require.NoError(t, err)
		})
		_, err := met.UpdateExecute(t.Context(), e.ID, e.Version, edit)
		var conflict *VersionConflictError
		require.ErrorAs(t, err, &conflict, name)
		read, err := c.GetExecute(t.Context(), e.ID)
		require.NoError(t, err)
		require.Equal(t, "theirs", read.Name)
		require.Equal(t, time.Minute, read.Schedule.Interval)
	}
}

func TestEditThatMeetsADeletion(t *testing.T) {
	t.Parallel()
	c, _ := newTest(t)
	e := addTestExecute(t, c, Every(time.Minute))
	met := between(c, func() { require.NoError(t, c.DeleteExecute(t.Context(), e.ID)) })
	_, err := met.UpdateExecute(t.Context(), e.ID, e.Version, SetName("x"))
	require.ErrorIs(t, err, ErrNotFound)
}

// An execute that moves at every try cannot escape an edit for ever: after a few
// tries the edit holds the row while it computes.
func TestEditOfAnExecuteThatAlwaysMoves(t *testing.T) {
	t.Parallel()
	c, db := newTest(t)
	e := addTestExecute(t, c, Every(time.Minute))
	impatient, err := New(impatientSQLite(t, db))
	require.NoError(t, err)
	claim := func() error {
		_, err := impatient.db.Exec(t.Context(), `UPDATE QRTZ_EXECUTE SET HIGH_TIME = NEXT_FIRE_TIME, NEXT_FIRE_TIME = NEXT_FIRE_TIME + 60000
			WHERE ID = ?`, int64(e.ID))
		return err
	}
	tries := 0
	hooked := *c
	hooked.computed = func() {
		if tries++; tries <= optimistic {
			require.NoError(t, claim())
			return
		}
		require.True(t, sqldb.Retryable(claim()), "the row is held")
	}
	edited, err := hooked.UpdateExecute(t.Context(), e.ID, e.Version, SetSchedule(Every(time.Hour)))
	require.NoError(t, err)
	require.Equal(t, optimistic+1, tries)
	require.Equal(t, noon.Add(2*time.Minute+time.Millisecond), edited.NextFire)
}

func TestNodeEditThatMeetsAnother(t *testing.T) {
	t.Parallel()
	c, _ := newTest(t)
	_, err := c.AddNode(t.Context(), Node{App: "billing", Key: "k"})
	require.NoError(t, err)
	met := between(c, func() {
		_, err := c.UpdateNode(t.Context(), Node{App: "billing", Key: "k", HostName: "renamed"})
		require.NoError(t, err)
	})
	node, err := met.PauseNode(t.Context(), "billing", "k")
	require.NoError(t, err)
	require.True(t, node.Paused)
	require.Equal(t, "renamed", node.HostName, "an edit in between is not lost")
}

// In the Java edition ids of two processes collided in the same second.
func TestIDThatIsTakenIsMadeAnew(t *testing.T) {
	t.Parallel()
	c, db := newTest(t)
	e := addTestExecute(t, c, Every(time.Minute))
	clashing := *c
	clash := func(taken ID, times int) {
		clashing.newID = func() int64 {
			if times--; times >= 0 {
				return int64(taken)
			}
			return schema.NewID()
		}
	}
	clash(e.JobID, 2)
	job, err := clashing.AddJob(t.Context(), Job{App: "billing", Class: "x", Name: "n"})
	require.NoError(t, err)
	require.NotEqual(t, e.JobID, job.ID)
	clash(e.ID, 2)
	added, err := clashing.AddExecute(t.Context(), job.ID, Now(), Named("n"))
	require.NoError(t, err)
	require.NotEqual(t, e.ID, added.ID)

	tx := db.Begin()
	defer tx.Rollback()
	clash(e.ID, 1)
	_, err = clashing.WithTx(tx).AddExecute(t.Context(), job.ID, Now())
	require.NoError(t, err)
}

// Counting what an edit passes over is exact, and ends with the caller's
// patience.
func TestCountingOfInstants(t *testing.T) {
	t.Parallel()
	cols, err := Cron("* * * * * ?", "").columns()
	require.NoError(t, err)
	s, err := cols.parse(0)
	require.NoError(t, err)
	day := noon.AddDate(0, 0, 1).UnixMilli()
	n, err := countInstants(t.Context(), s, noon.UnixMilli(), day)
	require.NoError(t, err)
	require.EqualValues(t, 24*60*60, n)
	n, err = countInstants(t.Context(), s, noon.UnixMilli(), noon.UnixMilli())
	require.NoError(t, err)
	require.Zero(t, n)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = countInstants(ctx, s, noon.UnixMilli(), day)
	require.ErrorIs(t, err, context.Canceled)
}
