package client_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/glebarez/sqlite"
	"gorm.io/gorm"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/schema"
)

type invoice struct {
	Number int `json:"number"`
}

// open makes an embedded database in a folder of its own, with the tables and
// one app, and returns what takes it away again.
func open() (db *gorm.DB, c *client.Client, remove func()) {
	folder, err := os.MkdirTemp("", "quartz")
	check(err)
	db, err = gorm.Open(sqlite.Open("file:"+filepath.Join(folder, "quartz.db")+
		"?_txlock=immediate&_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)"), &gorm.Config{})
	check(err)
	check(schema.Migrate(context.Background(), db, schema.Options{Logger: slog.New(slog.DiscardHandler)}))
	c, err = client.New(db, client.Config{Actor: "example"})
	check(err)
	_, err = c.AddApp(context.Background(), client.App{Name: "billing"})
	check(err)
	return db, c, func() {
		pool, err := db.DB()
		check(err)
		check(pool.Close())
		check(os.RemoveAll(folder))
	}
}

// hourly adds a job with an execute that fires every hour.
func hourly(ctx context.Context, c *client.Client, options ...client.ExecuteOption) *client.ExecuteInfo {
	job, err := c.AddJob(ctx, client.Job{App: "billing", Class: "invoice.send"})
	check(err)
	e, err := c.AddExecute(ctx, job.ID, client.Every(time.Hour), options...)
	check(err)
	return e
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

func Example() {
	_, c, remove := open()
	defer remove()
	ctx := context.Background()

	job, err := c.AddJob(ctx, client.Job{App: "billing", Class: "invoice.send", Data: invoice{Number: 7}})
	check(err)
	for _, s := range []client.Schedule{
		client.Cron("0 0 8 ? * MON-FRI", "Europe/Berlin"),
		client.Every(5 * time.Second).Times(10),
		client.Now(),
	} {
		_, err = c.AddExecute(ctx, job.ID, s)
		check(err)
	}

	_, executes, err := c.GetJobWithExecutes(ctx, job.ID)
	check(err)
	for _, e := range executes {
		fmt.Println(e.State, e.Schedule.Type, e.Schedule.Cron, e.Schedule.Interval, e.Schedule.Count)
	}
	// Output:
	// EXECUTING CRON 0 0 8 ? * MON-FRI 0s 0
	// EXECUTING SIMPLE  5s 10
	// EXECUTING SIMPLE  0s 1
}

func ExampleNew() {
	db, _, remove := open()
	defer remove()

	_, err := client.New(db, client.Config{Prefix: "1_"})
	fmt.Println(err)
	// Output: prefix "1_": must be a letter followed by letters, digits and underscores, at most 16 in all
}

func ExampleClient_AddExecute_badInput() {
	_, c, remove := open()
	defer remove()
	ctx := context.Background()
	job, err := c.AddJob(ctx, client.Job{App: "billing", Class: "invoice.send"})
	check(err)

	_, err = c.AddExecute(ctx, job.ID, client.Every(time.Millisecond))
	var wrong *client.FieldError
	if errors.As(err, &wrong) {
		fmt.Println(wrong.Field, wrong.Value)
		fmt.Println(err)
	}
	// Output:
	// interval 1ms
	// interval "1ms": must be at least 10ms for what fires more than once
}

func ExampleClient_UpdateExecute() {
	_, c, remove := open()
	defer remove()
	ctx := context.Background()
	e := hourly(ctx, c)

	edited, err := c.As("alice").UpdateExecute(ctx, e.ID, e.Version, client.SetSchedule(client.Every(2*time.Hour)))
	check(err)
	fmt.Println(edited.Schedule.Interval, edited.Version, edited.UpdatedBy)

	// Somebody who has read it before is told so.
	_, err = c.UpdateExecute(ctx, e.ID, e.Version, client.SetName("hourly"))
	var conflict *client.VersionConflictError
	fmt.Println(errors.As(err, &conflict), conflict.Given, conflict.Current)
	// Output:
	// 2h0m0s 1 alice
	// true 0 1
}

func ExampleClient_PauseExecute() {
	_, c, remove := open()
	defer remove()
	ctx := context.Background()
	e := hourly(ctx, c)

	paused, err := c.PauseExecute(ctx, e.ID)
	check(err)
	resumed, err := c.ResumeExecute(ctx, e.ID)
	check(err)
	fmt.Println(paused.State, resumed.State, resumed.NextFire.Equal(e.NextFire))
	// Output: PAUSED EXECUTING true
}

func ExampleClient_DeleteJob() {
	_, c, remove := open()
	defer remove()
	ctx := context.Background()
	job, err := c.AddJob(ctx, client.Job{App: "billing", Class: "invoice.send"})
	check(err)
	_, err = c.AddExecute(ctx, job.ID, client.Now())
	check(err)

	var conflict *client.StateConflictError
	if err := c.DeleteJob(ctx, job.ID); errors.As(err, &conflict) {
		fmt.Println(conflict.Reason)
	}
	n, err := c.DeleteJobWithExecutes(ctx, job.ID)
	check(err)
	fmt.Println(n)
	// Output:
	// it has executes: delete them first, or call DeleteJobWithExecutes
	// 1
}

func ExampleClient_ListJobs() {
	_, c, remove := open()
	defer remove()
	ctx := context.Background()
	for _, class := range []string{"invoice.send", "invoice.print", "invoice.archive"} {
		_, err := c.AddJob(ctx, client.Job{App: "billing", Class: class})
		check(err)
	}

	filter := client.JobFilter{PageOptions: client.PageOptions{Limit: 2}, App: "billing", Text: "INVOICE"}
	for {
		page, err := c.ListJobs(ctx, filter)
		check(err)
		for _, job := range page.Items {
			fmt.Println(job.Class)
		}
		if page.Next == "" {
			break
		}
		fmt.Println("- next page -")
		filter.Cursor = page.Next
	}
	// Output:
	// invoice.send
	// invoice.print
	// - next page -
	// invoice.archive
}

func ExampleClient_Ensure() {
	_, c, remove := open()
	defer remove()
	declaration := client.Declaration{
		Job: client.Job{App: "billing", Name: "nightly", Class: "invoice.archive"},
		Executes: []client.Execute{
			{Name: "weekdays", Schedule: client.Cron("0 0 2 ? * MON-FRI", "Europe/Berlin")},
		},
	}
	for range 2 { // two replicas that start, or the same one twice
		done, err := c.Ensure(context.Background(), declaration)
		check(err)
		fmt.Println(done.JobChange, done.Executes[0].Change)
	}
	// Output:
	// created created
	// unchanged unchanged
}

func ExampleClient_WithTx() {
	db, c, remove := open()
	defer remove()
	ctx := context.Background()
	errStock := errors.New("out of stock")

	err := db.Transaction(func(tx *gorm.DB) error {
		in := c.WithTx(tx)
		job, err := in.AddJob(ctx, client.Job{App: "billing", Class: "invoice.send", Name: "order-7"})
		if err != nil {
			return err
		}
		if _, err := in.AddExecute(ctx, job.ID, client.Now(), client.WithData(invoice{Number: 7})); err != nil {
			return err
		}
		return errStock // the order is not placed, so its invoice is not sent
	})
	fmt.Println(err)
	_, err = c.GetJobByName(ctx, "billing", "order-7")
	fmt.Println(errors.Is(err, client.ErrNotFound))
	// Output:
	// out of stock
	// true
}

func ExamplePreview() {
	after := time.Date(2027, 3, 26, 12, 0, 0, 0, time.UTC)
	times, err := client.Preview(client.Cron("0 30 2 ? * *", "Europe/Berlin"), after, 3)
	check(err)
	for _, t := range times {
		fmt.Println(t)
	}
	// Output:
	// 2027-03-27 02:30:00 +0100 CET
	// 2027-03-28 03:00:00 +0200 CEST
	// 2027-03-29 02:30:00 +0200 CEST
}

func ExampleExplain() {
	text, err := client.Explain(client.Cron("0 */15 9-17 ? * MON-FRI", "Europe/Berlin"))
	check(err)
	fmt.Println(text)
	_, err = client.Explain(client.Cron("0 0 8 30 FEB ?", ""))
	fmt.Println(err)
	// Output:
	// Every 15 minutes from 09:00:00 to 17:45:00, Monday to Friday, Europe/Berlin
	// cron "0 0 8 30 FEB ?": matches no day of any year
}

func ExampleClient_Apply() {
	_, c, remove := open()
	defer remove()
	ctx := client.WithActor(context.Background(), "deploy of 4f2a1c")
	doc, err := client.ReadDocument([]byte(`{
		"app": "billing",
		"jobs": [{
			"name": "invoices", "class": "invoice.send",
			"executes": [{"name": "workdays", "schedule": {"cron": "0 0 8 ? * MON-FRI", "zone": "Europe/Berlin"}}]
		}]
	}`))
	check(err)
	for range 2 {
		diff, err := c.Apply(ctx, *doc, client.ApplyOptions{})
		check(err)
		fmt.Println(len(diff.Changes), "changes,", diff.Unchanged, "unchanged")
	}
	doc.Jobs[0].Executes[0].Schedule.Cron = "0 30 7 ? * MON-FRI"
	diff, err := c.Diff(ctx, *doc, client.ApplyOptions{})
	check(err)
	for _, change := range diff.Changes {
		fmt.Println(change.Change, change.Kind, change.Job, change.Execute, change.Fields)
	}
	// Output:
	// 2 changes, 0 unchanged
	// 0 changes, 2 unchanged
	// updated execute invoices workdays [{schedule.cron 0 0 8 ? * MON-FRI 0 30 7 ? * MON-FRI}]
}

func ExampleReadDocument() {
	_, err := client.ReadDocument([]byte(`{"app": "billing", "jobs": [{"name": "invoices", "class": "invoice.send", "executes": [
		{"name": "nightly", "schedule": {"cron": "0 0 25 * * ?"}, "timeout": "soon"}
	]}]}`))
	var document *client.DocumentError
	if errors.As(err, &document) {
		for _, mistake := range document.Mistakes {
			fmt.Println(mistake)
		}
	}
	// Output:
	// jobs[0].executes[0].schedule.cron "0 0 25 * * ?": is not valid: hour "25" is out of range 0-23
	// jobs[0].executes[0].timeout "soon": must be a duration such as 5s or 1h30m
}

func ExampleClient_Database() {
	_, c, remove := open()
	defer remove()
	info, err := c.Database(context.Background())
	check(err)
	fmt.Println(info.Dialect, info.Prefix)
	// Output: sqlite QRTZ_
}
