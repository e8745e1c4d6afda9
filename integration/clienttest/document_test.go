package clienttest

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/internal/sqldb"
	"github.com/quartz-cluster/quartz/schema"
)

// full is a document with everything in it.
const full = `{
	"app": "billing",
	"jobs": [
		{
			"name": "invoices", "class": "invoice.send", "description": "of the day",
			"data": {"to": "all", "text": "<a&b> äß", "n": 1.50},
			"executes": [
				{"name": "at once", "schedule": {"interval": "1m0s", "count": 3, "start": "2027-03-01T13:00:00.123Z"}, "timeout": "1m30s", "retryMax": 3, "retryDelay": "10s", "retryCap": "1h0m0s"},
				{"name": "later", "schedule": {"cron": "@daily", "zone": "UTC", "start": "2027-04-01T00:00:00Z", "end": "2028-04-01T00:00:00Z"}, "paused": true, "data": [1]},
				{"name": "workdays", "schedule": {"cron": "0 0 8 ? * MON-FRI", "zone": "Europe/Berlin"},
					"misfire": "FIRE_ALL", "catchUp": 7, "deadline": "5m0s", "overlap": "QUEUE", "priority": -2, "pauseAfter": 5, "recover": 3,
					"runOn": "SOME", "targets": ["a", "b"]}
			]
		},
		{"name": "quiet", "class": "x", "paused": true}
	]
}`

const small = `{"app": "billing", "jobs": [{"name": "j", "class": "x", "executes": [{"name": "e", "schedule": {"cron": "@daily"}}]}]}`

func (f *fixture) read(text string) client.Document {
	f.Helper()
	doc, err := client.ReadDocument([]byte(text))
	require.NoError(f, err)
	return *doc
}

func (f *fixture) apply(doc client.Document, options client.ApplyOptions) *client.Diff {
	f.Helper()
	foreseen, err := f.Diff(f.ctx, doc, options)
	require.NoError(f, err)
	done, err := f.Apply(f.ctx, doc, options)
	require.NoError(f, err)
	require.Equal(f, foreseen, done, "what was told is what was done")
	return done
}

// everything is all jobs, executes and events.
func (f *fixture) everything() string {
	f.Helper()
	executes, err := sqldb.Select[schema.Execute](f.ctx, f.sql, "SELECT "+sqldb.Columns[schema.Execute]("")+" FROM QRTZ_EXECUTE ORDER BY ID")
	require.NoError(f, err)
	jobs, err := sqldb.Select[schema.Job](f.ctx, f.sql, "SELECT "+sqldb.Columns[schema.Job]("")+" FROM QRTZ_JOB ORDER BY ID")
	require.NoError(f, err)
	apps, err := sqldb.Select[schema.App](f.ctx, f.sql, "SELECT "+sqldb.Columns[schema.App]("")+" FROM QRTZ_APP ORDER BY APPLICATION")
	require.NoError(f, err)
	return fmt.Sprintf("%+v\n%+v\n%+v", apps, jobs, executes)
}

// told is a diff in a line for each change.
func told(d *client.Diff) []string {
	lines := []string{}
	for _, c := range d.Changes {
		line := strings.TrimRight(fmt.Sprintf("%s %s %s/%s", c.Change, c.Kind, c.Job, c.Execute), "/ ")
		for _, field := range c.Fields {
			line += fmt.Sprintf(", %s: %s -> %s", field.Field, field.Old, field.New)
		}
		lines = append(lines, line)
	}
	return lines
}

func text(t require.TestingT, doc *client.Document) string {
	out, err := json.MarshalIndent(doc, "", "\t")
	require.NoError(t, err)
	return string(out)
}

func TestADocumentIsAppliedOnce(t *testing.T) {
	each(t, func(f *fixture) {
		first := f.apply(f.read(full), client.ApplyOptions{})
		require.Equal(f, []string{
			"created job invoices", "created execute invoices/at once", "created execute invoices/later",
			"created execute invoices/workdays", "created job quiet",
		}, told(first))
		before := f.everything()
		f.pass(time.Minute)
		second := f.apply(f.read(full), client.ApplyOptions{Prune: true})
		require.True(f, second.Empty())
		require.Equal(f, 5, second.Unchanged)
		require.Equal(f, before, f.everything(), "nothing is written")
	})
}

func TestExportedDocumentsApplyAnywhere(t *testing.T) {
	each(t, func(f *fixture) {
		f.apply(f.read(full), client.ApplyOptions{})
		doc, err := f.Export(f.ctx, "billing")
		require.NoError(f, err)
		require.JSONEq(f, full, text(f, doc))
		before := f.everything()
		require.True(f, f.apply(f.read(text(f, doc)), client.ApplyOptions{Prune: true}).Empty())
		require.Equal(f, before, f.everything())

		copied := f.apply(f.read(text(f, doc)), client.ApplyOptions{App: "reports"})
		require.Equal(f, "created app", told(copied)[0])
		require.Len(f, copied.Changes, 6)
		again, err := f.Export(f.ctx, "reports")
		require.NoError(f, err)
		require.Equal(f, doc.Jobs, again.Jobs)
		require.True(f, f.apply(*doc, client.ApplyOptions{App: "reports", Prune: true}).Empty())
	})
}

