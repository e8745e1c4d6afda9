package client

import (
	"context"
	"slices"

	"github.com/quartz-cluster/quartz/client/internal/store"
	"github.com/quartz-cluster/quartz/schema"
)

// PauseJobs pauses the jobs that a filter matches, as [Client.PauseJob] does, by
// the rules of [Client.PauseExecutes].
func (c *Client) PauseJobs(ctx context.Context, filter JobFilter) (*Bulk, error) {
	from := []schema.State{schema.Init, schema.Executing, schema.Complete, schema.Error}
	return c.bulkJobs(ctx, "pause jobs", "jobs paused", store.Chunk, filter, from, c.jobsTo(from, schema.Paused))
}

// ResumeJobs enables the jobs that a filter matches, as [Client.ResumeJob] does.
func (c *Client) ResumeJobs(ctx context.Context, filter JobFilter) (*Bulk, error) {
	from := []schema.State{schema.Init, schema.Paused}
	return c.bulkJobs(ctx, "resume jobs", "jobs resumed", store.Chunk, filter, from, c.jobsTo(from, schema.Executing))
}

// DeleteJobs deletes the jobs that a filter matches with their executes, as
// [Client.DeleteJobWithExecutes] does, each in a transaction of its own. The
// executes count among the rows of [MaxBulk].
func (c *Client) DeleteJobs(ctx context.Context, filter JobFilter) (*Bulk, error) {
	return c.bulkJobs(ctx, "delete jobs", "jobs deleted", 1, filter, schema.States,
		func(ctx context.Context, _ string, rows []schema.Job) (d done, err error) {
			d.below, err = c.deleteJob(ctx, ID(rows[0].ID))
			return d, d.one(err)
		})
}

func (c *Client) bulkJobs(
	ctx context.Context, name, event string, chunk int, filter JobFilter, states []schema.State,
	change func(ctx context.Context, app string, rows []schema.Job) (done, error),
) (*Bulk, error) {
	var in store.JobFilter
	b := bulk[schema.Job]{
		name: name, event: event, chunk: chunk, change: change,
		list: func(ctx context.Context, after int64, span store.Span) ([]schema.Job, error) {
			in.After = after
			return c.db.Jobs(ctx, in, span)
		},
		key: func(row schema.Job) (int64, string) { return row.ID, row.Application },
	}
	return inBulk(ctx, c, b, func(context.Context) (after int64, err error) {
		if after, err = filter.selection(filter.App != "" || filter.IDs != nil); err != nil {
			return 0, err
		}
		in, err = filter.rows()
		in.States, in.IDs = narrowed(in.States, states, in.IDs)
		return after, err
	})
}

// jobsTo moves those of the jobs that are in one of the states to another.
func (c *Client) jobsTo(from []schema.State, to schema.State) func(ctx context.Context, app string, rows []schema.Job) (done, error) {
	return func(ctx context.Context, app string, rows []schema.Job) (d done, err error) {
		var ids []int64
		for _, row := range rows {
			if slices.Contains(from, row.State) {
				ids = append(ids, row.ID)
			}
		}
		err = c.inOne(ctx, ids, &d, func(tx store.Store) (int64, error) {
			n, err := tx.SetJobStates(ctx, ids, from, to, c.writer(ctx))
			if err != nil || n == 0 || to != schema.Executing {
				return n, err
			}
			return n, c.tell(ctx, tx, app, schema.HintShards)
		})
		return d, err
	}
}
