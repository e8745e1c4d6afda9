package soak

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/integration/internal/worker"
	"github.com/quartz-cluster/quartz/schema"
)

// zones are those in which cron executes are read: of whole, half and quarter
// hours, and one whose clocks change by half an hour.
var zones = []string{"UTC", "Europe/Berlin", "America/St_Johns", "Asia/Kathmandu", "Australia/Lord_Howe"}

// load is what one application has to do.
type load struct {
	all  []client.ID
	edit []client.ID // those that the operator edits and pauses
	jobs []client.ID // that he pauses
}

// addLoad adds executes of all kinds that come to about n fires a second. Every
// other one ends with the test; the rest goes on until the workers stop.
func (c *cluster) addLoad(t *testing.T, app string, n int, end time.Time) *load {
	t.Helper()
	l := &load{}
	add := func(class string, share float64, nth func(i int) client.Execute) {
		count := max(int(share*float64(n)), 2)
		executes := []client.Execute{}
		for i := range count {
			e := nth(i)
			if i%2 == 0 && e.Schedule.Count == 0 {
				e.Schedule = e.Schedule.Until(end)
			}
			executes = append(executes, e)
		}
		ids := c.add(t, app, class, executes...)
		l.all = append(l.all, ids...)
		l.edit = append(l.edit, ids[:len(ids)/3]...)
	}
	plain := func(s client.Schedule) client.Execute { return client.Execute{Schedule: s} }
	all := func(s client.Schedule) client.Execute {
		return client.Execute{Schedule: s, Policies: client.Policies{Misfire: schema.FireAll}}
	}
	zone := func(i int) string { return zones[i%len(zones)] }
	add(worker.Quick, 0.15, func(i int) client.Execute { return plain(client.Cron("* * * * * ?", zone(i))) })
	add(worker.Quick, 0.05, func(i int) client.Execute { return all(client.Cron("0/2 * * * * ?", zone(i))) })
	add(worker.Short, 0.3, func(i int) client.Execute {
		return plain(client.Cron(fmt.Sprintf("%d/5 * * ? * * *", i%5), zone(i)))
	})
	add(worker.Quick, 0.13, func(int) client.Execute { return plain(client.Every(500 * time.Millisecond)) })
	add(worker.Quick, 0.1, func(int) client.Execute { return all(client.Every(400 * time.Millisecond)) })
	add(worker.Short, 0.05, func(i int) client.Execute { return plain(client.Every(time.Second).Times(int64(3 + i))) })
	add(worker.Failing, 0.04, func(int) client.Execute { return plain(client.Every(time.Second)) })
	queue := func(s client.Schedule, misfire schema.Misfire) client.Execute { // runs longer than its interval
		return client.Execute{Schedule: s, Policies: client.Policies{Misfire: misfire, Overlap: schema.Queue}}
	}
	add(worker.Long, 0.03, func(int) client.Execute { return queue(client.Every(time.Second), schema.FireOnce) })
	add(worker.Endless, 0.01, func(i int) client.Execute {
		return queue(client.Every(time.Second), []schema.Misfire{schema.FireOnce, schema.Skip}[i%2])
	})
	for _, class := range []string{worker.Long, worker.Failing} {
		l.jobs = append(l.jobs, c.job(t, app, class).ID)
	}
	return l
}

// oneShots adds n executes a second that fire once, now or soon, until ctx ends.
func (c *cluster) oneShots(ctx context.Context, job *client.JobInfo, n int) error {
	tick := time.NewTicker(time.Second / time.Duration(n))
	defer tick.Stop()
	for i := 0; ; i++ {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		s := client.Now()
		if i%2 == 1 {
			s = client.At(c.clock.Latest().Add(time.Duration(i%7+1) * 300 * time.Millisecond))
		}
		// A call that has begun is waited for: what it did must be known.
		calling := context.WithoutCancel(ctx)
		_, err := c.Add(calling, job, client.Execute{Schedule: s})
		var passed *client.FieldError
		if errors.As(err, &passed) && strings.HasSuffix(passed.Field, "start") { // while it was added
			_, err = c.Add(calling, job, client.Execute{Schedule: client.Now()})
		}
		if err != nil {
			return err
		}
	}
}

// until waits for a time on the database's clock.
func (c *cluster) until(t *testing.T, at time.Time) {
	t.Helper()
	timer := time.NewTimer(at.Sub(c.clock.Earliest()))
	defer timer.Stop()
	select {
	case <-t.Context().Done():
		require.NoError(t, t.Context().Err())
	case <-timer.C:
	}
}