// What has no name goes by its id in its own app, and gets a name elsewhere.
func TestDocumentsOfWhatHasNoName(t *testing.T) {
	each(t, func(f *fixture) {
		job := f.job()
		cron, err := f.AddExecute(f.ctx, job.ID, client.Cron("@daily", ""))
		require.NoError(f, err)
		_, err = f.AddExecute(f.ctx, job.ID, client.Now()) // a run that a program has asked for
		require.NoError(f, err)
		jobName, name := "unnamed-"+job.ID.String(), "unnamed-"+cron.ID.String()
		doc, err := f.Export(f.ctx, "billing")
		require.NoError(f, err)
		require.JSONEq(f, fmt.Sprintf(`{"app": "billing", "jobs": [{"name": %q, "class": "invoice.send", "executes": [
			{"name": %q, "schedule": {"cron": "@daily", "zone": "UTC"}}]}]}`, jobName, name), text(f, doc))
		before := f.everything()
		require.True(f, f.apply(*doc, client.ApplyOptions{Prune: true}).Empty())
		require.Equal(f, before, f.everything())

		require.Len(f, f.apply(*doc, client.ApplyOptions{App: "reports"}).Changes, 3)
		require.True(f, f.apply(*doc, client.ApplyOptions{App: "reports", Prune: true}).Empty())
		_, err = f.GetJobByName(f.ctx, "reports", jobName)
		require.NoError(f, err)

		// They get their names without being added anew.
		doc.Jobs[0].Name, doc.Jobs[0].PreviousName = "nightly", jobName
		doc.Jobs[0].Executes[0].Name, doc.Jobs[0].Executes[0].PreviousName = "daily", name
		doc.Jobs[0].Executes[0].Priority = 3
		f.claimed(cron.ID, noon, noon.Add(12*time.Hour))
		for _, app := range []string{"billing", "reports"} {
			require.Equal(f, []string{
				"updated job nightly, name: " + jobName + " -> nightly",
				"updated execute nightly/daily, name: " + name + " -> daily, priority:  -> 3",
			}, told(f.apply(*doc, client.ApplyOptions{App: app, Prune: true})))
			require.True(f, f.apply(*doc, client.ApplyOptions{App: app, Prune: true}).Empty())
		}
		row := f.row(cron.ID)
		require.Equal(f, "daily", row.Name)
		require.Equal(f, noon.UnixMilli(), row.HighTime)
	})
}

func TestApplyLeavesWhatTheDocumentDoesNotState(t *testing.T) {
	each(t, func(f *fixture) {
		f.apply(f.read(full), client.ApplyOptions{})
		job, err := f.GetJobByName(f.ctx, "billing", "invoices")
		require.NoError(f, err)
		workdays, err := f.GetExecuteByName(f.ctx, job.ID, "workdays")
		require.NoError(f, err)
		later, err := f.GetExecuteByName(f.ctx, job.ID, "later")
		require.NoError(f, err)
		_, err = f.PauseExecute(f.ctx, workdays.ID)
		require.NoError(f, err)
		_, err = f.PauseJob(f.ctx, job.ID)
		require.NoError(f, err)
		_, err = f.AddExecute(f.ctx, job.ID, client.Now(), client.Named("by hand"))
		require.NoError(f, err)
		f.exec("UPDATE QRTZ_EXECUTE SET FIRE_COUNT = 7, SKIP_COUNT = 3, FAIL_COUNT = 2 WHERE ID = ?", int64(workdays.ID))
		before := f.row(workdays.ID)
		f.pass(time.Hour)

		doc := f.read(full)
		doc.Jobs[0].Class = "invoice.post"
		doc.Jobs[0].Data = json.RawMessage(`{"n":1.50,"to":"all","text":"\u003ca&b\u003e äß"}`) // the same
		doc.Jobs[0].Executes[2].Misfire, doc.Jobs[0].Executes[2].CatchUp = schema.Skip, 0
		doc.Jobs[0].Executes[1].Schedule.Cron = "@hourly"
		require.Equal(f, []string{
			"updated job invoices, class: invoice.send -> invoice.post",
			"updated execute invoices/later, schedule.cron: @daily -> @hourly",
			"updated execute invoices/workdays, catchUp: 7 -> , misfire: FIRE_ALL -> SKIP",
		}, told(f.apply(doc, client.ApplyOptions{})))
		before.Misfire, before.CatchUp, before.Version, before.UpdateTime = schema.Skip, 0, before.Version+1, f.now.Load()
		require.Equal(f, before, f.row(workdays.ID), "state, next fire and counts are as they were")
		require.Equal(f, schema.Paused, f.jobState(job.ID))
		require.Equal(f, "@hourly", f.row(later.ID).Cron)
		require.Equal(f, schema.Paused, f.row(later.ID).State)
		require.True(f, f.apply(doc, client.ApplyOptions{}).Empty())
	})
}

