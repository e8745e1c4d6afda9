package browsertest

import (
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/schema"
)

// example is an app of everything that pages have a way to show.
type example struct {
	film, reports, invoices          client.ID // jobs
	running, succeeded, failed, late int64     // executes
}

// fill makes an example of the office's app, and one of an app without nodes.
func (o *office) fill() example {
	o.t.Helper()
	o.node("north")
	o.node("south")
	e := example{film: o.job(long, "film"), invoices: o.job(bad, "invoices")}
	e.reports = o.JobOf(client.Job{
		Class: quick, Name: "reports", Description: "What operations read in the morning",
		Data: map[string]any{"to": []string{"ops@example.com"}, "copies": 2},
	})
	e.running = o.ExecuteOf(e.film, client.Every(time.Hour).Times(3), client.Named("premiere"))
	e.succeeded = o.ExecuteOf(e.reports, client.Every(100*time.Millisecond).Times(5), client.Named("five"))
	o.ExecuteOf(e.reports, client.Cron("0 0 8 ? * MON-FRI", "Europe/Berlin"), client.Named("workdays"), client.Retry(3, time.Second))
	paused := o.ExecuteOf(e.reports, client.Every(time.Hour).StartAt(o.Now().Add(time.Hour)), client.OnMaster())
	e.failed = o.ExecuteOf(e.invoices, client.Every(100*time.Millisecond), client.Named("dunning"), client.PauseAfter(3))
	o.UntilRuns(e.running, 1)
	o.UntilState(e.succeeded, schema.Complete)
	o.UntilState(e.failed, schema.Error)
	_, err := o.Client.PauseExecute(o.t.Context(), client.ID(paused))
	require.NoError(o.t, err)

	_, err = o.Client.AddApp(o.t.Context(), client.App{Name: "archive"})
	require.NoError(o.t, err)
	job, err := o.Client.AddJob(o.t.Context(), client.Job{App: "archive", Class: quick})
	require.NoError(o.t, err)
	e.late = o.ExecuteOf(job.ID, client.Every(time.Hour))
	o.Set(e.late, "NEXT_FIRE_TIME = ?", o.Now().Add(-time.Minute).UnixMilli())
	return e
}
