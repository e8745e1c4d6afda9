package client

import (
	"context"
	"fmt"

	"github.com/quartz-cluster/quartz/client/internal/store"
	"github.com/quartz-cluster/quartz/internal/sqldb"
	"github.com/quartz-cluster/quartz/schema"
)

// CopiedJob is what [Client.CopyJob] has added.
type CopiedJob struct {
	Job      *JobInfo       `json:"job"`
	Executes []*ExecuteInfo `json:"executes"` // oldest first
}

// CopyOption changes a copy that [Client.CopyJob] makes.
type CopyOption func(j *copied)

type copied struct {
	name   *string
	paused bool
}

// CopyAs gives the copy another name; "" is none. Within its app a job needs that
// if it has a name.
func CopyAs(name string) CopyOption { return func(j *copied) { j.name = &name } }

// CopyPaused adds the copy of the job paused, so that nothing of it fires until it
// is resumed.
func CopyPaused() CopyOption { return func(j *copied) { j.paused = true } }

// CopyJob adds a copy of a job with its executes, at most 1,000, to an app, which
// may be the job's own. Names, data, schedules with their starts, policies and
// states are those of the original. Counts, history and running fires are not
// copied: a copy fires next when its schedule says so after now, and is
// COMPLETE where that is never.
func (c *Client) CopyJob(ctx context.Context, id ID, app string, options ...CopyOption) (*CopiedJob, error) {
	var to copied
	for _, option := range options {
		option(&to)
	}
	return get(ctx, c, "copy job", func(ctx context.Context) (*CopiedJob, error) {
		if err := checkApp("app", app); err != nil {
			return nil, err
		}
		if to.name != nil {
			if err := checkOptionalKey("name", *to.name, schema.MaxName); err != nil {
				return nil, err
			}
		}
		of, err := c.readJob(ctx, c.db, id)
		if err != nil {
			return nil, err
		}
		job := of
		job.Application, job.Version, job.UpdatedBy = app, 0, c.actor(ctx)
		if to.name != nil {
			job.Name = *to.name
		}
		if to.paused {
			job.State = schema.Paused
		}
		executes, err := c.copies(ctx, of)
		if err != nil {
			return nil, err
		}
		for range contention {
			row, _, err := c.createJob(ctx, job, executes)
			if !sqldb.Duplicate(err) {
				return &CopiedJob{Job: jobInfo(row), Executes: infos(executes, executeInfo)}, err
			}
			// Either the name is taken, or an id is: then others are made.
			if err := c.nameTaken(ctx, []schema.Job{job}); err != nil {
				return nil, err
			}
		}
		return nil, ErrContended
	})
}

// copies returns rows like those below a job, still without job and id.
func (c *Client) copies(ctx context.Context, job schema.Job) ([]schema.Execute, error) {
	rows, err := c.db.Executes(ctx, store.ExecuteFilter{Job: job.ID}, store.Span{Limit: MaxBatch + 1})
	if err != nil {
		return nil, err
	}
	if len(rows) > MaxBatch {
		return nil, &StateConflictError{
			Kind: KindJob, Key: ID(job.ID).String(), State: string(job.State), Reason: fmt.Sprintf("it has more than %d executes", MaxBatch),
		}
	}
	now, err := c.db.Now(ctx)
	if err != nil {
		return nil, err
	}
	by := c.writer(ctx)
	for i, of := range rows {
		row := schema.Execute{
			State: of.State, Name: of.Name, Data: of.Data, PrevFireTime: -1, UpdateTime: now.UnixMilli(),
			HostIP: by.HostIP, HostName: by.HostName, UpdatedBy: by.Actor, Trace: c.trace(ctx),
		}
		policiesOf(of).write(&row)
		cols := columnsOf(of)
		cols.write(&row)
		if of.State == schema.Error {
			row.LastError = of.LastError
		}
		if _, err := cols.parse(cols.start); err != nil && row.State == schema.Executing {
			return nil, executeConflict(of, fmt.Sprintf("its schedule cannot run (%v): edit it first", err))
		}
		if at, err := cols.place(now.UnixMilli(), 0); err != nil && row.State == schema.Executing {
			row.State = schema.Complete
		} else if row.State != schema.Complete {
			row.NextFireTime = at.next
		}
		rows[i] = row
	}
	return rows, nil
}
