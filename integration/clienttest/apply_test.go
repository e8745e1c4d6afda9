package clienttest

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/schema"
)

// What only the database can tell is told with everything else, before anything is
// written.
func TestMistakesOfADocumentWriteNothing(t *testing.T) {
	each(t, func(f *fixture) {
		f.apply(f.read(full), client.ApplyOptions{})
		f.pass(24 * time.Hour)
		before := f.rows()
		doc := f.read(full)
		doc.Jobs[0].Class = "changed"
		for i := range doc.Jobs[0].Executes {
			doc.Jobs[0].Executes[i].Schedule = client.At(noon.Add(time.Duration(i) * time.Hour))
		}
		_, err := f.Apply(f.ctx, doc, client.ApplyOptions{})
		var wrong *client.DocumentError
		require.ErrorAs(f, err, &wrong)
		for i, m := range wrong.Mistakes {
			require.Equal(f, fmt.Sprintf("jobs[0].executes[%d].schedule.start", i), m.Field)
		}
		require.Len(f, wrong.Mistakes, 3)

		doc.Jobs[1].Class = ""
		_, err = f.Apply(f.ctx, doc, client.ApplyOptions{App: "other"})
		requireField(f, err, "jobs[1].class")
		_, err = f.Apply(f.ctx, f.read(full), client.ApplyOptions{App: "other "})
		requireField(f, err, "app")
		_, err = f.Apply(client.WithActor(f.ctx, "\n"), f.read(full), client.ApplyOptions{})
		requireField(f, err, "actor")
		_, err = f.Export(f.ctx, "")
		requireField(f, err, "app")
		_, err = f.Export(f.ctx, "other")
		require.ErrorIs(f, err, client.ErrNotFound)
		require.Equal(f, before, f.rows())
	})
}

func TestApplySaysWhoDidWhat(t *testing.T) {
	each(t, func(f *fixture) {
		ctx := client.WithActor(f.ctx, "ann")
		_, err := f.Apply(ctx, f.read(full), client.ApplyOptions{})
		require.NoError(f, err)
		require.EqualValues(f, 2, f.count("SELECT COUNT(*) FROM QRTZ_JOB WHERE UPDATED_BY = 'ann'"))
		require.EqualValues(f, 3, f.count("SELECT COUNT(*) FROM QRTZ_EXECUTE WHERE UPDATED_BY = 'ann'"))
		doc := f.read(full)
		doc.Jobs[0].Description, doc.Jobs[0].Executes[0].Priority = "new", 1
		_, err = f.Apply(client.WithActor(f.ctx, "ben"), doc, client.ApplyOptions{})
		require.NoError(f, err)
		require.EqualValues(f, 1, f.count("SELECT COUNT(*) FROM QRTZ_JOB WHERE UPDATED_BY = 'ben'"))
		require.EqualValues(f, 1, f.count("SELECT COUNT(*) FROM QRTZ_EXECUTE WHERE UPDATED_BY = 'ben'"))
		events, err := f.Events(f.ctx, "billing")
		require.NoError(f, err)
		require.Equal(f, []client.AppEvent{
			{At: noon, Kind: schema.EventBulk, By: "ann", Text: "document applied: 5 created, 0 updated, 0 deleted"},
			{At: noon, Kind: schema.EventBulk, By: "ben", Text: "document applied: 0 created, 2 updated, 0 deleted"},
		}, events)
	})
}

// A call that fails on the way tells what it has done, and the next completes it.
func TestApplyIsCompletedByTheNext(t *testing.T) {
	each(t, func(f *fixture) {
		f.apply(f.read(full), client.ApplyOptions{})
		job, err := f.GetJobByName(f.ctx, "billing", "invoices")
		require.NoError(f, err)
		later, err := f.GetExecuteByName(f.ctx, job.ID, "later")
		require.NoError(f, err)
		f.exec("UPDATE QRTZ_EXECUTE SET CRON = 'wrong' WHERE ID = ?", int64(later.ID))
		doc, err := f.Export(f.ctx, "billing")
		require.NoError(f, err)
		_, err = f.Apply(f.ctx, *doc, client.ApplyOptions{})
		requireField(f, err, "jobs[0].executes[1].schedule.cron") // it cannot be added anywhere

		right, no := f.read(full), false
		right.Jobs[0].Class = "new"
		right.Jobs[0].Executes = right.Jobs[0].Executes[:2]
		right.Jobs[0].Executes[1].Paused = &no
		f.exec("UPDATE QRTZ_EXECUTE SET CRON = '@daily', ZONE_ID = 'UTC+8' WHERE ID = ?", int64(later.ID)) // as the Java edition has it
		right.Jobs[0].Executes[1].Schedule.Zone = "Etc/GMT-8"
		require.Len(f, f.apply(right, client.ApplyOptions{}).Changes, 2)

		// A run that has no schedule left cannot be resumed.
		f.exec("UPDATE QRTZ_EXECUTE SET STATE = 'INIT', NEXT_FIRE_TIME = NULL, HIGH_TIME = 253402300799999 WHERE ID = ?", int64(later.ID))
		right.Jobs[0].Class, right.Jobs[1].Class = "newer", "newer"
		done, err := f.Apply(f.ctx, right, client.ApplyOptions{})
		var conflict *client.StateConflictError
		require.ErrorAs(f, err, &conflict)
		require.True(f, strings.HasPrefix(err.Error(), "jobs[0].executes[1].paused: "), err.Error())
		require.Equal(f, []string{"updated job invoices, class: new -> newer"}, told(done))
		events, err := f.Events(f.ctx, "billing")
		require.NoError(f, err)
		require.Equal(f, "document applied: 0 created, 1 updated, 0 deleted", events[len(events)-1].Text)
		right.Jobs[0].Executes[1].Paused = nil
		require.Equal(f, []string{"updated job quiet, class: x -> newer"}, told(f.apply(right, client.ApplyOptions{})))
	})
}

