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

	_, err := client.New(db, client.Config{TablePrefix: "1_"})
	fmt.Println(err)
	// Output: tablePrefix "1_": must be a letter followed by letters, digits and underscores, at most 16 in all
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
	// add execute: interval "1ms": must be at least 10ms for what fires more than once
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

func ExampleClient_Database() {
	_, c, remove := open()
	defer remove()
	info, err := c.Database(context.Background())
	check(err)
	fmt.Println(info.Dialect, info.TablePrefix)
	// Output: sqlite QRTZ_
}
