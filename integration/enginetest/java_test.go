package enginetest

import (
	"database/sql"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/core"
	"github.com/quartz-cluster/quartz/core/observe"
	"github.com/quartz-cluster/quartz/integration/internal/javaedition"
	"github.com/quartz-cluster/quartz/integration/internal/lab"
	"github.com/quartz-cluster/quartz/integration/internal/testdb"
	"github.com/quartz-cluster/quartz/schema"
)

// classes of the Java edition's rows.
var classes = []string{
	"com.example.billing.InvoiceJob", "com.example.billing.DunningJob", "com.example.billing.OnceJob",
	"com.example.billing.OddJob", "com.example.reports.OverviewJob",
}

func billing(l *lab.Lab) lab.Option {
	return lab.With(func(c *core.Config) {
		c.App, c.Handlers, c.MisfireThreshold = "billing", core.NewHandlers(), time.Hour
		for _, class := range classes {
			c.Handlers.Add(class, l.Handler(nil))
		}
	})
}

// upgraded makes a lab of a database as the Java edition leaves it, its workers
// stopped, and upgrades it.
func upgraded(t *testing.T, kind testdb.Kind) (l *lab.Lab, loaded time.Time) {
	t.Helper()
	l = lab.Bare(t, kind, nil)
	loaded = l.Now()
	javaedition.Load(t, l.DB.Gorm, loaded)
	l.Exec(1, "UPDATE QRTZ_APP SET TIME_PRE = {now} - 60000 WHERE APPLICATION = 'billing'")
	require.NoError(t, schema.Migrate(t.Context(), l.DB.Gorm, schema.Options{Logger: slog.New(slog.DiscardHandler)}))
	return l, loaded
}

func eachUpgraded(t *testing.T, test func(t *testing.T, l *lab.Lab, loaded time.Time)) {
	t.Helper()
	lab.EachKind(t, func(t *testing.T, kind testdb.Kind) {
		l, loaded := upgraded(t, kind)
		test(t, l, loaded)
	})
}

func requireSteps(t *testing.T, nominals []time.Time, first time.Time, step time.Duration, what string) {
	t.Helper()
	for i, at := range nominals {
		require.Equal(t, first.Add(time.Duration(i)*step), at, "%s: fire %d", what, i+1)
	}
}

// After the upgrade everything that the Java edition left fires as it should, or
// stays as an operator left it.
func TestRowsOfTheJavaEditionFireAfterTheUpgrade(t *testing.T) {
	eachUpgraded(t, func(t *testing.T, l *lab.Lab, loaded time.Time) {
		now := loaded.Truncate(time.Millisecond)
		still := make(map[int64]schema.Execute)
		for _, id := range []int64{
			javaedition.CronBerlin, javaedition.Finished, javaedition.LongPaused, javaedition.Broken,
			javaedition.OddState, javaedition.LowerState, javaedition.NotStarted, javaedition.WithoutJob,
		} {
			still[id] = l.Row(id)
		}
		l.Start(billing(l))

		// What is finite, with each of its fires.
		for _, c := range []struct {
			id    int64
			what  string
			first time.Time
			step  time.Duration
			n     int
		}{
			{javaedition.FiveFromNow, "five from now", now.Add(6 * time.Second), 2 * time.Second, 5},
			{javaedition.OnceNow, "once", now.Add(5 * time.Second), time.Second, 1},
			{javaedition.ThreeOfTen, "three of ten", now, time.Second, 7},
			{javaedition.LastToCome, "the last to come", now.Add(time.Second), time.Second, 3},
		} {
			row := l.UntilState(c.id, schema.Complete)
			require.EqualValues(t, c.n, row.FireCount, c.what)
			require.Zero(t, row.SkipCount, c.what)
			nominals := l.Nominals(c.id)
			require.Len(t, nominals, c.n, c.what)
			requireSteps(t, nominals, c.first, c.step, c.what)
		}
		l.UntilRuns(javaedition.CronZoneless, 3)
		for _, id := range []int64{javaedition.ForEver, javaedition.CronZoneless} { // until each run that began is recorded
			_, err := l.Client.PauseExecute(t.Context(), client.ID(id))
			require.NoError(t, err)
			l.UntilState(id, schema.Paused)
		}
		requireSteps(t, l.Nominals(javaedition.ForEver), now, time.Second, "for ever")
		requireSteps(t, l.Nominals(javaedition.CronZoneless), now.Truncate(time.Second).Add(2*time.Second), time.Second, "without a zone")
		missing := l.UntilRuns(javaedition.NextMissing, 2)
		require.Zero(t, missing[0].NominalTime.UnixMilli()%1000)

		row := l.UntilState(javaedition.CronUTC8, schema.Error)
		require.Contains(t, row.LastError, `"UTC+8"`)
		require.Contains(t, row.LastError, `did you mean "Etc/GMT-8"?`)
		require.Empty(t, l.Runs(javaedition.CronUTC8))

		for id, before := range still {
			require.Equal(t, before, l.Row(id))
			require.Empty(t, l.Runs(id))
		}
		for _, r := range l.Runs(javaedition.ForEver) {
			require.JSONEq(t, `{"customer":17,"copy":true}`, string(r.Data))
		}
		require.Equal(t, schema.State("ERROR,INIT"), l.JobRow(javaedition.JobOdd).State)
		require.Equal(t, schema.Paused, l.JobRow(javaedition.JobPaused).State)

		// An operator's word, with our client: what waits goes on.
		_, err := l.Client.ResumeExecute(t.Context(), javaedition.LongPaused)
		require.NoError(t, err)
		require.Zero(t, l.UntilRuns(javaedition.LongPaused, 1)[0].NominalTime.UnixMilli()%(5*60*1000))
		row = l.UntilRow(javaedition.LongPaused, func(e schema.Execute) bool { return e.FireTime == 0 }, "it rests")
		require.Greater(t, row.SkipCount, int64(2800), "ten days, every five minutes")
	})
}

