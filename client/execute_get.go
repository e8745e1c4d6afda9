package client

import (
	"context"
	"fmt"
	"time"

	"github.com/quartz-cluster/quartz/client/internal/store"
	"github.com/quartz-cluster/quartz/schema"
)

// GetExecute returns an execute.
func (c *Client) GetExecute(ctx context.Context, id ID) (*ExecuteInfo, error) {
	return get(ctx, c, "get execute", func(ctx context.Context) (*ExecuteInfo, error) {
		row, err := c.readExecute(ctx, id)
		return executeInfo(row), err
	})
}

// GetExecuteByName returns the execute of a job that has the name.
func (c *Client) GetExecuteByName(ctx context.Context, job ID, name string) (*ExecuteInfo, error) {
	return get(ctx, c, "get execute by name", func(ctx context.Context) (*ExecuteInfo, error) {
		if err := job.check("job"); err != nil {
			return nil, err
		}
		if err := checkKey("name", name, schema.MaxName); err != nil {
			return nil, err
		}
		row, found, err := c.db.ExecuteByName(ctx, int64(job), name)
		if err == nil && !found {
			err = notFound(KindExecute, fmt.Sprintf("%q of job %s", name, job))
		}
		return executeInfo(row), err
	})
}

func (c *Client) readExecute(ctx context.Context, id ID) (schema.Execute, error) {
	if err := id.check("id"); err != nil {
		return schema.Execute{}, err
	}
	row, found, err := c.db.Execute(ctx, int64(id))
	if err == nil && !found {
		err = notFound(KindExecute, id)
	}
	return row, err
}

// GetExecuteWithJob returns an execute and its job.
func (c *Client) GetExecuteWithJob(ctx context.Context, id ID) (*ExecuteInfo, *JobInfo, error) {
	execute, err := c.GetExecute(ctx, id)
	if err != nil {
		return nil, nil, err
	}
	job, err := c.GetJob(ctx, execute.JobID)
	return execute, job, err
}

// GetJobWithExecutes returns a job and all its executes, oldest first.
func (c *Client) GetJobWithExecutes(ctx context.Context, id ID) (*JobInfo, []*ExecuteInfo, error) {
	job, err := c.GetJob(ctx, id)
	if err != nil {
		return nil, nil, err
	}
	var all []*ExecuteInfo
	filter := ExecuteFilter{PageOptions: PageOptions{Limit: MaxLimit}, Job: id}
	for {
		page, err := c.ListExecutes(ctx, filter)
		if err != nil {
			return nil, nil, err
		}
		all = append(all, page.Items...)
		if page.Next == "" {
			return job, all, nil
		}
		filter.Cursor = page.Next
	}
}

// ExecuteFilter narrows a list of executes. What is not set matches everything.
type ExecuteFilter struct {
	PageOptions
	App        string
	Job        ID
	States     []schema.State
	Class      string    // of the job
	NamePrefix string    // the case of letters counts
	Text       string    // anywhere in name, cron expression or last error, in any case of letters
	DueBefore  time.Time // the next fire lies before it
	// Origin lists the children of this execute: the rows that carry its fires
	// beside its schedule, and its copies for single nodes, which have children of
	// their own. Otherwise no child is listed.
	Origin ID
}

// ListExecutes lists executes in the order in which they were added.
func (c *Client) ListExecutes(ctx context.Context, filter ExecuteFilter) (*Page[ExecuteInfo], error) {
	return get(ctx, c, "list executes", func(ctx context.Context) (*Page[ExecuteInfo], error) {
		span, at, err := filter.span(KindExecute)
		if err != nil {
			return nil, err
		}
		if err := checkFilter(filter.App, filter.Class, filter.NamePrefix, filter.Text, filter.States); err != nil {
			return nil, err
		}
		in := store.ExecuteFilter{
			App: filter.App, Job: int64(filter.Job), States: filter.States, Class: filter.Class,
			NamePrefix: filter.NamePrefix, Text: filter.Text, Origin: int64(filter.Origin), After: at.ID,
		}
		if filter.Job != 0 {
			if err := filter.Job.check("job"); err != nil {
				return nil, err
			}
		}
		if filter.Origin != 0 {
			if err := filter.Origin.check("origin"); err != nil {
				return nil, err
			}
		}
		if !filter.DueBefore.IsZero() {
			if in.DueBefore, err = millis("dueBefore", filter.DueBefore); err != nil {
				return nil, err
			}
		}
		rows, err := c.db.Executes(ctx, in, span)
		if err != nil {
			return nil, err
		}
		return page(rows, span, executeInfo, func(row schema.Execute) cursor {
			return cursor{List: KindExecute, Descending: filter.Descending, ID: row.ID}
		}), nil
	})
}
