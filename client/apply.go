package client

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/quartz-cluster/quartz/client/internal/store"
	"github.com/quartz-cluster/quartz/internal/sqldb"
	"github.com/quartz-cluster/quartz/schema"
)

// Apply makes the jobs of an app and their executes what a document says, adds the
// app if it is not there, and returns what it has changed. It is for schedules that
// are kept under version control, and are applied whenever they change, or just to
// be sure: what is as the document says is not written, so that a second call
// changes nothing.
//
// What is there keeps its state unless the document gives one, so an operator's
// pause survives. An execute whose schedule has not changed keeps its next fire and
// its counts; a start that is not given is any. What the document does not name is
// left alone, unless options say otherwise. An execute that is not there and would
// have nothing left to fire is not added: its row went when it was over.
//
// What is wrong with the document is a *[DocumentError] that tells all of it, and
// nothing is written. After that, up to 100 jobs with 1,000 executes are added in one
// transaction, and what is there is edited one by one; the client's CallTimeout is
// for each. A call that fails on the way returns what it had changed with the error,
// and is completed by the next. What was done is told in one event of the app.
//
// It is refused in the caller's transaction.
func (c *Client) Apply(ctx context.Context, doc Document, options ApplyOptions) (_ *Diff, err error) {
	ctx, end := c.begin(ctx, "apply")
	defer func() { end(err) }()
	if err := c.ownOnly(); err != nil {
		return nil, explained("apply", err)
	}
	w, err := doc.want(options)
	if err != nil {
		return nil, explained("apply", err)
	}
	found, err := c.compare(ctx, w)
	if err != nil {
		return nil, err
	}
	if found.diff.Empty() {
		return found.diff, nil
	}
	out := &Diff{App: w.app, Changes: []DocumentChange{}, Unchanged: found.diff.Unchanged, Over: found.diff.Over}
	err = c.apply(ctx, w.app, found, out)
	if len(out.Changes) > 0 {
		err = errors.Join(err, c.tellApplied(ctx, out))
	}
	return out, err
}

// step is a part of what a document changes that is done in one transaction, or in
// one for each row.
type step struct {
	changes []DocumentChange
	do      func(ctx context.Context) error
}

func (c *Client) apply(ctx context.Context, app string, found *compared, out *Diff) error {
	if found.fresh {
		err := c.call(ctx, "apply", func(ctx context.Context) error { _, err := c.ensureApp(ctx, app); return err })
		if err != nil {
			return err
		}
		out.Changes = append(out.Changes, DocumentChange{Kind: KindApp, Change: Created})
	}
	for _, some := range found.parts {
		if err := c.applyPart(ctx, some, out); err != nil {
			return err
		}
	}
	done, err := c.take(ctx, found.prune, out)
	if err == nil && !done {
		return explained("apply", ErrContended)
	}
	return err
}

// applyPart compares a part of the document anew, with what is there now, and for as
// long as others change something on the way.
func (c *Client) applyPart(ctx context.Context, w wanted, out *Diff) error {
	for range contention {
		p, err := c.comparePart(ctx, w)
		if err != nil {
			return err
		}
		if err := documentError(p.mistakes); err != nil {
			return explained("apply", err)
		}
		if done, err := c.take(ctx, p.steps, out); err != nil || done {
			return err
		}
	}
	return explained("apply", ErrContended)
}

// take takes steps until one of them meets somebody else's.
func (c *Client) take(ctx context.Context, steps []step, out *Diff) (done bool, err error) {
	c.computed()
	for _, s := range steps {
		err := c.call(ctx, "apply", s.do)
		var version *VersionConflictError
		if sqldb.Duplicate(err) || errors.Is(err, ErrContended) || errors.Is(err, ErrNotFound) || errors.As(err, &version) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		out.Changes = append(out.Changes, s.changes...)
	}
	return true, nil
}

// tellApplied writes down what was done, also when the call failed on the way.
func (c *Client) tellApplied(ctx context.Context, d *Diff) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), withdrawal)
	defer cancel()
	n := map[Change]int{}
	for _, change := range d.Changes {
		n[change.Change]++
	}
	event := schema.AppEvent{Kind: schema.EventBulk, By: c.actor(ctx), Text: fmt.Sprintf(
		"document applied: %d created, %d updated, %d deleted", n[Created], n[Updated], n[Deleted])}
	err := c.withApp(ctx, d.App, func(tx store.Store, on schema.App, now int64) error {
		_, err := tx.AddEvent(ctx, on, now, event)
		return err
	})
	return err
}

