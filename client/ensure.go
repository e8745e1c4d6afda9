package client

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/quartz-cluster/quartz/client/internal/store"
	"github.com/quartz-cluster/quartz/internal/sqldb"
	"github.com/quartz-cluster/quartz/schema"
)

// Declaration is a job and its executes as a program wants them to be. Their
// names are what they are found by, so all have one.
type Declaration struct {
	Job      Job
	Executes []Execute
}

// Change is what Ensure or Apply did to a row.
type Change string

// The changes.
const (
	Created   Change = "created"
	Updated   Change = "updated"
	Unchanged Change = "unchanged"
	Deleted   Change = "deleted" // by Apply alone
)

// Ensured is what a declaration has come to.
type Ensured struct {
	Job       *JobInfo         `json:"job"`
	JobChange Change           `json:"jobChange"`
	Executes  []EnsuredExecute `json:"executes"` // in the order of the declaration
}

// EnsuredExecute is an execute of a declaration.
type EnsuredExecute struct {
	*ExecuteInfo
	Change Change `json:"change"`
}

// Ensure makes a job and its executes what the declaration says, and adds the
// app if it is not there. It is for programs that declare their schedules when
// they start: any number of replicas may call it at once, and leave one job with
// one execute of each name.
//
// What is there already keeps its state, so an operator's pause survives, and
// Paused counts only for what is added. A schedule that has not changed keeps
// its next fire and its count; a start that is not given is any. Now in
// particular fires when it is added and not again, as long as its row is there.
// Executes that are not declared are left alone.
//
// The job and what is new below it are added in one transaction; after that,
// what has changed is edited one by one, so that a call that failed is completed
// by the next. In the caller's transaction the app must be there.
func (c *Client) Ensure(ctx context.Context, d Declaration) (*Ensured, error) {
	return get(ctx, c, "ensure", func(ctx context.Context) (*Ensured, error) {
		want, err := d.check(c.actor(ctx))
		if err != nil {
			return nil, err
		}
		if !c.callers {
			if _, err := c.ensureApp(ctx, d.Job.App); err != nil {
				return nil, err
			}
		}
		for range contention {
			out, err := c.tryEnsure(ctx, want)
			var version *VersionConflictError
			if sqldb.Duplicate(err) || errors.Is(err, ErrContended) || errors.As(err, &version) {
				continue // another replica, or a user, came in between: look again
			}
			return out, err
		}
		return nil, ErrContended
	})
}

// declared is a declaration that was checked.
type declared struct {
	job   schema.Job
	plans []plan
}

func (d Declaration) check(actor string) (declared, error) {
	row, err := d.Job.row(actor)
	if err != nil {
		return declared{}, within("job", err)
	}
	if row.Name == "" {
		return declared{}, invalid("job.name", "", "must not be empty: it is what the job is found by")
	}
	plans, err := plansOf(d.Executes)
	if err != nil {
		return declared{}, err
	}
	for i, p := range plans {
		if p.row.Name == "" {
			return declared{}, invalid(placeOf(i)+".name", "", "must not be empty: it is what the execute is found by")
		}
	}
	return declared{row, plans}, nil
}

func (c *Client) tryEnsure(ctx context.Context, want declared) (*Ensured, error) {
	job, found, err := c.db.JobByName(ctx, want.job.Application, want.job.Name)
	if err != nil {
		return nil, err
	}
	there := map[string]schema.Execute{}
	if found {
		if there, err = c.db.NamedExecutes(ctx, job.ID); err != nil {
			return nil, err
		}
	}
	missing, err := c.missing(ctx, want, there)
	if err != nil {
		return nil, err
	}

	out := &Ensured{Executes: make([]EnsuredExecute, len(want.plans))}
	if found {
		job, out.JobChange, err = c.ensureJob(ctx, job, want.job, missing)
	} else {
		job, out.JobChange, err = c.createJob(ctx, want.job, missing)
	}
	if err != nil {
		return nil, err
	}
	added := map[string]schema.Execute{}
	for _, row := range missing {
		added[row.Name] = row
	}
	for i, p := range want.plans {
		if row, ok := added[p.row.Name]; ok {
			out.Executes[i] = EnsuredExecute{executeInfo(row), Created}
			continue
		}
		row, change, err := c.ensureExecute(ctx, there[p.row.Name], p)
		if err != nil {
			return nil, within(placeOf(i), err)
		}
		out.Executes[i] = EnsuredExecute{executeInfo(row), change}
	}
	if job, _, err = c.db.Job(ctx, job.ID); err != nil {
		return nil, err
	}
	out.Job = jobInfo(job)
	return out, nil
}

