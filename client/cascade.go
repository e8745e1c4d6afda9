package client

import (
	"context"
	"errors"
	"slices"

	"github.com/quartz-cluster/quartz/client/internal/store"
	"github.com/quartz-cluster/quartz/schema"
)

// Cascade is what a call on a job and its executes did.
type Cascade struct {
	Job     *JobInfo `json:"job"`
	Changed int      `json:"changed"` // executes
	// Left are the executes that could not be changed, each with its reason.
	Left []*StateConflictError `json:"left,omitempty"`
}

// PauseJobWithExecutes pauses a job and those of its executes that are in INIT,
// EXECUTING or ERROR, in one transaction.
func (c *Client) PauseJobWithExecutes(ctx context.Context, id ID) (*Cascade, error) {
	return get(ctx, c, "pause job with executes", func(ctx context.Context) (*Cascade, error) {
		var out *Cascade
		err := c.withJob(ctx, id, func(tx store.Store, row schema.Job) error {
			row, err := c.setJobState(ctx, tx, row, schema.Paused)
			if err != nil {
				return err
			}
			out = &Cascade{Job: jobInfo(row)}
			ids, err := tx.ExecuteIDs(ctx, row.ID)
			if err != nil {
				return err
			}
			out.Changed, err = c.setStates(ctx, tx, ids, []schema.State{schema.Init, schema.Executing, schema.Error}, schema.Paused)
			return err
		})
		return out, err
	})
}

// ResumeJobWithExecutes enables a job and those of its executes that are in
// PAUSED or INIT, in one transaction. Executes whose schedule has nothing left,
// or cannot run, are left as they are, and named.
func (c *Client) ResumeJobWithExecutes(ctx context.Context, id ID) (*Cascade, error) {
	return get(ctx, c, "resume job with executes", func(ctx context.Context) (*Cascade, error) {
		var out *Cascade
		err := c.withJob(ctx, id, func(tx store.Store, row schema.Job) error {
			row, err := c.resumeJob(ctx, tx, row)
			if err != nil {
				return err
			}
			out = &Cascade{}
			if err := c.resumeExecutes(ctx, tx, row.ID, out); err != nil {
				return err
			}
			if out.Changed > 0 {
				if err := wake(ctx, tx, row); err != nil {
					return err
				}
				if err := c.tell(ctx, tx, row.Application, schema.HintShards); err != nil {
					return err
				}
			}
			row, _, err = tx.Job(ctx, row.ID)
			out.Job = jobInfo(row)
			return err
		})
		return out, err
	})
}

// resumeExecutes takes those that go on where they were in bulk, and computes
// the next fire of the others one by one.
func (c *Client) resumeExecutes(ctx context.Context, tx store.Store, job int64, out *Cascade) error {
	paused := []schema.State{schema.Paused, schema.Init}
	filter := store.ExecuteFilter{Job: job, States: paused}
	for {
		rows, err := tx.Executes(ctx, filter, store.Span{Limit: store.Chunk})
		if err != nil || len(rows) == 0 {
			return err
		}
		filter.After.ID = rows[len(rows)-1].ID
		var plain []int64
		for _, row := range rows {
			if goesOn(row) {
				plain = append(plain, row.ID)
				continue
			}
			if err := c.resumeOne(ctx, tx, row.ID, out); err != nil {
				return err
			}
		}
		n, err := c.setStates(ctx, tx, plain, paused, schema.Executing)
		if err != nil {
			return err
		}
		out.Changed += n
	}
}

// goesOn reports whether a paused execute needs another state and no more to go on
// where it was.
func goesOn(row schema.Execute) bool {
	if row.NextFireTime == 0 || row.State != schema.Paused && row.State != schema.Init {
		return false
	}
	cols := columnsOf(row)
	_, err := cols.parse(cols.start)
	return err == nil
}

func (c *Client) resumeOne(ctx context.Context, tx store.Store, id int64, out *Cascade) error {
	read, now, found, err := tx.ExecuteNow(ctx, id, true)
	if err != nil || !found {
		return err
	}
	_, done, err := c.resume(ctx, tx, read, now)
	var conflict *StateConflictError
	switch {
	case errors.As(err, &conflict):
		out.Left = append(out.Left, conflict)
		return nil
	case done && read.State != schema.Executing:
		out.Changed++
	}
	return err
}

func (c *Client) setStates(ctx context.Context, tx store.Store, ids []int64, from []schema.State, to schema.State) (changed int, err error) {
	for chunk := range slices.Chunk(ids, store.Chunk) {
		n, err := tx.SetExecuteStates(ctx, chunk, from, to, c.writer(ctx))
		if err != nil {
			return changed, err
		}
		changed += int(n)
	}
	return changed, nil
}

// DeleteJobWithExecutes deletes a job and all its executes, in one transaction,
// and returns how many executes there were. Fires in flight run to their end,
// and their outcome is recorded nowhere.
func (c *Client) DeleteJobWithExecutes(ctx context.Context, id ID) (int, error) {
	return get(ctx, c, "delete job with executes", func(ctx context.Context) (int, error) {
		return c.deleteJob(ctx, id)
	})
}

func (c *Client) deleteJob(ctx context.Context, id ID) (executes int, err error) {
	err = c.withJob(ctx, id, func(tx store.Store, row schema.Job) (err error) {
		executes, err = c.dropJob(ctx, tx, row.ID)
		return err
	})
	return executes, err
}

// dropJob expects the job locked.
func (c *Client) dropJob(ctx context.Context, tx store.Store, id int64) (executes int, err error) {
	ids, err := tx.ExecuteIDs(ctx, id)
	if err != nil {
		return 0, err
	}
	for chunk := range slices.Chunk(ids, store.Chunk) {
		n, err := tx.DeleteExecutes(ctx, chunk)
		if err != nil {
			return 0, err
		}
		executes += int(n)
	}
	if err := tx.DeleteChildren(ctx, id); err != nil {
		return 0, err
	}
	_, err = tx.DeleteJob(ctx, id)
	return executes, err
}
