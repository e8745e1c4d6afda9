package enginetest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/core"
	"github.com/quartz-cluster/quartz/core/observe"
	"github.com/quartz-cluster/quartz/integration/internal/lab"
	"github.com/quartz-cluster/quartz/integration/internal/testdb"
	"github.com/quartz-cluster/quartz/schema"
)

// What is completed is deleted after its retention, however it was completed;
// what is not stays.
func TestRetention(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		job := l.Job()
		ran := l.ExecuteOf(job, client.Now())
		skipped := l.ExecuteOf(job, client.Now(), client.OnMisfire(schema.Skip))
		l.Set(skipped, "START_TIME = 1000, NEXT_FIRE_TIME = 1000")
		theirs := l.ExecuteOf(job, client.Now())
		l.Set(theirs, "STATE = 'COMPLETE', END_TIME = 1000, NEXT_FIRE_TIME = NULL") // as the Java edition leaves it
		paused := l.ExecuteOf(job, client.Now(), client.Paused())
		going := l.ExecuteOf(job, client.Every(100*time.Millisecond))
		failed := l.ExecuteOf(job, client.Cron(secondly, ""))
		l.Set(failed, "STATE = 'ERROR', LAST_END_TIME = 1000")
		l.Start(lab.With(func(c *core.Config) { c.Retention = time.Millisecond }))
		l.UntilEvents(observe.Forgotten, 3)
		l.UntilRuns(going, 3)
		l.Passes(2)
		page, err := l.Client.ListExecutes(t.Context(), client.ExecuteFilter{App: lab.App})
		require.NoError(t, err)
		var left []int64
		for _, e := range page.Items {
			left = append(left, int64(e.ID))
		}
		require.ElementsMatch(t, []int64{paused, going, failed}, left)
		require.Len(t, l.Runs(ran), 1)
	})
}

func TestNothingIsDeletedWithoutARetention(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		id := l.Execute(client.Now())
		l.Start()
		l.UntilState(id, schema.Complete)
		l.Set(id, "LAST_END_TIME = 1000")
		l.Passes(3)
		require.Equal(t, schema.Complete, l.Row(id).State)
	})
}

// The state of a job sums up its executes, and stops none of them.
func TestAJobSumsUpItsExecutes(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		l.Start()
		until := func(job client.ID, state schema.State) {
			t.Helper()
			l.Until(func() bool { return l.JobRow(int64(job)).State == state }, "job %d is %s", job, state)
		}
		job := l.Job()
		l.Passes(1)
		require.Equal(t, schema.Executing, l.JobRow(int64(job)).State, "without executes it stays as it is")
		first := l.ExecuteOf(job, client.Now())
		until(job, schema.Complete)
		bad := l.ExecuteOf(job, client.Cron(secondly, "UTC"))
		until(job, schema.Executing)
		l.Set(bad, "CRON = ?", "not cron")
		until(job, schema.Error)
		require.Contains(t, l.Row(bad).LastError, "not cron")
		require.EqualValues(t, 1, l.Row(first).FireCount)

		// Rows that another program adds: the summary follows them too.
		l.Set(bad, "CRON = ?, STATE = 'EXECUTING'", secondly)
		until(job, schema.Executing)
		l.UntilRuns(bad, 1)
		l.UntilEvents(observe.Summarised, 1)

		// PAUSED and INIT are an operator's word.
		for _, word := range []string{"PAUSED", "INIT"} {
			held := l.Job()
			l.UntilState(l.ExecuteOf(held, client.Now()), schema.Complete)
			l.Exec(1, "UPDATE QRTZ_JOB SET STATE = ? WHERE ID = ?", word, int64(held))
			l.Passes(2)
			require.EqualValues(t, word, l.JobRow(int64(held)).State)
		}
	})
}

