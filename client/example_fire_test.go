package client_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/schema"
)

func ExampleClient_AddExecute_policies() {
	_, c, remove := open()
	defer remove()
	ctx := context.Background()
	job, err := c.AddJob(ctx, client.Job{App: "billing", Class: "invoice.send"})
	check(err)

	e, err := c.AddExecute(ctx, job.ID, client.Every(time.Minute),
		client.OnOverlap(schema.Queue), client.Timeout(5*time.Minute),
		client.Retry(3, time.Second), client.RetryCap(time.Minute), client.PauseAfter(10),
		client.Recover(), client.OnNodes("eu-west", "eu-north"))
	check(err)
	fmt.Println(e.Overlap, e.Timeout, e.RetryMax, e.RetryDelay, e.Recover, e.RunOn, e.Targets)

	e, err = c.UpdateExecute(ctx, e.ID, e.Version, client.SetTimeout(0), client.SetRunOn(schema.RunOnMaster))
	check(err)
	fmt.Println(e.Timeout, e.RunOn, e.Targets)
	// Output:
	// QUEUE 5m0s 3 1s 3 SOME [eu-west eu-north]
	// 0s MASTER []
}

func ExampleClient_RunNow() {
	_, c, remove := open()
	defer remove()
	ctx := context.Background()
	e := hourly(ctx, c)

	fires, err := c.RunNow(ctx, e.ID, client.RunWith(invoice{Number: 7}))
	check(err)
	after, err := c.GetExecute(ctx, e.ID)
	check(err)
	fmt.Println(len(fires), fires[0].ExecuteID == e.ID, after.NextFire.Equal(e.NextFire))

	// No node has claimed it yet: it is taken back.
	check(c.CancelFire(ctx, fires[0]))
	after, err = c.GetExecute(ctx, e.ID)
	check(err)
	fmt.Println(after.Last.Outcome, after.LastError)
	// Output:
	// 1 true true
	// CANCELLED cancelled by example before it was claimed
}

func ExampleClient_Running() {
	db, c, remove := open()
	defer remove()
	ctx := context.Background()
	e := hourly(ctx, c)
	// What a node's claim leaves behind.
	check(db.Exec("UPDATE QRTZ_EXECUTE SET FIRE_TIME = NEXT_FIRE_TIME, FIRE_ATTEMPT = 1, FIRE_NODE = 7 WHERE ID = ?", int64(e.ID)).Error)

	page, err := c.Running(ctx, client.RunningFilter{App: "billing"})
	check(err)
	for _, fire := range page.Items {
		fmt.Println(fire.ExecuteID == e.ID, fire.Attempt, fire.NodeID)
		check(c.CancelFire(ctx, fire.FireID))
	}
	page, err = c.Running(ctx, client.RunningFilter{Execute: e.ID})
	check(err)
	fmt.Println(page.Items[0].Stop)
	// Output:
	// true 1 7
	// CANCEL
}

func ExampleClient_CancelFire() {
	_, c, remove := open()
	defer remove()
	ctx := context.Background()
	e := hourly(ctx, c)

	err := c.CancelFire(ctx, client.FireID{ExecuteID: e.ID, Time: e.NextFire, Attempt: 1})
	var conflict *client.StateConflictError
	fmt.Println(errors.As(err, &conflict), conflict.State)
	// Output: true not running
}

func ExampleClient_SuspendExecute() {
	_, c, remove := open()
	defer remove()
	ctx := context.Background()
	e := hourly(ctx, c, client.Recover())

	suspended, err := c.SuspendExecute(ctx, e.ID)
	check(err)
	resumed, err := c.ResumeExecute(ctx, e.ID) // what ran goes on from its checkpoint
	check(err)
	fmt.Println(suspended.State, resumed.State)
	// Output: PAUSED EXECUTING
}
