package clienttest

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/schema"
)

func TestAddExecuteWritesWhatTheEngineReads(t *testing.T) {
	each(t, func(f *fixture) {
		job := f.job()
		e, err := f.AddExecute(f.ctx, job.ID, client.Cron("0 0 8 ? * MON-FRI", ""),
			client.Named("mornings"), client.WithData(map[string]int{"n": 1}), client.CatchUp(5), client.Recover())
		require.NoError(f, err)
		row := f.row(e.ID)
		require.NotEmpty(f, row.HostIP)
		require.NotEmpty(f, row.HostName)
		require.Equal(f, schema.Execute{
			ID: int64(e.ID), PID: int64(job.ID), JobType: schema.Cron, State: schema.Executing,
			Cron: "0 0 8 ? * MON-FRI", ZoneID: "UTC", PrevFireTime: -1,
			NextFireTime: time.Date(2027, 3, 2, 8, 0, 0, 0, time.UTC).UnixMilli(),
			HostIP:       row.HostIP, HostName: row.HostName, StartTime: noon.UnixMilli(), EndTime: -1,
			Application: "billing", Shard: schema.ShardOf(int64(e.ID)), Name: "mornings", Data: `{"n":1}`,
			UpdateTime: noon.UnixMilli(), UpdatedBy: "tester", Misfire: schema.FireAll, CatchUp: 5,
			Overlap: schema.Allow, Recover: schema.DefaultRecoveries,
		}, row)
		read, err := f.GetExecute(f.ctx, e.ID)
		require.NoError(f, err)
		require.Equal(f, e, read, "what a call returns is what is there")
	})
}

// The Java edition computed the first fire from now + 5 s while slots counted
// from START_TIME: repeat 1 starting now never ran.
func TestCountedScheduleStartingNowHasAllItsFires(t *testing.T) {
	each(t, func(f *fixture) {
		for _, s := range []client.Schedule{
			client.Now(), client.Every(time.Second).Times(1), client.Every(2 * time.Second).Times(5),
			client.At(noon), client.Every(time.Hour),
		} {
			row := f.row(f.execute(s).ID)
			require.Equal(f, noon.UnixMilli(), row.StartTime)
			require.Equal(f, row.StartTime, row.NextFireTime)
			require.Zero(f, row.TimeTriggered)
			require.Zero(f, row.SkipCount)
		}
		e := f.execute(client.Every(2 * time.Second).Times(5))
		times, err := f.Preview(f.ctx, e.ID, 100)
		require.NoError(f, err)
		require.Len(f, times, 5)
		require.Equal(f, noon.UnixMilli(), times[0].UnixMilli())
	})
}

func TestStartInThePastIsCountedAsSkipped(t *testing.T) {
	each(t, func(f *fixture) {
		for _, c := range []struct {
			schedule client.Schedule
			next     time.Time
			skipped  int64
		}{
			{client.Every(time.Minute).StartAt(noon.Add(-10 * time.Minute)), noon, 10},
			{client.Every(time.Minute).StartAt(noon.Add(-10*time.Minute - time.Second)), noon.Add(59 * time.Second), 11},
			{client.Every(time.Minute).Times(11).StartAt(noon.Add(-10 * time.Minute)), noon, 10},
			{client.Cron("0 0 * * * ?", "").StartAt(noon.Add(-24 * time.Hour)), noon, 24},
			{client.Cron("0 0 * * * ?", "").StartAt(noon.Add(24 * time.Hour)), noon.Add(24 * time.Hour), 0},
			{client.Every(time.Minute).StartAt(noon.Add(time.Hour)), noon.Add(time.Hour), 0},
		} {
			e := f.execute(c.schedule)
			require.Equal(f, c.next, e.NextFire, c.schedule)
			require.Equal(f, c.skipped, e.Counts.Skipped, c.schedule)
		}
	})
}