func TestTenApplyOneDocument(t *testing.T) {
	each(t, func(f *fixture) {
		doc := f.read(full)
		doc.App = "fresh"
		var all sync.WaitGroup
		for range 10 {
			all.Go(func() {
				if _, err := f.Apply(f.ctx, doc, client.ApplyOptions{}); err != nil {
					f.Errorf("apply: %v", err)
				}
			})
		}
		all.Wait()
		require.EqualValues(f, 2, f.count("SELECT COUNT(*) FROM QRTZ_JOB"))
		require.EqualValues(f, 3, f.count("SELECT COUNT(*) FROM QRTZ_EXECUTE"))
		require.True(f, f.apply(doc, client.ApplyOptions{Prune: true}).Empty())
	})
}

// More than goes into one transaction, and into one statement.
func TestLongDocuments(t *testing.T) {
	each(t, func(f *fixture) {
		doc := client.Document{App: "billing"}
		executes := func(n int) []client.DocumentExecute {
			out := make([]client.DocumentExecute, n)
			for i := range out {
				out[i] = client.DocumentExecute{Name: fmt.Sprintf("e%04d", i), Schedule: client.Cron(fmt.Sprintf("0 %d %d * * ?", i%60, i/60%24), "UTC")}
			}
			return out
		}
		for i := range 230 {
			doc.Jobs = append(doc.Jobs, client.DocumentJob{Name: fmt.Sprintf("j%03d", i), Class: "x", Executes: executes(2)})
		}
		doc.Jobs[7].Executes = executes(2100)
		doc.Jobs[150].Executes = executes(600)
		doc.Jobs[160].Executes = executes(600)
		first := f.apply(doc, client.ApplyOptions{})
		require.Len(f, first.Changes, 230+227*2+2100+1200)
		require.EqualValues(f, 230, f.count("SELECT COUNT(*) FROM QRTZ_JOB"))
		require.EqualValues(f, 2100, f.count("SELECT COUNT(*) FROM QRTZ_EXECUTE WHERE PID = (SELECT ID FROM QRTZ_JOB WHERE NAME = 'j007')"))
		require.True(f, f.apply(doc, client.ApplyOptions{Prune: true}).Empty())
		exported, err := f.Export(f.ctx, "billing")
		require.NoError(f, err)
		require.Equal(f, text(f, &doc), text(f, exported))
	})
}

// Apply writes the row of the app; to look is allowed everywhere.
func TestDocumentsInTheCallersTransaction(t *testing.T) {
	each(t, func(f *fixture) {
		f.apply(f.read(full), client.ApplyOptions{})
		require.NoError(f, f.db.Transaction(func(tx *gorm.DB) error {
			in := f.WithTx(tx)
			_, err := in.Apply(f.ctx, f.read(full), client.ApplyOptions{})
			require.ErrorIs(f, err, client.ErrInTransaction)
			_, err = in.AddJob(f.ctx, client.Job{App: "billing", Class: "x", Name: "mine"})
			require.NoError(f, err)
			doc, err := in.Export(f.ctx, "billing")
			require.NoError(f, err)
			require.Len(f, doc.Jobs, 3)
			d, err := in.Diff(f.ctx, f.read(full), client.ApplyOptions{Prune: true})
			require.NoError(f, err)
			require.Equal(f, []string{"deleted job mine"}, told(d))
			return nil
		}))
	})
}

// Names and data of any kind come back as they were.
func TestHostileDocuments(t *testing.T) {
	each(t, func(f *fixture) {
		names := []string{
			`<script>alert("x")</script>`, `'; DROP TABLE QRTZ_JOB; --`, "日本語 😀", "unnamed-1", "unnamed-x", `\u003c`, "%_!", strings.Repeat("ß", 50),
		}
		doc := client.Document{App: "billing"}
		for _, name := range names {
			data, err := json.Marshal(map[string]string{"text": strings.Repeat(name, 2) + "\x00\x1f\u2028"})
			require.NoError(f, err)
			doc.Jobs = append(doc.Jobs, client.DocumentJob{Name: name, Class: name, Description: name, Data: data, Executes: []client.DocumentExecute{
				{Name: name, Schedule: client.Every(time.Hour), Data: data},
			}})
		}
		f.apply(doc, client.ApplyOptions{})
		exported, err := f.Export(f.ctx, "billing")
		require.NoError(f, err)
		require.Len(f, exported.Jobs, len(names))
		for _, d := range []client.Document{doc, f.read(text(f, exported))} {
			require.True(f, f.apply(d, client.ApplyOptions{Prune: true}).Empty())
		}
		for _, name := range names {
			job, err := f.GetJobByName(f.ctx, "billing", name)
			require.NoError(f, err)
			require.Equal(f, []string{name, name}, []string{job.Class, job.Description})
			var data map[string]string
			require.NoError(f, json.Unmarshal(job.Data, &data))
			require.Equal(f, strings.Repeat(name, 2)+"\x00\x1f\u2028", data["text"])
		}
	})
}
