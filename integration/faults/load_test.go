package faults

import (
	"fmt"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/integration/internal/worker"
	"github.com/quartz-cluster/quartz/schema"
)

// zones are those in which cron executes are read.
var zones = []string{"UTC", "Europe/Berlin", "America/St_Johns", "Asia/Kathmandu", "Australia/Lord_Howe"}

// job returns the job of the app that runs the class.
func (c *cluster) job(class string) *client.JobInfo {
	c.t.Helper()
	if job := c.jobs[class]; job != nil {
		return job
	}
	job, err := c.Client.AddJob(c.t.Context(), client.Job{App: app, Class: class, Name: class})
	require.NoError(c.t, err)
	c.jobs[class] = job
	return job
}

// add adds executes to the job of that class.
func (c *cluster) add(class string, executes ...client.Execute) []client.ID {
	c.t.Helper()
	infos, err := c.Add(c.t.Context(), c.job(class), executes...)
	require.NoError(c.t, err)
	ids := make([]client.ID, len(infos))
	for i, info := range infos {
		ids[i] = info.ID
	}
	return ids
}

// load is what was added by load, of which an operator may edit some.
type load struct{ all, edit []client.ID }

// load adds executes of all kinds that come to about n fires a second. Every
// other one ends at the time; the rest goes on until the workers stop. Every
// other one is recoverable, too, of both sorts.
func (c *cluster) load(n int, end time.Time) load {
	c.t.Helper()
	var l load
	start := c.clock.Latest().Add(2 * time.Second)
	add := func(class string, share float64, nth func(i int) client.Execute) {
		executes := make([]client.Execute, max(int(share*float64(n)), 2))
		for i := range executes {
			e := nth(i)
			if e.Schedule.Count != 1 {
				e.Schedule = e.Schedule.StartAt(start)
			}
			if i%2 == 0 && e.Schedule.Count == 0 {
				e.Schedule = e.Schedule.Until(end)
			}
			if i%4 < 2 {
				e.Recover = schema.DefaultRecoveries
			}
			executes[i] = e
		}
		ids := c.add(class, executes...)
		l.all, l.edit = append(l.all, ids...), append(l.edit, ids[:len(ids)/2]...)
	}
	plain := func(s client.Schedule) client.Execute { return client.Execute{Schedule: s} }
	with := func(s client.Schedule, p client.Policies) client.Execute {
		return client.Execute{Schedule: s, Policies: p}
	}
	zone := func(i int) string { return zones[i%len(zones)] }
	// First, as what fires a number of times is refused once that is over.
	add(worker.Short, 0.05, func(i int) client.Execute { return plain(client.Every(time.Second).Times(int64(3 + i))) })
	add(worker.Short, 0.07, func(int) client.Execute {
		return with(client.Every(time.Second), client.Policies{RunOn: schema.RunOnMaster})
	})
	add(worker.Quick, 0.05, func(int) client.Execute {
		return with(client.Every(time.Second), client.Policies{RunOn: schema.RunOnSome, Targets: []string{worker.Label}})
	})
	add(worker.Quick, 0.05, func(int) client.Execute {
		return with(client.Every(time.Second), client.Policies{RunOn: schema.RunOnAll})
	})
	add(worker.Steps, 0.1, func(int) client.Execute { return plain(client.Every(time.Second)) })
	c.job(worker.Long)
	soon := c.clock.Latest().Add(8 * time.Second) // adding takes its time on a busy machine
	left := max(end.Sub(soon), time.Second)
	add(worker.Long, 0.2, func(i int) client.Execute {
		return plain(client.At(soon.Add(time.Duration(i) * left / time.Duration(max(n/5, 2)))))
	})
	add(worker.Quick, 0.2, func(i int) client.Execute { return plain(client.Cron("* * * * * ?", zone(i))) })
	add(worker.Short, 0.2, func(i int) client.Execute {
		return plain(client.Cron(fmt.Sprintf("%d/2 * * ? * * *", i%2), zone(i)))
	})
	add(worker.Quick, 0.1, func(int) client.Execute { return plain(client.Every(500 * time.Millisecond)) })
	add(worker.Quick, 0.1, func(int) client.Execute {
		return with(client.Every(400*time.Millisecond), client.Policies{Misfire: schema.FireAll, CatchUp: 200})
	})
	add(worker.Failing, 0.05, func(i int) client.Execute {
		return with(client.Every(time.Second), client.Policies{RetryMax: i % 3, RetryDelay: 100 * time.Millisecond * time.Duration(min(i%3, 1))})
	})
	add(worker.Long, 0.1, func(i int) client.Execute {
		return with(client.Every(time.Second), client.Policies{Overlap: schema.Overlaps[i%len(schema.Overlaps)]})
	})
	return l
}