// A document that states a pause, or none, is obeyed; nothing comes out of ERROR or
// COMPLETE by it.
func TestApplyPausesAndResumes(t *testing.T) {
	each(t, func(f *fixture) {
		yes, no := true, false
		names := map[*bool]string{nil: "nothing", &yes: "paused", &no: "not paused"}
		type result struct {
			state   schema.State
			changed bool
		}
		for _, c := range []struct {
			from    schema.State
			paused  *bool
			edited  bool
			execute result
			job     schema.State
		}{
			{schema.Executing, nil, false, result{schema.Executing, false}, schema.Executing},
			{schema.Executing, &yes, false, result{schema.Paused, true}, schema.Paused},
			{schema.Executing, &no, false, result{schema.Executing, false}, schema.Executing},
			{schema.Paused, nil, false, result{schema.Paused, false}, schema.Paused},
			{schema.Paused, &yes, false, result{schema.Paused, false}, schema.Paused},
			{schema.Paused, &no, false, result{schema.Executing, true}, schema.Executing},
			{schema.Init, &yes, false, result{schema.Init, false}, schema.Init},
			{schema.Init, &no, false, result{schema.Executing, true}, schema.Executing},
			{schema.Error, &no, false, result{schema.Error, false}, schema.Error},
			{schema.Error, &yes, false, result{schema.Error, false}, schema.Paused},
			{schema.Complete, &yes, false, result{schema.Complete, false}, schema.Paused},
			{schema.Executing, &yes, true, result{schema.Paused, true}, schema.Paused},
			{schema.Paused, &no, true, result{schema.Executing, true}, schema.Executing},
			{schema.Paused, nil, true, result{schema.Paused, true}, schema.Paused},
			{schema.Error, &yes, true, result{schema.Paused, true}, schema.Paused},
			{schema.Error, nil, true, result{schema.Executing, true}, schema.Executing},
			{schema.Complete, &yes, true, result{schema.Paused, true}, schema.Paused},
		} {
			name := fmt.Sprintf("%s, %s, %v", c.from, names[c.paused], c.edited)
			f.apply(f.read(small), client.ApplyOptions{})
			job, err := f.GetJobByName(f.ctx, "billing", "j")
			require.NoError(f, err)
			e, err := f.GetExecuteByName(f.ctx, job.ID, "e")
			require.NoError(f, err)
			if c.from != schema.Executing {
				f.setExecuteState(e.ID, c.from)
				f.setJobState(job.ID, c.from)
			}
			doc := client.Document{App: "billing", Jobs: []client.DocumentJob{{Name: "j", Class: "x", Paused: c.paused, Executes: []client.DocumentExecute{
				{Name: "e", Schedule: client.Cron("@daily", ""), Paused: c.paused},
			}}}}
			if c.edited {
				doc.Jobs[0].Executes[0].Schedule.Cron = "@hourly"
			}
			d := f.apply(doc, client.ApplyOptions{})
			require.Equal(f, c.execute.state, f.row(e.ID).State, name)
			require.Equal(f, c.job, f.jobState(job.ID), name)
			changed := 0
			for _, change := range d.Changes {
				if change.Kind == client.KindExecute {
					changed++
				}
			}
			require.Equal(f, c.execute.changed, changed == 1, name)
			require.True(f, f.apply(doc, client.ApplyOptions{}).Empty(), name)
			_, err = f.DeleteJobWithExecutes(f.ctx, job.ID)
			require.NoError(f, err)
		}
	})
}

// What was over long ago is neither an error for ever nor added again.
func TestWhatIsOverIsNotAdded(t *testing.T) {
	each(t, func(f *fixture) {
		once := f.read(`{"app": "billing", "jobs": [{"name": "j", "class": "x", "executes": [
			{"name": "once", "schedule": {"count": 1, "start": "2027-03-01T13:00:00Z"}}]}]}`)
		require.Len(f, f.apply(once, client.ApplyOptions{}).Changes, 2)
		job, err := f.GetJobByName(f.ctx, "billing", "j")
		require.NoError(f, err)
		e, err := f.GetExecuteByName(f.ctx, job.ID, "once")
		require.NoError(f, err)
		f.pass(2 * time.Hour)
		f.claimed(e.ID, noon.Add(time.Hour), time.Time{})
		f.setExecuteState(e.ID, schema.Complete)
		require.Equal(f, 2, f.apply(once, client.ApplyOptions{Prune: true}).Unchanged)
		require.NoError(f, f.DeleteExecute(f.ctx, e.ID))
		d := f.apply(once, client.ApplyOptions{})
		require.True(f, d.Empty())
		require.Equal(f, []string{"jobs[0].executes[0]"}, d.Over)
		require.Zero(f, f.count("SELECT COUNT(*) FROM QRTZ_EXECUTE"))
	})
}