// created are the changes that add executes below a job.
func created(job schema.Job, rows []schema.Execute) []DocumentChange {
	changes := make([]DocumentChange, len(rows))
	for i, row := range rows {
		changes[i] = DocumentChange{Kind: KindExecute, Job: documentName(job.Name, job.ID), Execute: row.Name, Change: Created}
	}
	return changes
}

// createStep adds jobs with their executes.
func (c *Client) createStep(a additions) step {
	var changes []DocumentChange
	for i, job := range a.jobs {
		changes = append(changes, DocumentChange{Kind: KindJob, Job: job.Name, Change: Created})
		changes = append(changes, created(job, a.below[i])...)
	}
	return step{changes, func(ctx context.Context) error {
		return c.atomic(ctx, func(tx store.Store) error {
			if err := c.writeJobs(ctx, tx, a.jobs); err != nil {
				return err
			}
			var hint schema.Hint
			for i, job := range a.jobs {
				_, due := c.under(job, a.below[i])
				hint |= due
			}
			if err := tx.InsertExecutes(ctx, slices.Concat(a.below...)...); err != nil {
				return err
			}
			return c.tell(ctx, tx, a.jobs[0].Application, hint)
		})
	}}
}

// addStep adds executes below a job that is there by then.
func (c *Client) addStep(job *schema.Job, rows []schema.Execute) step {
	return step{created(*job, rows), func(ctx context.Context) error {
		return c.atomic(ctx, func(tx store.Store) error { return c.writeExecutes(ctx, tx, ID(job.ID), rows) })
	}}
}

// jobStep edits a job, and pauses or resumes it.
func (c *Client) jobStep(seen, to schema.Job, name string) step {
	change := DocumentChange{Kind: KindJob, Job: name, Change: Updated, Fields: fieldChanges(documentJob(seen), documentJob(to))}
	return step{[]DocumentChange{change}, func(ctx context.Context) error {
		return c.withJob(ctx, ID(seen.ID), func(tx store.Store, row schema.Job) (err error) {
			if row.Version != seen.Version {
				return ErrContended
			}
			if row.Class != to.Class || row.Data != to.Data || row.Description != to.Description || row.Name != to.Name {
				row.Class, row.Data, row.Description, row.Name = to.Class, to.Data, to.Description, to.Name
				if row, err = c.writeJob(ctx, tx, row); err != nil {
					return err
				}
			}
			if to.State == seen.State {
				return nil
			}
			if to.State == schema.Executing {
				_, err = c.resumeJob(ctx, tx, row)
			} else {
				_, err = c.setJobState(ctx, tx, row, to.State)
			}
			return err
		})
	}}
}

// setPaused pauses an execute by an edit that gives it another schedule.
type setPaused struct{}

func (setPaused) editExecute(p *plan) error { p.row.State = schema.Paused; return nil }

// executeChange is what becomes of an execute: it is paused before and resumed after
// an edit, or paused by the edit that gives it another schedule.
type executeChange struct {
	seen          schema.Execute
	edits         []ExecuteEdit
	pause, resume bool
	place         string
}

func (c *Client) changeExecute(ctx context.Context, change executeChange) error {
	at := change.seen
	if change.pause {
		info, err := c.changeState(ctx, "apply", ID(at.ID), guarded(at, c.pauseExecute))
		if err != nil {
			return err
		}
		at.Version, at.State = info.Version, info.State
	}
	if len(change.edits) > 0 {
		row, err := c.editInRounds(ctx, ID(at.ID), at.Version, change.edits)
		if err != nil {
			return within(change.place+".schedule", err)
		}
		at = row
	}
	if !change.resume {
		return nil
	}
	_, err := c.changeState(ctx, "apply", ID(at.ID), guarded(at, c.resume))
	var conflict *StateConflictError
	if errors.As(err, &conflict) {
		err = fmt.Errorf("%s.paused: %w", change.place, err)
	}
	return err
}

// guarded changes the state of an execute that nobody has edited since it was seen,
// nor has the engine changed its state.
func guarded(seen schema.Execute, change change) change {
	return func(ctx context.Context, tx store.Store, read schema.Execute, now int64) (schema.Execute, bool, error) {
		if read.Version != seen.Version || read.State != seen.State {
			return read, false, &VersionConflictError{Kind: KindExecute, ID: ID(seen.ID), Given: seen.Version, Current: read.Version}
		}
		return change(ctx, tx, read, now)
	}
}

// deleteStep deletes an execute.
func (c *Client) deleteStep(job string, row schema.Execute) step {
	change := DocumentChange{Kind: KindExecute, Job: job, Execute: documentName(row.Name, row.ID), Change: Deleted}
	return step{[]DocumentChange{change}, func(ctx context.Context) error {
		return c.atomic(ctx, func(tx store.Store) error { _, err := tx.DeleteExecute(ctx, row.ID); return err })
	}}
}