// Rows that its client adds and edits after the upgrade are taken over and fire.
func TestTheJavaClientBesideOurNodes(t *testing.T) {
	text := func(s string) sql.NullString { return sql.NullString{String: s, Valid: true} }
	number := func(n int64) sql.NullInt64 { return sql.NullInt64{Int64: n, Valid: true} }
	eachUpgraded(t, func(t *testing.T, l *lab.Lab, _ time.Time) {
		java := javaedition.Client{DB: l.DB.Gorm}
		l.Start(billing(l))
		now := l.Now().UnixMilli()
		const job, counted, cron, ended = 202611200000000001, 202611200000000002, 202611200000000003, 202611200000000004
		java.AddJob(t, javaedition.Job{ID: job, Application: "billing", State: "EXECUTING", Class: classes[0], Data: text(`["ü"]`), UpdateTime: now})
		row := javaedition.Execute{
			ID: counted, PID: job, Type: "SIMPLE", State: "EXECUTING", RepeatCount: number(3), RepeatInterval: number(500),
			TimeTriggered: -1, Prev: number(-1), Next: number(now + 1500),
			HostIP: "10.0.0.9", HostName: "backoffice", Start: now, End: -1,
		}
		java.AddExecute(t, row)
		java.AddExecute(t, javaedition.Execute{
			ID: cron, PID: job, Type: "CRON", State: "EXECUTING", Cron: text("0/1 * * * * ?"), Zone: text("Asia/Shanghai"),
			TimeTriggered: -1, Next: number(now - now%1000 + 2000), HostIP: "10.0.0.9", HostName: "backoffice", Start: now, End: -1,
		})
		// Under a job that is over.
		java.AddExecute(t, javaedition.Execute{
			ID: ended, PID: javaedition.JobComplete, Type: "SIMPLE", State: "EXECUTING", RepeatCount: number(1), RepeatInterval: number(1000),
			TimeTriggered: -1, Prev: number(-1), Next: number(now + 1000), HostIP: "10.0.0.9", HostName: "backoffice", Start: now, End: -1,
		})
		l.UntilState(counted, schema.Complete)
		requireSteps(t, l.Nominals(counted), time.UnixMilli(now+1500).UTC(), 500*time.Millisecond, "counted")
		require.Len(t, l.Nominals(counted), 3)
		require.Equal(t, `["ü"]`, string(l.Runs(counted)[0].Data))
		l.UntilState(ended, schema.Complete)
		l.UntilRuns(cron, 2)
		l.UntilEvents(observe.Adopted, 3)

		// It ends a pause of its own making.
		java.UpdateExecuteState(t, cron, "PAUSED")
		l.UntilIdle(cron)
		runs := len(l.Runs(cron))
		l.Passes(2)
		require.Len(t, l.Runs(cron), runs)
		java.UpdateExecuteState(t, cron, "EXECUTING")
		l.UntilRuns(cron, runs+2)

		// A schedule edited between two fires, blindly.
		java.UpdateExecute(t, javaedition.Execute{
			ID: cron, PID: job, Type: "CRON", State: "EXECUTING", Cron: text("0/2 * * * * ?"), Zone: text("Asia/Shanghai"),
			TimeTriggered: -1, Prev: number(-1), Next: number(l.Row(cron).HighTime/2000*2000 + 2000),
			HostIP: "10.0.0.9", HostName: "backoffice", Start: now, End: -1,
		})
		edited := l.Now()
		runs = len(l.Runs(cron))
		l.UntilRuns(cron, runs+3)
		for _, at := range l.Nominals(cron) {
			if at.After(edited.Add(time.Second)) {
				require.Zero(t, at.UnixMilli()%2000, "by the new schedule")
			}
		}

		java.UpdateAppState(t, "billing", "N")
		l.UntilIdle(cron)
		runs = len(l.Runs(cron))
		l.UntilEvents(observe.NodePaused, 1)
		require.LessOrEqual(t, len(l.Runs(cron)), runs+1)
		java.UpdateAppState(t, "billing", "Y")
		l.UntilRuns(cron, runs+2)
		java.DeleteExecute(t, cron)
		l.Passes(1)
	})
}