// missing returns the rows that are to be added, and finds out before anything
// is written whether every schedule has something to fire.
func (c *Client) missing(ctx context.Context, want declared, there map[string]schema.Execute) ([]schema.Execute, error) {
	now, err := c.db.Now(ctx)
	if err != nil {
		return nil, err
	}
	var rows []schema.Execute
	for i, p := range want.plans {
		if row, ok := there[p.row.Name]; ok {
			if !p.columns.same(columnsOf(row)) {
				_, err = p.columns.place(now.UnixMilli(), row.HighTime)
			}
		} else {
			var row schema.Execute
			row, err = c.placed(ctx, p, now)
			rows = append(rows, row)
		}
		if err != nil {
			return nil, within(placeOf(i), err)
		}
	}
	return rows, nil
}

func (c *Client) createJob(ctx context.Context, want schema.Job, executes []schema.Execute) (schema.Job, Change, error) {
	rows := []schema.Job{want}
	err := c.atomic(ctx, func(tx store.Store) error {
		if err := c.writeJobs(ctx, tx, rows); err != nil {
			return err
		}
		return c.writeExecutes(ctx, tx, ID(rows[0].ID), executes)
	})
	return rows[0], Created, err
}

// ensureJob updates a job that is there and adds executes below it.
func (c *Client) ensureJob(ctx context.Context, seen, want schema.Job, executes []schema.Execute) (schema.Job, Change, error) {
	change := Unchanged
	differs := seen.Class != want.Class || seen.Data != want.Data || seen.Description != want.Description
	if !differs && len(executes) == 0 {
		return seen, change, nil
	}
	err := c.atomic(ctx, func(tx store.Store) error {
		row, found, err := tx.LockJob(ctx, seen.ID)
		switch {
		case err != nil:
			return err
		case !found || row.Version != seen.Version:
			return ErrContended
		}
		if differs {
			row.Class, row.Data, row.Description = want.Class, want.Data, want.Description
			if _, err := c.writeJob(ctx, tx, row); err != nil {
				return err
			}
			change = Updated
		}
		if len(executes) == 0 {
			return nil
		}
		return c.writeExecutes(ctx, tx, ID(seen.ID), executes)
	})
	return seen, change, err
}

// ensureExecute edits an execute where it differs from the plan.
func (c *Client) ensureExecute(ctx context.Context, row schema.Execute, p plan) (schema.Execute, Change, error) {
	var edits []ExecuteEdit
	if !p.columns.same(columnsOf(row)) {
		edits = append(edits, setColumns{p.columns})
	}
	if row.Data != p.row.Data {
		edits = append(edits, SetData(json.RawMessage(p.row.Data)))
	}
	if !p.policies.same(policiesOf(row)) {
		edits = append(edits, SetPolicies(p.policies))
	}
	if len(edits) == 0 {
		return row, Unchanged, nil
	}
	edited, err := c.editInRounds(ctx, ID(row.ID), row.Version, edits)
	if errors.Is(err, ErrNotFound) {
		err = ErrContended // deleted meanwhile: to be added again
	}
	return edited, Updated, err
}

// setColumns is SetSchedule with a schedule that was checked already.
type setColumns struct{ columns columns }

func (e setColumns) editExecute(p *plan) error {
	p.columns, p.scheduled = e.columns, true
	return nil
}
