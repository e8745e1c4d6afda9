package client

import (
	"context"
	"fmt"

	"github.com/quartz-cluster/quartz/client/internal/store"
	"github.com/quartz-cluster/quartz/schema"
)

// ResetExecute begins an execute anew that is in COMPLETE or ERROR: it becomes
// EXECUTING, its failures in a row are forgotten, and its next fire is computed
// from now on; what it passes over by that counts as skipped. A SIMPLE schedule starts
// now, and has all its fires before it again; one whose start is still to come, and a
// CRON schedule, keep their start. The account of what it has done stays.
//
// In any other state, or when the schedule has nothing left all the same, since
// its end has passed, that is a *StateConflictError.
func (c *Client) ResetExecute(ctx context.Context, id ID) (*ExecuteInfo, error) {
	return c.changeState(ctx, "reset execute", id, c.reset)
}

func (c *Client) reset(ctx context.Context, tx store.Store, read schema.Execute, now int64) (schema.Execute, bool, error) {
	row := read
	if read.State != schema.Complete && read.State != schema.Error {
		return row, false, executeConflict(read, "only what is COMPLETE or in ERROR can begin anew")
	}
	cols := columnsOf(read)
	if cols.jobType == schema.Simple && cols.start <= now {
		cols.start = 0
	}
	at, err := cols.place(now, read.HighTime)
	if err != nil {
		return row, false, executeConflict(read, fmt.Sprintf("it has nothing to fire (%v): edit its schedule", err))
	}
	skipped, err := passedOver(ctx, read, now, at.next)
	if err != nil {
		return row, false, err
	}
	row.State, row.StartTime, row.NextFireTime = schema.Executing, at.start, at.next
	row.TimeTriggered, row.FailStreak, row.SkipCount, row.Trace = 0, 0, read.SkipCount+skipped, c.trace(ctx)
	if read.State == schema.Error {
		row.LastError = ""
	}
	n, err := tx.ResetExecute(ctx, read, row, skipped, c.writer(ctx))
	return row, n > 0, err
}
