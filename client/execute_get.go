package client

import (
	"context"

	"github.com/quartz-cluster/quartz/schema"
)

// GetExecute returns an execute.
func (c *Client) GetExecute(ctx context.Context, id ID) (*ExecuteInfo, error) {
	return get(ctx, c, "get execute", func(ctx context.Context) (*ExecuteInfo, error) {
		row, err := c.readExecute(ctx, id)
		if err != nil {
			return nil, err
		}
		return c.seenExecute(ctx, row)
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
			err = &NotFoundError{Kind: KindExecute, Key: name, Of: "job " + job.String()}
		}
		if err != nil {
			return nil, err
		}
		return c.seenExecute(ctx, row)
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
	var executes []*ExecuteInfo
	for e, err := range c.AllExecutes(ctx, ExecuteFilter{Job: id}) {
		if err != nil {
			return nil, nil, err
		}
		executes = append(executes, e)
	}
	return job, executes, nil
}