// An execute that somebody enabled without a next fire is given one, after every
// instant that it has fired.
func TestAnEnabledExecuteWithoutANextFireIsScheduled(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		fresh := l.Execute(client.Cron(secondly, "UTC"))
		l.Set(fresh, "NEXT_FIRE_TIME = NULL, PREV_FIRE_TIME = NULL")
		fired := l.Execute(client.Every(time.Second))
		high := l.Row(fired).StartTime + 3000
		l.Set(fired, "NEXT_FIRE_TIME = NULL, HIGH_TIME = ?", high)
		over := l.Execute(client.Every(time.Second).Times(3))
		l.Set(over, "NEXT_FIRE_TIME = NULL, HIGH_TIME = START_TIME + 2000")
		broken := l.Execute(client.Cron(secondly, "UTC"))
		l.Set(broken, "NEXT_FIRE_TIME = NULL, CRON = ?", "0 0 25 * * ?")
		paused := l.Execute(client.Every(time.Second), client.Paused())
		l.Set(paused, "NEXT_FIRE_TIME = NULL")
		l.Start()
		l.UntilRuns(fresh, 2)
		require.Greater(t, l.UntilRuns(fired, 1)[0].NominalTime.UnixMilli(), high)
		l.UntilState(over, schema.Complete)
		require.Empty(t, l.Runs(over))
		require.Contains(t, l.UntilState(broken, schema.Error).LastError, "0 0 25 * * ?")
		require.Zero(t, l.Row(paused).NextFireTime)
	})
}

// A schedule that cannot run is set aside with the reason, and holds up no other.
func TestAPoisonRowHoldsUpNoOther(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		job := l.Job()
		var bad []int64
		for _, set := range []struct {
			columns string
			args    []any
			reason  string
		}{
			{"CRON = ?", []any{"no cron at all"}, "no cron at all"},
			{"CRON = NULL", nil, "cron"},
			{"ZONE_ID = ?", []any{"UTC+8"}, `did you mean "Etc/GMT-8"?`},
			{"ZONE_ID = ?", []any{"Europe/Belrin"}, `did you mean "Europe/Berlin"?`},
			{"JOB_TYPE = ?, REPEAT_INTERVAL = 0", []any{"SIMPLE"}, "repeatInterval"},
			{"JOB_TYPE = ?", []any{"WEEKLY"}, "WEEKLY"},
			{"END_TIME = 7", nil, "endTime"},
		} {
			id := l.ExecuteOf(job, client.Cron(secondly, "UTC"))
			l.Set(id, set.columns, set.args...)
			bad = append(bad, id)
			defer func() {
				row := l.UntilState(id, schema.Error)
				require.Contains(t, row.LastError, set.reason)
				require.Empty(t, l.Runs(id))
			}()
		}
		good := l.ExecuteOf(job, client.Every(200*time.Millisecond))
		l.Start()
		l.UntilRuns(good, 3)
		l.UntilEvents(observe.Faulted, len(bad))
	})
}

