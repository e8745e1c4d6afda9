package main

import (
	"context"
	"fmt"
	"time"

	"github.com/quartz-cluster/quartz/client"
)

// appName is the app, and the service's name in traces and logs.
const appName = "seen"

// open adds what fires for as long as the show lasts.
func open(ctx context.Context, office *client.Client) error {
	for _, j := range []struct {
		class, name string
		every       time.Duration
		executes    int
		task        task
	}{
		{sendInvoice, "invoices", time.Second, 10, task{To: "ada@example.com", Pretend: 30}},
		{buildReport, "reports", 2 * time.Second, 3, task{Pretend: 900}},
		{sendMail, "mails", 500 * time.Millisecond, 2, task{To: "grace@example.com", Pretend: 80}},
		{sendMail, "reminders", 4 * time.Second, 1, task{Pretend: 80}}, // to nobody: these fail
	} {
		job, err := office.AddJob(ctx, client.Job{App: appName, Class: j.class, Name: j.name, Data: j.task})
		if err != nil {
			return err
		}
		for i := range j.executes {
			if _, err := office.AddExecute(ctx, job.ID, client.Every(j.every), client.Named(fmt.Sprintf("%s-%d", j.name, i+1))); err != nil {
				return err
			}
		}
	}
	return nil
}
