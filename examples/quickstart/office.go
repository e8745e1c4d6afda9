package main

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/examples/internal/stage"
	"github.com/quartz-cluster/quartz/schema"
)

// appName is the app: all nodes of it compete for its executes.
const appName = "quickstart"

// office is the back office: it manages jobs and never runs one.
type office struct {
	*client.Client
	plan []planned
}

// planned is an execute that was added, with all the instants that it has.
type planned struct {
	*client.ExecuteInfo
	words    string // its schedule, for people
	instants []time.Time
}

func newOffice(db *gorm.DB, prefix string) (*office, error) {
	c, err := client.New(db, client.Config{TablePrefix: prefix, Actor: "quickstart"})
	return &office{Client: c}, err
}

// open adds what fires in the twelve units from start on.
func (o *office) open(ctx context.Context, start time.Time, unit time.Duration) error {
	invoices, err := o.AddJob(ctx, client.Job{App: appName, Class: sendInvoice, Name: "invoices"})
	if err != nil {
		return err
	}
	reports, err := o.AddJob(ctx, client.Job{App: appName, Class: buildReport, Name: "reports", Data: report{"EMEA", 400}})
	if err != nil {
		return err
	}
	mails, err := o.AddJob(ctx, client.Job{App: appName, Class: sendMail, Name: "mails"})
	if err != nil {
		return err
	}
	backups, err := o.AddJob(ctx, client.Job{App: appName, Class: runBackup, Name: "backups"})
	if err != nil {
		return err
	}

	// Intervals, counted: one job, an execute for each customer.
	for _, c := range []struct {
		name  string
		every time.Duration
		times int64
	}{
		{"acme", 2 * unit, 6}, {"globex", 2 * unit, 6}, {"hooli", 3 * unit, 4},
		{"initech", 3 * unit, 4}, {"stark", 4 * unit, 3}, {"umbrella", 4 * unit, 3},
	} {
		words := fmt.Sprintf("every %s, %d times", c.every, c.times)
		err := o.add(ctx, invoices.ID, c.name, words, client.Every(c.every).Times(c.times).StartAt(start), invoice{c.name, 150})
		if err != nil {
			return err
		}
	}
	// Cron, in zones; the first has the job's data, the second data of its own.
	last := start.Add(12 * unit)
	err = o.add(ctx, reports.ID, "emea", "cron 0/3 * * * * ?", client.Cron("0/3 * * * * ?", "Europe/Berlin").StartAt(start).Until(last), nil)
	if err != nil {
		return err
	}
	err = o.add(ctx, reports.ID, "apac", "cron 1/4 * * * * ?", client.Cron("1/4 * * * * ?", "Asia/Tokyo").StartAt(start).Until(last), report{"APAC", 300})
	if err != nil {
		return err
	}
	// Once. The backup is the long run.
	err = o.add(ctx, mails.ID, "welcome", "once", client.At(start.Add(2*unit)), mail{"ada@example.com", 80})
	if err != nil {
		return err
	}
	return o.add(ctx, backups.ID, backupName, "once", client.At(start.Add(3*unit/2)), backup{"/data", stage.Pretend((4 * unit).Milliseconds())})
}

// backupName is the execute whose run is cut off.
const backupName = "backup"

// urgent adds what somebody in the back office wants at once.
func (o *office) urgent(ctx context.Context) error {
	mails, err := o.GetJobByName(ctx, appName, "mails")
	if err != nil {
		return err
	}
	return o.add(ctx, mails.ID, "urgent", "now", client.Now(), mail{"grace@example.com", 80})
}

func (o *office) add(ctx context.Context, job client.ID, name, words string, schedule client.Schedule, data any) error {
	info, err := o.AddExecute(ctx, job, schedule, client.Named(name), client.WithData(data))
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	// What the schedule has, by the calculation alone: what is due is not asked
	// of those who ran it.
	instants, err := client.Preview(info.Schedule, info.Schedule.Start.Add(-time.Millisecond), 10_000)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	o.plan = append(o.plan, planned{info, words, instants})
	return nil
}

// rows reads the executes as they stand in the tables.
func (o *office) rows(ctx context.Context) (map[client.ID]*client.ExecuteInfo, error) {
	page, err := o.ListExecutes(ctx, client.ExecuteFilter{App: appName})
	if err != nil {
		return nil, err
	}
	rows := make(map[client.ID]*client.ExecuteInfo, len(page.Items))
	for _, row := range page.Items {
		rows[row.ID] = row
	}
	return rows, nil
}

// settled reports whether nothing is left to fire or in flight.
func (o *office) settled(ctx context.Context) (bool, error) {
	rows, err := o.rows(ctx)
	for _, row := range rows {
		if row.State != schema.Complete || row.InFlight != nil {
			return false, err
		}
	}
	return err == nil, err
}
