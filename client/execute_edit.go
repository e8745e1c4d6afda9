package client

import (
	"context"

	"github.com/quartz-cluster/quartz/client/internal/store"
	"github.com/quartz-cluster/quartz/internal/sqldb"
	"github.com/quartz-cluster/quartz/schema"
)

// optimistic is how often an edit tries without a lock. After that it locks the
// row while it computes, so that an execute that fires all the time cannot
// escape it.
const optimistic = 3

// UpdateExecute edits an execute, whatever its state. version is the Version of
// the [ExecuteInfo] that the edit was made from: an edit by somebody else since
// then is a *VersionConflictError. Fires are no edits.
func (c *Client) UpdateExecute(ctx context.Context, id ID, version int64, edits ...ExecuteEdit) (*ExecuteInfo, error) {
	return get(ctx, c, "update execute", func(ctx context.Context) (*ExecuteInfo, error) {
		if err := id.check("id"); err != nil {
			return nil, err
		}
		if err := checkVersion(version); err != nil {
			return nil, err
		}
		if len(edits) == 0 {
			return nil, invalid("edits", 0, "there is nothing to change")
		}
		row, err := c.editInRounds(ctx, id, version, edits)
		return executeInfo(row), err
	})
}

func (c *Client) editInRounds(ctx context.Context, id ID, version int64, edits []ExecuteEdit) (schema.Execute, error) {
	for try := range contention {
		row, done, err := c.editExecute(ctx, id, version, edits, c.callers || try >= optimistic)
		if err != nil || done {
			return row, err
		}
	}
	return schema.Execute{}, ErrContended
}

// editExecute reports false when the row moved between reading and writing.
func (c *Client) editExecute(ctx context.Context, id ID, version int64, edits []ExecuteEdit, locked bool) (row schema.Execute, done bool, err error) {
	if !locked {
		return c.tryEdit(ctx, c.db, id, version, edits, false)
	}
	err = c.atomic(ctx, func(tx store.Store) error {
		// The job first: every call that locks both does it in this order.
		seen, found, err := tx.Execute(ctx, int64(id))
		if err != nil {
			return err
		}
		if found {
			if _, _, err := tx.JobStays(ctx, seen.PID); err != nil {
				return err
			}
		}
		row, done, err = c.tryEdit(ctx, tx, id, version, edits, true)
		return err
	})
	return row, done, err
}

func (c *Client) tryEdit(ctx context.Context, db store.Store, id ID, version int64, edits []ExecuteEdit, locked bool) (schema.Execute, bool, error) {
	read, now, found, err := db.ExecuteNow(ctx, int64(id), locked)
	switch {
	case err != nil:
		return read, false, err
	case !found:
		return read, false, notFound(KindExecute, id)
	case read.Origin != "":
		return read, false, executeConflict(read, "it is a child of another execute: edit that one")
	case read.Version != version:
		return read, false, &VersionConflictError{Kind: KindExecute, ID: id, Given: version, Current: read.Version}
	}
	p := plan{row: read, policies: policiesOf(read)}
	for _, e := range edits {
		if err := e.editExecute(&p); err != nil {
			return read, false, err
		}
	}
	if err := p.settle(); err != nil {
		return read, false, err
	}
	return c.writeEdit(ctx, db, read, p, now)
}

// writeEdit writes a plan over the row that was read.
func (c *Client) writeEdit(ctx context.Context, db store.Store, read schema.Execute, p plan, now int64) (schema.Execute, bool, error) {
	row, by := p.row, c.writer(ctx)
	row.Shard = schema.PlaceOf(row.ID, row.RunOn)
	var n, skipped int64
	var err error
	write := func(tx store.Store) (int64, error) { return tx.UpdateExecute(ctx, row, by) }
	if p.scheduled && (p.anew || !p.columns.same(columnsOf(read))) {
		row, skipped, err = rescheduled(ctx, read, row, p, now)
		if err != nil {
			return read, false, err
		}
		row.Trace = c.trace(ctx)
		write = func(tx store.Store) (int64, error) { return tx.Reschedule(ctx, read, row, skipped, by) }
	} else if leavesAll(read, row) && read.NextFireTime != 0 {
		// What has come due meanwhile was its copies' to run.
		if s, err := columnsOf(read).parse(read.StartTime); err == nil {
			row.NextFireTime, _ = s.Next(max(now, read.NextFireTime-1, read.HighTime))
			write = func(tx store.Store) (int64, error) { return tx.Reschedule(ctx, read, row, 0, by) }
		}
	}
	c.computed()
	n, err = c.writeAround(ctx, db, read, row, c.due(row, now), write)
	switch {
	case sqldb.Duplicate(err):
		return read, false, &AlreadyExistsError{Kind: KindExecute, Key: row.Name, Of: "job " + ID(row.PID).String()}
	case err != nil || n == 0:
		return read, false, err
	}
	row.Version, row.SkipCount = read.Version+1, read.SkipCount+skipped
	row.HostIP, row.HostName, row.UpdatedBy, row.UpdateTime = by.HostIP, by.HostName, by.Actor, now
	return row, true, nil
}

