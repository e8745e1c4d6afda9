package client

import (
	"context"
	"fmt"

	"github.com/quartz-cluster/quartz/client/internal/store"
	"github.com/quartz-cluster/quartz/internal/sqldb"
	"github.com/quartz-cluster/quartz/schema"
)

// contention is how often a call goes round when others keep changing the row
// under it.
const contention = 10

// MaxBatch is how many jobs or executes a call adds at most.
const MaxBatch = 1000

// Job is a job to be added.
type Job struct {
	// App is the app whose nodes run the job. It must be there: a node that
	// registers adds it, [Client.AddApp] and [Client.Ensure] do.
	App string
	// Class is the name of the handler, at most 127 bytes.
	Class string
	// Data is what the handler gets: a struct, a map or a slice, marshalled to
	// JSON, or JSON text as json.RawMessage, []byte or string. It must be an
	// object or an array, at most 4,000 bytes. Defaults to nil: none.
	Data any
	// Name is a handle of at most 100 bytes, unique in the app.
	// Defaults to "": none.
	Name string
	// Description is for people to read, at most 100 bytes.
	Description string
	// Paused adds the job paused: nothing below it fires until it is resumed.
	Paused bool
}

func (j Job) row(actor string) (schema.Job, error) {
	row := schema.Job{
		Application: j.App, State: schema.Executing, Class: j.Class,
		Description: j.Description, Name: j.Name, UpdatedBy: actor,
	}
	if j.Paused {
		row.State = schema.Paused
	}
	if err := checkApp("app", j.App); err != nil {
		return row, err
	}
	var err error
	if row.Data, err = encodeData(j.Data); err != nil {
		return row, err
	}
	return row, checkJob(schema.Job{}, row)
}

// checkJob checks what an edit can change, and has: the Java edition allows as many
// characters as we do bytes, and what it has written may stay.
func checkJob(read, row schema.Job) error {
	if row.Class == "" || row.Class != read.Class {
		if err := checkKey("class", row.Class, schema.MaxClass); err != nil {
			return err
		}
	}
	if row.Name != read.Name {
		if err := checkOptionalKey("name", row.Name, schema.MaxName); err != nil {
			return err
		}
	}
	if row.Description != read.Description {
		return checkText("description", row.Description, schema.MaxDescription)
	}
	return nil
}

// AddJob adds a job. It runs nothing until executes are added below it.
func (c *Client) AddJob(ctx context.Context, job Job) (*JobInfo, error) {
	return get(ctx, c, "add job", func(ctx context.Context) (*JobInfo, error) {
		row, err := job.row(c.actor(ctx))
		if err != nil {
			return nil, err
		}
		rows, err := c.insertJobs(ctx, []schema.Job{row})
		if err != nil {
			return nil, err
		}
		return jobInfo(rows[0]), nil
	})
}

// AddJobs adds up to 1,000 jobs, of any apps, all or none: the first that cannot
// be added ends the call, and a *FieldError names its place, jobs[3].class.
func (c *Client) AddJobs(ctx context.Context, jobs []Job) ([]*JobInfo, error) {
	return get(ctx, c, "add jobs", func(ctx context.Context) ([]*JobInfo, error) {
		if len(jobs) > MaxBatch {
			return nil, invalid("jobs", len(jobs), fmt.Sprintf("at most %d are added by one call", MaxBatch))
		}
		rows := make([]schema.Job, len(jobs))
		taken := map[[2]string]bool{}
		for i, job := range jobs {
			place := fmt.Sprintf("jobs[%d]", i)
			row, err := job.row(c.actor(ctx))
			if err != nil {
				return nil, within(place, err)
			}
			key := [2]string{row.Application, row.Name}
			if row.Name != "" && taken[key] {
				return nil, within(place, invalid("name", row.Name, "is the name of another job in this call"))
			}
			rows[i], taken[key] = row, true
		}
		rows, err := c.insertJobs(ctx, rows)
		return infos(rows, jobInfo), err
	})
}

func (c *Client) insertJobs(ctx context.Context, rows []schema.Job) ([]schema.Job, error) {
	if len(rows) == 0 {
		return rows, nil
	}
	var err error
	for range contention {
		err = c.atomic(ctx, func(tx store.Store) error { return c.writeJobs(ctx, tx, rows) })
		if !sqldb.Duplicate(err) {
			break
		}
		// Either a name is taken, or an id is: then others are made.
		if err := c.nameTaken(ctx, rows); err != nil {
			return nil, err
		}
	}
	return rows, err
}