func TestWhatNeverFiresIsRefused(t *testing.T) {
	each(t, func(f *fixture) {
		job := f.job()
		for _, c := range []struct {
			field    string
			schedule client.Schedule
		}{
			{"start", client.At(noon.Add(-time.Millisecond))},
			{"start", client.Every(time.Minute).Times(10).StartAt(noon.Add(-10 * time.Minute))},
			{"end", client.Every(time.Minute).Until(noon.Add(-time.Minute))},
			{"end", client.Cron("0 0 8 ? * MON", "").Until(noon.Add(time.Hour))},
			{"end", client.Cron("0 0 8 ? * MON", "").StartAt(noon.Add(-time.Hour)).Until(noon.Add(-time.Minute))},
			{"end", client.Cron("0 0 * ? * MON", "").StartAt(noon.Add(-3 * time.Hour)).Until(noon.Add(-time.Minute))},
			{"cron", client.Cron("0 0 8 1 1 ? 2026", "")},
		} {
			_, err := f.AddExecute(f.ctx, job.ID, c.schedule)
			requireField(f, err, c.field)
		}
		require.Zero(f, f.count("SELECT COUNT(*) FROM QRTZ_EXECUTE"))
	})
}

// In the Java edition an execute added under a COMPLETE job never fired.
func TestAddingAnExecuteWakesTheJob(t *testing.T) {
	each(t, func(f *fixture) {
		for from, to := range map[schema.State]schema.State{
			schema.Complete: schema.Executing, schema.Error: schema.Executing, schema.Executing: schema.Executing,
			schema.Paused: schema.Paused, schema.Init: schema.Init,
		} {
			job := f.job()
			if from != schema.Executing {
				f.setJobState(job.ID, from)
			}
			_, err := f.AddExecute(f.ctx, job.ID, client.Now(), client.Paused())
			require.NoError(f, err)
			require.Equal(f, from, f.jobState(job.ID), "a paused execute fires nothing")
			_, err = f.AddExecute(f.ctx, job.ID, client.Now())
			require.NoError(f, err)
			require.Equal(f, to, f.jobState(job.ID))
		}
	})
}

func TestBatchIsAllOrNothing(t *testing.T) {
	each(t, func(f *fixture) {
		job := f.job()
		good := client.Execute{Schedule: client.Every(time.Hour)}
		named := client.Execute{Schedule: client.Now(), Name: "once"}

		_, err := f.AddExecutes(f.ctx, job.ID, []client.Execute{good, {Schedule: client.Cron("nonsense", "")}})
		requireField(f, err, "executes[1].cron")
		_, err = f.AddExecutes(f.ctx, job.ID, []client.Execute{good, {Schedule: client.At(noon.Add(-time.Hour))}})
		requireField(f, err, "executes[1].start")
		_, err = f.AddExecutes(f.ctx, job.ID, []client.Execute{named, named})
		requireField(f, err, "executes[1].name")
		_, err = f.AddExecute(f.ctx, job.ID, client.Now(), client.Named("once"))
		require.NoError(f, err)
		_, err = f.AddExecutes(f.ctx, job.ID, []client.Execute{good, named})
		require.ErrorIs(f, err, client.ErrAlreadyExists)
		require.EqualValues(f, 1, f.count("SELECT COUNT(*) FROM QRTZ_EXECUTE"))

		many := make([]client.Execute, 250)
		for i := range many {
			many[i] = client.Execute{Schedule: client.Every(time.Hour), Name: fmt.Sprint(i)}
		}
		added, err := f.AddExecutes(f.ctx, job.ID, many)
		require.NoError(f, err)
		require.Len(f, added, 250)
		require.Equal(f, "249", added[249].Name)
		require.EqualValues(f, 251, f.count("SELECT COUNT(*) FROM QRTZ_EXECUTE"))

		_, err = f.AddJobs(f.ctx, []client.Job{{App: "billing", Class: "a"}, {App: "nowhere", Class: "b"}})
		require.ErrorIs(f, err, client.ErrNotFound)
		_, err = f.AddJobs(f.ctx, []client.Job{{App: "billing", Class: "a"}, {App: "billing"}})
		requireField(f, err, "jobs[1].class")
		require.EqualValues(f, 1, f.count("SELECT COUNT(*) FROM QRTZ_JOB"))
		jobs, err := f.AddJobs(f.ctx, []client.Job{{App: "billing", Class: "a", Name: "x"}, {App: "billing", Class: "b"}})
		require.NoError(f, err)
		require.Len(f, jobs, 2)
	})
}