// leavesAll reports whether an execute that ran on all nodes does so no longer.
func leavesAll(read, row schema.Execute) bool {
	return read.RunOn == schema.RunOnAll && row.RunOn != schema.RunOnAll
}

// writeAround writes a row, and in the same transaction what goes with it: the
// copies for all nodes go when it no longer runs there, its job wakes when it has
// something to fire again, and the nodes are told the hint.
func (c *Client) writeAround(ctx context.Context, db store.Store, read, row schema.Execute, hint schema.Hint,
	write func(tx store.Store) (int64, error),
) (n int64, err error) {
	leaves := leavesAll(read, row)
	wakes := row.State == schema.Executing && read.State != schema.Executing
	if !leaves && !wakes && hint == 0 {
		return write(db)
	}
	all := func(tx store.Store) error {
		job, found, err := tx.JobStays(ctx, read.PID)
		if err != nil {
			return err
		}
		if !found && wakes {
			return notFound(KindJob, ID(read.PID))
		}
		if n, err = write(tx); err != nil || n == 0 {
			return err
		}
		if leaves {
			if err := tx.DeleteCopies(ctx, read.ID); err != nil {
				return err
			}
		}
		if wakes {
			if err := wake(ctx, tx, job); err != nil {
				return err
			}
		}
		if !found { // then nobody runs it
			return nil
		}
		return c.tell(ctx, tx, job.Application, hint)
	}
	if db.InTx() {
		err = all(db)
	} else {
		err = c.atomic(ctx, all)
	}
	return n, err
}

// rescheduled returns row with the schedule of the plan and its next fire,
// and the number of instants that the old schedule loses by it.
func rescheduled(ctx context.Context, read, row schema.Execute, p plan, now int64) (schema.Execute, int64, error) {
	cols := p.columns
	if cols.start == 0 && !p.anew && (cols.jobType == schema.Cron || read.StartTime > now) {
		cols.start = read.StartTime
	}
	at, err := cols.place(now, read.HighTime)
	if err != nil {
		return row, 0, err
	}
	skipped, err := passedOver(ctx, read, now, at.next)
	if err != nil {
		return row, 0, err
	}
	if cols.jobType == schema.Simple && at.start != read.StartTime {
		row.TimeTriggered = 0
	}
	cols.start = at.start
	cols.write(&row)
	row.NextFireTime = at.next
	if row.State == schema.Complete || row.State == schema.Error {
		if row.State == schema.Error {
			row.LastError = ""
		}
		row.State = schema.Executing
	}
	return row, skipped, nil
}

// passedOver counts the due instants that a row loses by an edit: from its next
// fire to now, except one at now itself that the new schedule fires too.
func passedOver(ctx context.Context, read schema.Execute, now, next int64) (int64, error) {
	from, until := read.NextFireTime, min(now+1, next)
	if from == 0 || read.State == schema.Complete {
		return 0, nil
	}
	cols := columnsOf(read)
	old, err := cols.parse(cols.start)
	if err != nil { // cannot be scheduled, which is why it is edited
		if from < until && from > read.HighTime {
			return 1, nil
		}
		return 0, nil
	}
	if from <= read.HighTime { // another program moved it back
		later, ok := old.Next(read.HighTime)
		if !ok {
			return 0, nil
		}
		from = later
	}
	return countInstants(ctx, old, from, until)
}