// What somebody holds in a transaction is passed by in every step of the handler.
func TestAHeldRowHoldsUpNoStepOfTheHandler(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		if l.DB.Kind == testdb.SQLite {
			return // it has no row locks: a writer has the file to itself
		}
		// Each step gets two rows, and the one it comes to first is held.
		cases := map[string]string{
			"lost":        "FIRE_NODE = 4711, FIRE_TIME = NEXT_FIRE_TIME, FIRE_ATTEMPT = 1, NEXT_FIRE_TIME = NULL",
			"unrunnable":  "NEXT_FIRE_TIME = 1000",
			"adopted":     "APPLICATION = NULL",
			"unscheduled": "NEXT_FIRE_TIME = NULL",
			"expired":     "STATE = 'COMPLETE', LAST_END_TIME = 1000, NEXT_FIRE_TIME = NULL",
		}
		free := make(map[string]int64)
		var held []int64
		for name, columns := range cases {
			class := lab.Work
			if name == "unrunnable" {
				class = "elsewhere"
			}
			job := l.JobOf(client.Job{Class: class})
			later := client.At(l.Now().Add(time.Hour))
			first := l.ExecuteOf(job, later)
			free[name] = l.ExecuteOf(job, later)
			l.Exec(2, "UPDATE QRTZ_EXECUTE SET "+columns+" WHERE PID = ?", int64(job))
			held = append(held, first)
		}
		tx := l.DB.Gorm.Begin()
		defer tx.Rollback()
		for _, id := range held { // one by one, so that no others are locked on the way
			require.NoError(t, tx.Exec("UPDATE QRTZ_EXECUTE SET CHECKPOINT = 'held' WHERE ID = ?", id).Error)
		}
		l.Start(lab.With(func(c *core.Config) { c.Retention = time.Minute; c.CallTimeout = time.Hour }))
		l.UntilState(free["lost"], schema.Complete)
		l.UntilRow(free["unrunnable"], func(e schema.Execute) bool { return e.LastError != "" }, "it is spoken of")
		l.UntilRow(free["adopted"], func(e schema.Execute) bool { return e.Application == lab.App }, "it is taken over")
		l.UntilRow(free["unscheduled"], func(e schema.Execute) bool { return e.NextFireTime != 0 }, "it has a next fire")
		l.UntilEvents(observe.Forgotten, 1)
		require.NoError(t, tx.Rollback().Error)
		l.UntilEvents(observe.Forgotten, 2)
		l.UntilEvents(observe.Lost, 2)
		l.UntilEvents(observe.Unrunnable, 2)
	})
}

// Passes go on whatever TIME_NEXT says, as after a jump of the database's clock,
// and each is won by one node.
func TestPassesGoOnAndEachIsWonByOneNode(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		nodes := l.Nodes(3)
		l.Passes(5)
		var won int64
		for _, n := range nodes {
			won += n.Pool.Count(lab.WinPass)
		}
		require.NotZero(t, won)
		for _, next := range []string{"{now} + 86400000", "0", "-1", "{now} - 86400000"} {
			l.Exec(1, "UPDATE QRTZ_APP SET TIME_NEXT = "+next+" WHERE APPLICATION = ?", lab.App)
			l.Passes(2)
			app := l.AppRow()
			require.InDelta(t, app.TimePre, app.TimeNext, float64(time.Minute.Milliseconds()), next)
		}
	})
}

// While workers of the Java edition drive an app, nodes claim nothing beside
// them; afterwards they go to work by themselves.
func TestWorkersOfTheJavaEditionAreNotWorkedBeside(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		tick := func() {
			l.Exec(1, "UPDATE QRTZ_APP SET TIME_PRE = TIME_PRE + 1, TIME_NEXT = {now} + 15000, TIME_INTERVAL = 15000 WHERE APPLICATION = ?", lab.App)
		}
		l.Exec(1, "UPDATE QRTZ_APP SET TIME_PRE = {now}, TIME_INTERVAL = 15000 WHERE APPLICATION = ?", lab.App)
		id := l.Execute(client.Every(100 * time.Millisecond))
		n := l.Start()
		l.UntilEvents(observe.Standby, 1)
		for range 3 {
			tick()
			n.Beats(2)
		}
		require.Empty(t, l.Runs(id))
		require.Zero(t, n.Pool.Count(lab.WinPass))
		require.Empty(t, l.Events(observe.PassDone))
		// A node of ours has won a pass, so nobody else drives the app.
		l.Exec(1, "UPDATE QRTZ_APP SET TIME_INTERVAL = 3000 WHERE APPLICATION = ?", lab.App)
		l.UntilRuns(id, 2)
		require.Len(t, l.UntilEvents(observe.TookOver, 1), 1)

		// They come back.
		for range 50 {
			tick()
			n.Beats(1)
			if len(l.Events(observe.Standby)) > 1 {
				break
			}
		}
		require.Greater(t, len(l.Events(observe.Standby)), 1)
	})
}
