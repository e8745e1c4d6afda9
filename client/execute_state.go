package client

import (
	"context"
	"fmt"

	"github.com/quartz-cluster/quartz/client/internal/store"
	"github.com/quartz-cluster/quartz/schema"
)

// PauseExecute pauses an execute: no claim that begins afterwards takes it; a
// fire claimed before runs. INIT, EXECUTING and ERROR become PAUSED. Pausing a
// paused one changes nothing; one in COMPLETE has nothing to pause, which is a
// *StateConflictError.
func (c *Client) PauseExecute(ctx context.Context, id ID) (*ExecuteInfo, error) {
	return c.changeState(ctx, "pause execute", id, c.pauseExecute)
}

func (c *Client) pauseExecute(ctx context.Context, tx store.Store, read schema.Execute, _ int64) (schema.Execute, bool, error) {
	switch read.State {
	case schema.Paused:
		return read, true, nil
	case schema.Complete:
		return read, false, executeConflict(read, "nothing is left to fire, so there is nothing to pause")
	case schema.Init, schema.Executing, schema.Error:
	}
	n, err := tx.SetExecuteState(ctx, read, schema.Paused, read.LastError, c.writer(ctx))
	row := read
	row.State = schema.Paused
	return row, n > 0, err
}

// ResumeExecute enables an execute that is in PAUSED, INIT or ERROR, or in
// COMPLETE with something left to fire. Its next fire stays where it was:
// instants that have passed meanwhile are misfires, treated by its policy. The
// schedule is checked again; one that is wrong, or has nothing left, is a
// *StateConflictError, except that what was paused during its last fire becomes
// COMPLETE. Resuming what is EXECUTING changes nothing.
func (c *Client) ResumeExecute(ctx context.Context, id ID) (*ExecuteInfo, error) {
	return c.changeState(ctx, "resume execute", id, c.resume)
}

// change tries to change the state of a row and reports whether it did: not, if
// the row was changed since it was read.
type change func(ctx context.Context, tx store.Store, read schema.Execute, now int64) (row schema.Execute, done bool, err error)

func (c *Client) changeState(ctx context.Context, call string, id ID, change change) (*ExecuteInfo, error) {
	return get(ctx, c, call, func(ctx context.Context) (*ExecuteInfo, error) {
		if err := id.check("id"); err != nil {
			return nil, err
		}
		for range contention {
			var row schema.Execute
			done := false
			err := c.atomic(ctx, func(tx store.Store) (err error) {
				row, done, err = c.tryChange(ctx, tx, id, change)
				return err
			})
			if err != nil {
				return nil, err
			}
			if done {
				return executeInfo(row), nil
			}
		}
		return nil, ErrContended
	})
}

func (c *Client) tryChange(ctx context.Context, tx store.Store, id ID, change change) (schema.Execute, bool, error) {
	seen, found, err := tx.Execute(ctx, int64(id))
	if err == nil && !found {
		err = notFound(KindExecute, id)
	}
	if err != nil {
		return seen, false, err
	}
	job, jobFound, err := tx.JobStays(ctx, seen.PID)
	if err != nil {
		return seen, false, err
	}
	read, now, found, err := tx.ExecuteNow(ctx, int64(id), c.callers)
	switch {
	case err != nil:
		return seen, false, err
	case !found:
		return seen, false, notFound(KindExecute, id)
	case read.Origin != "":
		return seen, false, executeConflict(read, "it is a child of another execute: pause or resume that one")
	}
	c.computed()
	row, done, err := change(ctx, tx, read, now)
	if err != nil || !done || row.State == read.State {
		return row, done, err
	}
	by := c.writer(ctx)
	row.Version++
	row.HostIP, row.HostName, row.UpdatedBy, row.UpdateTime = by.HostIP, by.HostName, by.Actor, now
	if row.State == schema.Executing {
		if !jobFound {
			return row, false, notFound(KindJob, ID(read.PID))
		}
		if err := wake(ctx, tx, job); err != nil {
			return row, false, err
		}
		err = c.tell(ctx, tx, job.Application, schema.HintShards) // where its children are is not known
	}
	return row, true, err
}

func (c *Client) resume(ctx context.Context, tx store.Store, read schema.Execute, now int64) (schema.Execute, bool, error) {
	row := read
	if read.State == schema.Executing {
		return row, true, nil
	}
	cols := columnsOf(read)
	if _, err := cols.parse(cols.start); err != nil {
		return row, false, executeConflict(read, fmt.Sprintf("its schedule cannot run (%v): edit it first", err))
	}
	row.State = schema.Executing
	if read.State == schema.Error {
		row.LastError = ""
	}
	var n int64
	var err error
	if read.NextFireTime != 0 && read.State != schema.Complete {
		n, err = tx.SetExecuteState(ctx, read, row.State, row.LastError, c.writer(ctx))
		return row, n > 0, err
	}
	at, err := cols.place(now, read.HighTime)
	if err != nil && read.State == schema.Paused {
		// Paused during its last fire: what the pause kept from being said.
		if read.FireTime == 0 {
			row.State = schema.Complete
		}
		n, err = tx.SetExecuteState(ctx, read, row.State, row.LastError, c.writer(ctx))
		return row, n > 0, err
	}
	if err != nil {
		return row, false, executeConflict(read, fmt.Sprintf("nothing is left to fire (%v): edit its schedule first", err))
	}
	row.NextFireTime = at.next
	n, err = tx.RestartExecute(ctx, read, row.NextFireTime, row.LastError, c.writer(ctx))
	return row, n > 0, err
}

// DeleteExecute deletes an execute, in whatever state, and its children. A fire
// in flight runs to its end, and its outcome is recorded nowhere.
func (c *Client) DeleteExecute(ctx context.Context, id ID) error {
	return c.call(ctx, "delete execute", func(ctx context.Context) error {
		if err := id.check("id"); err != nil {
			return err
		}
		return c.atomic(ctx, func(tx store.Store) error {
			n, err := tx.DeleteExecute(ctx, int64(id))
			if err != nil || n > 0 {
				return err
			}
			row, found, err := tx.Execute(ctx, int64(id))
			if err != nil {
				return err
			}
			if found && row.Origin != "" {
				return executeConflict(row, "it is a child of another execute: cancel its fire, or delete that one")
			}
			return notFound(KindExecute, id)
		})
	})
}