func (c *Client) nameTaken(ctx context.Context, rows []schema.Job) error {
	for _, row := range rows {
		if row.Name == "" {
			continue
		}
		_, found, err := c.db.JobByName(ctx, row.Application, row.Name)
		if err != nil {
			return err
		}
		if found {
			return &AlreadyExistsError{Kind: KindJob, Key: row.Name, Of: "app " + row.Application}
		}
	}
	return nil
}

// writeJobs adds the rows under new ids.
func (c *Client) writeJobs(ctx context.Context, tx store.Store, rows []schema.Job) error {
	now, err := tx.Now(ctx)
	if err != nil {
		return err
	}
	for i := range rows {
		rows[i].ID, rows[i].UpdateTime = c.newID(), now.UnixMilli()
	}
	if err := tx.InsertJobs(ctx, rows...); err != nil {
		return err
	}
	c.computed()
	checked := map[string]bool{}
	for _, row := range rows {
		if checked[row.Application] {
			continue
		}
		if err := c.appStays(ctx, tx, row.Application); err != nil {
			return err
		}
		checked[row.Application] = true
	}
	return nil
}

// GetJob returns a job.
func (c *Client) GetJob(ctx context.Context, id ID) (*JobInfo, error) {
	return get(ctx, c, "get job", func(ctx context.Context) (*JobInfo, error) {
		row, err := c.readJob(ctx, c.db, id)
		return jobInfo(row), err
	})
}

// GetJobByName returns the job of an app that has the name.
func (c *Client) GetJobByName(ctx context.Context, app, name string) (*JobInfo, error) {
	return get(ctx, c, "get job by name", func(ctx context.Context) (*JobInfo, error) {
		if err := checkApp("app", app); err != nil {
			return nil, err
		}
		if err := checkKey("name", name, schema.MaxName); err != nil {
			return nil, err
		}
		row, found, err := c.db.JobByName(ctx, app, name)
		if err == nil && !found {
			err = &NotFoundError{Kind: KindJob, Key: name, Of: "app " + app}
		}
		return jobInfo(row), err
	})
}

func (c *Client) readJob(ctx context.Context, db store.Store, id ID) (schema.Job, error) {
	if err := id.check("id"); err != nil {
		return schema.Job{}, err
	}
	row, found, err := db.Job(ctx, int64(id))
	if err == nil && !found {
		err = notFound(KindJob, id)
	}
	return row, err
}

// JobFilter narrows a list of jobs. What is not set matches everything.
type JobFilter struct {
	PageOptions
	App        string
	IDs        []ID // at most 1,000; nil: all
	States     []schema.State
	Class      string
	NamePrefix string // the case of letters counts
	Text       string // anywhere in name, class or description, in any case of letters
}

// ListJobs lists jobs in the order in which they were added.
func (c *Client) ListJobs(ctx context.Context, filter JobFilter) (*Page[JobInfo], error) {
	return get(ctx, c, "list jobs", func(ctx context.Context) (*Page[JobInfo], error) {
		span, at, err := filter.span(KindJob)
		if err != nil {
			return nil, err
		}
		in, err := filter.rows()
		if err != nil {
			return nil, err
		}
		in.After = at.ID
		if in.Until, err = c.db.ReachJobs(ctx, in, span); err != nil {
			return nil, err
		}
		rows, err := c.db.Jobs(ctx, in, span)
		if err != nil {
			return nil, err
		}
		behind := func(id int64) cursor { return cursor{List: KindJob, Descending: filter.Descending, ID: id} }
		return page(rows, span, behind(in.Until), jobInfo, func(row schema.Job) cursor { return behind(row.ID) }), nil
	})
}

func (f JobFilter) rows() (store.JobFilter, error) {
	out := store.JobFilter{App: f.App, States: f.States, Class: f.Class, NamePrefix: f.NamePrefix, Text: f.Text}
	if err := checkFilter(f.App, f.Class, f.NamePrefix, f.Text, f.States); err != nil {
		return out, err
	}
	var err error
	out.IDs, err = checkIDs("ids", f.IDs)
	return out, err
}

// maxText is the longest text that a list looks for.
const maxText = 250

func checkFilter(app, class, namePrefix, text string, states []schema.State) error {
	if err := checkOptionalKey("app", app, schema.MaxApplication); err != nil {
		return err
	}
	if err := checkOptionalKey("class", class, schema.MaxClass); err != nil {
		return err
	}
	if err := checkText("namePrefix", namePrefix, schema.MaxName); err != nil {
		return err
	}
	if err := checkText("text", text, maxText); err != nil {
		return err
	}
	return checkStates("states", states)
}