func TestDataSurvivesEveryDatabase(t *testing.T) {
	each(t, func(f *fixture) {
		long := `{"text":"` + strings.Repeat("ß", (schema.MaxData-11)/2) + `"}`
		for _, data := range []string{
			`{}`, `[]`, `{"a":"ä😀\u0000","b":[1,2.5,null],"c":"\\ ' \" % _ ? :x @y"}`, "{\n\t\"a\": 1 }", long,
		} {
			e := f.execute(client.Now(), client.WithData(json.RawMessage(data)))
			read, err := f.GetExecute(f.ctx, e.ID)
			require.NoError(f, err)
			require.Equal(f, data, string(read.Data))
		}
		_, err := f.AddJob(f.ctx, client.Job{App: "billing", Class: "x", Data: long[:len(long)-2] + `ß"}`})
		requireField(f, err, "data")
		job, err := f.AddJob(f.ctx, client.Job{App: "billing", Class: "x", Name: "Größe 😀", Description: "line\nbreak\t'quoted' 100%"})
		require.NoError(f, err)
		read, err := f.GetJobByName(f.ctx, "billing", "Größe 😀")
		require.NoError(f, err)
		require.Equal(f, job, read)
	})
}

func TestNamesDifferByCase(t *testing.T) {
	each(t, func(f *fixture) {
		for _, name := range []string{"Nightly", "nightly", "nïghtly"} {
			_, err := f.AddJob(f.ctx, client.Job{App: "billing", Class: "x", Name: name})
			require.NoError(f, err, name)
		}
		_, err := f.AddJob(f.ctx, client.Job{App: "billing", Class: "x", Name: "nightly"})
		require.ErrorIs(f, err, client.ErrAlreadyExists)
		_, err = f.AddApp(f.ctx, client.App{Name: "Billing"})
		require.NoError(f, err)
		_, err = f.AddJob(f.ctx, client.Job{App: "Billing", Class: "x", Name: "nightly"})
		require.NoError(f, err, "names are unique in their app")
	})
}

// The Java edition stopped at 24.8 days, 50 characters of cron and 255 of data.
func TestColumnsAreWideEnough(t *testing.T) {
	each(t, func(f *fixture) {
		years := client.Every(5 * 365 * 24 * time.Hour)
		e := f.execute(years.StartAt(noon.Add(-time.Hour)))
		require.Equal(f, noon.Add(5*365*24*time.Hour-time.Hour), e.NextFire)
		minutes := make([]string, 60)
		for i := range minutes {
			minutes[i] = fmt.Sprint(i)
		}
		long := "0 " + strings.Join(minutes, ",") + " * ? * MON,TUE,WED,THU,FRI 2027,2028,2029,2030"
		require.Greater(f, len(long), 200)
		e = f.execute(client.Cron(long, "America/Argentina/ComodRivadavia").Until(noon.AddDate(1, 0, 0)))
		read, err := f.GetExecute(f.ctx, e.ID)
		require.NoError(f, err)
		require.Equal(f, long, read.Schedule.Cron)
		require.Equal(f, "America/Argentina/ComodRivadavia", read.Schedule.Zone)
		require.Equal(f, noon.AddDate(1, 0, 0), read.Schedule.End)
	})
}
