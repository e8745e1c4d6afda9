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

// addTestNode adds a live node.
func addTestNode(t *testing.T, c *Client, key string, id int64) schema.Node {
	t.Helper()
	_, err := c.AddNode(t.Context(), Node{App: "billing", Key: key})
	require.NoError(t, err)
	mustExec(t, c, "UPDATE QRTZ_NODE SET NODE_ID = ? WHERE HOST_IP = ?", id, key)
	row, _, err := c.db.Node(t.Context(), "billing", key)
	require.NoError(t, err)
	return row
}

// A command that others have given in between is not written over.
func TestCommandThatMeetsAnother(t *testing.T) {
	t.Parallel()
	c, _ := newTest(t)
	addTestNode(t, c, "k", 7)
	met := between(c, func() { mustExec(t, c, "UPDATE QRTZ_NODE SET COMMAND = 'theirs'") })
	met.config.CallTimeout, met.poll = 100*time.Millisecond, time.Millisecond
	_, err := met.PingNode(t.Context(), "billing", "k")
	var silent *NoAnswerError
	require.ErrorAs(t, err, &silent)
	row, _, err := c.db.Node(t.Context(), "billing", "k")
	require.NoError(t, err)
	require.Equal(t, "theirs", row.Command)
}

// It is for the registration that was looked at, and it alone is taken back.
func TestCommandIsForOneRegistration(t *testing.T) {
	t.Parallel()
	c, _ := newTest(t)
	seen := addTestNode(t, c, "k", 7)
	mustExec(t, c, "UPDATE QRTZ_NODE SET NODE_ID = 8")
	n, err := c.db.PutCommand(t.Context(), seen, "mine")
	require.NoError(t, err)
	require.Zero(t, n)
	for _, change := range []string{"COMMAND = 'theirs', NODE_ID = 7", "COMMAND = 'mine', NODE_ID = 8"} {
		mustExec(t, c, "UPDATE QRTZ_NODE SET "+change)
		_, err = c.giveUp(t.Context(), asked{node: seen, id: "1", verb: schema.Ping, text: "mine"}, context.Canceled)
		require.ErrorIs(t, err, context.Canceled)
		row, _, err := c.db.Node(t.Context(), "billing", "k")
		require.NoError(t, err)
		require.NotEmpty(t, row.Command)
	}
}

// A call whose time was over just when the node answered knows its answer.
func TestAnswerAtTheLastMoment(t *testing.T) {
	t.Parallel()
	c, _ := newTest(t)
	seen := addTestNode(t, c, "k", 7)
	mustExec(t, c, `UPDATE QRTZ_NODE SET COMMAND_ACK = '{"id":"1","verb":"PING","at":5}'`)
	answer, err := c.giveUp(t.Context(), asked{node: seen, id: "1", verb: schema.Ping, text: "mine"}, context.Canceled)
	require.NoError(t, err)
	require.Equal(t, time.UnixMilli(5).UTC(), answer.At)
}

// Where fires must not overlap, the child with the lowest id is claimed: one that is
// about to be must not find another before it.
func TestRunNowComesAfterTheChildrenThatAreThere(t *testing.T) {
	t.Parallel()
	c, db := newTest(t)
	e := addTestExecute(t, c, Every(time.Minute))
	slow := *c
	slow.newID = func() int64 { return 5 } // as of a host whose clock is behind
	for _, asking := range []*Client{c, &slow, &slow} {
		_, err := asking.RunNow(t.Context(), e.ID)
		require.NoError(t, err)
	}
	var ids []int64
	require.NoError(t, db.Raw("SELECT ID FROM QRTZ_EXECUTE WHERE ORIGIN_ID = ? ORDER BY START_TIME", int64(e.ID)).Scan(&ids).Error)
	require.Len(t, ids, 3)
	require.IsIncreasing(t, ids)
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

// A deletion that somebody else's change has overtaken is told, and not taken for done.
func TestAPruneThatIsOvertakenSaysSo(t *testing.T) {
	t.Parallel()
	c, _ := newTest(t)
	overtaken := &compared{prune: []step{{
		changes: []DocumentChange{{Kind: KindJob, Job: "old", Change: Deleted}},
		do:      func(context.Context) error { return ErrContended },
	}}}
	var out Diff
	require.ErrorIs(t, c.apply(t.Context(), "billing", overtaken, &out), ErrContended)
	require.Empty(t, out.Changes)
}
