package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"time"

	"gorm.io/gorm"

	"github.com/quartz-cluster/quartz/client"
)

// add adds a job and its execute, both or none.
func (o *office) add(ctx context.Context, args []string, stderr io.Writer) error {
	flags := flag.NewFlagSet("backoffice add", flag.ContinueOnError)
	flags.SetOutput(stderr)
	class := flags.String("class", "", "name of the handler")
	data := flags.String("data", "", "JSON object for the handler")
	text := flags.String("description", "", "what the job is for")
	schedule := scheduleFlags(flags)
	if err := flags.Parse(args); err != nil {
		return err
	}
	when, err := schedule()
	if err != nil {
		return err
	}
	var execute *client.ExecuteInfo
	err = o.db.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		c := o.WithTx(tx)
		job, err := c.AddJob(ctx, client.Job{App: o.app, Class: *class, Data: *data, Description: *text})
		if err != nil {
			return err
		}
		execute, err = c.AddExecute(ctx, job.ID, when)
		return err
	})
	if errors.Is(err, client.ErrNotFound) {
		return fmt.Errorf("%w: has it been added by init?", err)
	}
	if err == nil {
		fmt.Fprintf(o.out, "%s first fires at %s\n", execute.ID, execute.NextFire.Format(time.RFC3339Nano))
	}
	return err
}

// scheduleFlags registers the flags of a schedule, and returns what makes one of
// them once they are parsed.
func scheduleFlags(flags *flag.FlagSet) func() (client.Schedule, error) {
	cron := flags.String("cron", "", "Quartz expression, seconds first, or a Unix one of 5 fields")
	zone := flags.String("zone", "UTC", "time zone of -cron, such as Europe/Berlin")
	every := flags.Duration("every", 0, "distance between two fires")
	times := flags.Int64("times", 0, "number of fires of -every (default without end)")
	at := flags.String("at", "", "one fire, at a time such as 2027-01-31T08:00:00+01:00")
	now := flags.Bool("now", false, "one fire, now")
	return func() (client.Schedule, error) {
		given := map[string]bool{}
		flags.Visit(func(f *flag.Flag) { given[f.Name] = true })
		switch {
		case given["times"] && given["every"]:
			return client.Every(*every).Times(*times), nil
		case given["cron"]:
			return client.Cron(*cron, *zone), nil
		case given["every"]:
			return client.Every(*every), nil
		case given["at"]:
			t, err := time.Parse(time.RFC3339, *at)
			if err != nil {
				return client.Schedule{}, fmt.Errorf("-at %q is not a time such as 2027-01-31T08:00:00+01:00", *at)
			}
			return client.At(t), nil
		case *now:
			return client.Now(), nil
		default:
			return client.Schedule{}, errors.New("say when: -cron, -every, -at or -now")
		}
	}
}
