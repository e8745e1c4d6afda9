package client

import (
	"context"
	"slices"

	"github.com/quartz-cluster/quartz/client/internal/store"
	"github.com/quartz-cluster/quartz/schema"
)

// The states out of which bulk calls take executes.
var (
	pausable  = []schema.State{schema.Init, schema.Executing, schema.Error}
	resumable = []schema.State{schema.Init, schema.Paused, schema.Error}
)

// PauseExecutes pauses the executes that a filter matches, as [Client.PauseExecute]
// does: those in INIT, EXECUTING and ERROR.
//
// Bulk calls need the App in the filter, or a Job, or IDs. They go through what
// matches in the order in which it was added, whatever the filter's Sort and Limit
// say, in transactions of at most 500 rows, and end after [MaxBulk] rows; nobody
// waits for longer than one of these takes. What they did stands in the events of
// the app, once a call. A call that fails has done what the [Bulk] beside the error
// says. Only what is named in IDs is Left where there is nothing to change of it.
func (c *Client) PauseExecutes(ctx context.Context, filter ExecuteFilter) (*Bulk, error) {
	return c.bulkExecutes(ctx, "pause executes", "executes paused", filter, pausable, c.pauseRows)
}

// ResumeExecutes enables the executes that a filter matches, as
// [Client.ResumeExecute] does: those in PAUSED, INIT and ERROR.
func (c *Client) ResumeExecutes(ctx context.Context, filter ExecuteFilter) (*Bulk, error) {
	return c.bulkExecutes(ctx, "resume executes", "executes resumed", filter, resumable, c.resumeRows)
}

// DeleteExecutes deletes the executes that a filter matches, as
// [Client.DeleteExecute] does.
func (c *Client) DeleteExecutes(ctx context.Context, filter ExecuteFilter) (*Bulk, error) {
	return c.bulkExecutes(ctx, "delete executes", "executes deleted", filter, schema.States, c.deleteRows)
}

func (c *Client) bulkExecutes(
	ctx context.Context, name, event string, filter ExecuteFilter, states []schema.State,
	change func(ctx context.Context, app string, rows []schema.Execute) (done, error),
) (*Bulk, error) {
	var in store.ExecuteFilter
	b := bulk[schema.Execute]{
		name: name, event: event, chunk: store.Chunk, change: change,
		list: func(ctx context.Context, after int64, span store.Span) ([]schema.Execute, error) {
			in.After.ID = after
			return c.db.Executes(ctx, in, span)
		},
		key: func(row schema.Execute) (int64, string) { return row.ID, row.Application },
	}
	return inBulk(ctx, c, b, func(ctx context.Context) (after int64, err error) {
		if after, err = filter.selection(filter.App != "" || filter.Job != 0 || filter.IDs != nil); err != nil {
			return 0, err
		}
		if filter.Origin != 0 {
			return 0, invalid("origin", filter.Origin, "must be 0: children are changed through their execute")
		}
		in, err = c.executeFilter(ctx, filter)
		in.States, in.IDs = narrowed(in.States, states, in.IDs)
		return after, err
	})
}

func (c *Client) pauseRows(ctx context.Context, _ string, rows []schema.Execute) (d done, err error) {
	var ids []int64
	for _, row := range rows {
		switch row.State {
		case schema.Complete:
			_ = d.one(executeConflict(row, "nothing is left to fire, so there is nothing to pause"))
		case schema.Paused:
		case schema.Init, schema.Executing, schema.Error:
			ids = append(ids, row.ID)
		}
	}
	err = c.inOne(ctx, ids, &d, func(tx store.Store) (int64, error) {
		return tx.SetExecuteStates(ctx, ids, pausable, schema.Paused, c.writer(ctx))
	})
	return d, err
}

// resumeRows takes those that go on where they were at once, and the others, whose
// next fire is computed, one by one.
func (c *Client) resumeRows(ctx context.Context, app string, rows []schema.Execute) (d done, err error) {
	var ids, jobs []int64
	for _, row := range rows {
		if row.State == schema.Executing {
			continue
		}
		if goesOn(row) {
			ids, jobs = append(ids, row.ID), append(jobs, row.PID)
			continue
		}
		_, err := c.changeState(ctx, "resume executes", ID(row.ID), c.resume)
		if err := d.one(err); err != nil {
			return d, err
		}
	}
	slices.Sort(jobs)
	err = c.inOne(ctx, ids, &d, func(tx store.Store) (int64, error) {
		if err := tx.WakeJobs(ctx, slices.Compact(jobs)); err != nil {
			return 0, err
		}
		n, err := tx.SetExecuteStates(ctx, ids, []schema.State{schema.Init, schema.Paused}, schema.Executing, c.writer(ctx))
		if err != nil || n == 0 || app == "" {
			return n, err
		}
		return n, c.tell(ctx, tx, app, schema.HintShards)
	})
	return d, err
}

func (c *Client) deleteRows(ctx context.Context, _ string, rows []schema.Execute) (d done, err error) {
	ids := make([]int64, len(rows))
	for i, row := range rows {
		ids[i] = row.ID
	}
	err = c.inOne(ctx, ids, &d, func(tx store.Store) (int64, error) {
		return tx.DeleteFamilies(ctx, ids)
	})
	return d, err
}

// inOne changes rows in one transaction.
func (c *Client) inOne(ctx context.Context, ids []int64, d *done, change func(tx store.Store) (int64, error)) error {
	d.matched += len(ids)
	if len(ids) == 0 {
		return nil
	}
	var n int64
	err := c.atomic(ctx, func(tx store.Store) (err error) {
		n, err = change(tx)
		return err
	})
	if err == nil {
		d.changed += int(n)
	}
	return err
}
