package client

import (
	"context"

	"github.com/quartz-cluster/quartz/client/internal/store"
	"github.com/quartz-cluster/quartz/internal/sqldb"
	"github.com/quartz-cluster/quartz/schema"
)

// UpdateJob edits a job, whatever its state. version is the Version of the
// [JobInfo] that the edit was made from: an edit by somebody else since then is
// a *VersionConflictError. The next claim sees the new class and data.
func (c *Client) UpdateJob(ctx context.Context, id ID, version int64, edits ...JobEdit) (*JobInfo, error) {
	return get(ctx, c, "update job", func(ctx context.Context) (*JobInfo, error) {
		if err := id.check("id"); err != nil {
			return nil, err
		}
		if err := checkVersion(version); err != nil {
			return nil, err
		}
		if len(edits) == 0 {
			return nil, invalid("edits", 0, "there is nothing to change")
		}
		var row schema.Job
		err := c.atomic(ctx, func(tx store.Store) (err error) {
			row, err = c.editJob(ctx, tx, id, version, edits)
			return err
		})
		if sqldb.Duplicate(err) {
			return nil, &AlreadyExistsError{Kind: KindJob, Key: row.Name, Of: "app " + row.Application}
		}
		if err != nil {
			return nil, err
		}
		return jobInfo(row), nil
	})
}

func (c *Client) editJob(ctx context.Context, tx store.Store, id ID, version int64, edits []JobEdit) (schema.Job, error) {
	look := tx.Job
	if c.callers { // whose snapshot may be old
		look = tx.LockJob
	}
	read, found, err := look(ctx, int64(id))
	switch {
	case err != nil:
		return read, err
	case !found:
		return read, notFound(KindJob, id)
	case read.Version != version:
		return read, &VersionConflictError{Kind: KindJob, ID: id, Given: version, Current: read.Version}
	}
	row := read
	for _, e := range edits {
		if err := e.editJob(&row); err != nil {
			return row, err
		}
	}
	if err := checkJob(read, row); err != nil {
		return row, err
	}
	return c.writeJob(ctx, tx, row)
}

// writeJob writes an edit of a job whose row holds the version that was read.
func (c *Client) writeJob(ctx context.Context, tx store.Store, row schema.Job) (schema.Job, error) {
	c.computed()
	n, err := tx.UpdateJob(ctx, row, c.writer(ctx))
	if err != nil {
		return row, err
	}
	edited, found, err := tx.Job(ctx, row.ID)
	switch {
	case err != nil:
		return row, err
	case !found:
		return row, notFound(KindJob, ID(row.ID))
	case n == 0:
		return row, &VersionConflictError{Kind: KindJob, ID: ID(row.ID), Given: row.Version, Current: edited.Version}
	}
	return edited, nil
}

// PauseJob pauses a job: none of its executes is claimed afterwards, whatever
// their states, which stay as they are. Pausing a paused job changes nothing.
func (c *Client) PauseJob(ctx context.Context, id ID) (*JobInfo, error) {
	return c.jobState(ctx, "pause job", id, func(ctx context.Context, tx store.Store, row schema.Job) (schema.Job, error) {
		return c.setJobState(ctx, tx, row, schema.Paused)
	})
}

// ResumeJob enables a job that is in PAUSED or INIT; its executes go on in the
// states that they have. COMPLETE and ERROR on a job sum up its executes and
// stop nothing, so there it changes nothing, as on a job that is EXECUTING.
func (c *Client) ResumeJob(ctx context.Context, id ID) (*JobInfo, error) {
	return c.jobState(ctx, "resume job", id, c.resumeJob)
}

func (c *Client) resumeJob(ctx context.Context, tx store.Store, row schema.Job) (schema.Job, error) {
	if row.State != schema.Paused && row.State != schema.Init {
		return row, nil
	}
	row, err := c.setJobState(ctx, tx, row, schema.Executing)
	if err != nil {
		return row, err
	}
	return row, c.tell(ctx, tx, row.Application, schema.HintShards)
}

// jobChange changes a job that is locked.
type jobChange func(ctx context.Context, tx store.Store, row schema.Job) (schema.Job, error)

func (c *Client) jobState(ctx context.Context, call string, id ID, change jobChange) (*JobInfo, error) {
	return get(ctx, c, call, func(ctx context.Context) (*JobInfo, error) {
		var row schema.Job
		err := c.withJob(ctx, id, func(tx store.Store, read schema.Job) (err error) {
			row, err = change(ctx, tx, read)
			return err
		})
		if err != nil {
			return nil, err
		}
		return jobInfo(row), nil
	})
}

// withJob runs fn in a transaction with the job locked.
func (c *Client) withJob(ctx context.Context, id ID, fn func(tx store.Store, row schema.Job) error) error {
	if err := id.check("id"); err != nil {
		return err
	}
	return c.atomic(ctx, func(tx store.Store) error {
		row, found, err := tx.LockJob(ctx, int64(id))
		if err != nil {
			return err
		}
		if !found {
			return notFound(KindJob, id)
		}
		return fn(tx, row)
	})
}

// setJobState expects the job locked.
func (c *Client) setJobState(ctx context.Context, tx store.Store, row schema.Job, to schema.State) (schema.Job, error) {
	if row.State == to {
		return row, nil
	}
	c.computed()
	n, err := tx.SetJobState(ctx, row, to, c.writer(ctx))
	if err == nil && n == 0 {
		err = ErrContended
	}
	if err != nil {
		return row, err
	}
	changed, _, err := tx.Job(ctx, row.ID)
	return changed, err
}

// DeleteJob deletes a job that has no executes; one that has is refused with a
// *StateConflictError.
func (c *Client) DeleteJob(ctx context.Context, id ID) error {
	return c.call(ctx, "delete job", func(ctx context.Context) error {
		return c.withJob(ctx, id, func(tx store.Store, row schema.Job) error {
			has, err := tx.HasExecutes(ctx, row.ID)
			if err != nil {
				return err
			}
			if has {
				return &StateConflictError{
					Kind: KindJob, Key: id.String(), State: string(row.State),
					Reason: "it has executes: delete them first, or call DeleteJobWithExecutes",
				}
			}
			c.computed()
			if err := tx.DeleteChildren(ctx, row.ID); err != nil { // of executes that are gone
				return err
			}
			_, err = tx.DeleteJob(ctx, row.ID)
			return err
		})
	})
}