// What has fired does not fire again because somebody put NEXT_FIRE_TIME back: it
// goes on after the newest instant that was ever claimed.
func TestANextFirePutBackFiresNothingTwice(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		l.Start()
		id := l.Execute(client.Every(200 * time.Millisecond))
		for range 3 {
			first := l.UntilRuns(id, len(l.Runs(id))+2)[0].NominalTime
			l.Exec(-1, "UPDATE QRTZ_EXECUTE SET NEXT_FIRE_TIME = ?, PREV_FIRE_TIME = -1 WHERE ID = ?", first.UnixMilli(), id)
		}
		l.UntilRuns(id, len(l.Runs(id))+3)
		_, err := l.Client.PauseExecute(t.Context(), client.ID(id))
		require.NoError(t, err)
		l.UntilState(id, schema.Paused)
		nominals := l.Nominals(id)
		requireSteps(t, nominals, nominals[0], 200*time.Millisecond, "put back")

		// Of a finite schedule too: then nothing is left.
		once := l.Execute(client.Now())
		row := l.UntilState(once, schema.Complete)
		l.Set(once, "STATE = 'EXECUTING', NEXT_FIRE_TIME = ?", row.HighTime)
		l.UntilState(once, schema.Complete)
		require.Len(t, l.Runs(once), 1)
		require.EqualValues(t, 1, l.Row(once).FireCount)
	})
}

// PREV_FIRE_TIME may be null, and so may everything else that the Java edition's
// tables allow to be.
func TestNullsAreNoObstacle(t *testing.T) {
	lab.Each(t, func(_ *testing.T, l *lab.Lab) {
		id := l.Execute(client.Every(200 * time.Millisecond))
		l.Set(id, "PREV_FIRE_TIME = NULL, TIME_TRIGGERED = NULL, END_TIME = NULL, REPEAT_COUNT = NULL, MISFIRE = NULL, UPDATE_TIME = NULL")
		l.Start()
		l.UntilRuns(id, 3)
	})
}

// A node that is told to migrate upgrades the Java edition's tables itself.
func TestANodeUpgradesTheTablesOfTheJavaEdition(t *testing.T) {
	lab.EachKind(t, func(t *testing.T, kind testdb.Kind) {
		l := lab.Bare(t, kind, nil)
		javaedition.Load(t, l.DB.Gorm, l.Now())
		l.Exec(1, "UPDATE QRTZ_APP SET TIME_PRE = {now} - 60000 WHERE APPLICATION = 'billing'")
		_, err := core.New(l.DB.Gorm, l.Config())
		var problems *schema.VerifyError
		require.ErrorAs(t, err, &problems)
		require.Contains(t, problems.Problems, "table QRTZ_EXECUTE lacks column HIGH_TIME: run Migrate")
		l.Start(billing(l), lab.With(func(c *core.Config) { c.Migrate, c.DefaultZone = true, "Asia/Tokyo" }))
		l.UntilRuns(javaedition.ForEver, 2)
		require.Equal(t, "Asia/Tokyo", l.Row(javaedition.CronZoneless).ZoneID)
	})
}
