package client

import (
	"context"
	"fmt"
	"time"

	"github.com/quartz-cluster/quartz/client/internal/store"
	"github.com/quartz-cluster/quartz/internal/sqldb"
	"github.com/quartz-cluster/quartz/schema"
)

// AddExecute adds an execute to a job. It is refused, with a *FieldError, when
// its schedule would never fire. Instants between a start in the past and now
// are counted as skipped.
//
// Under a job whose executes had all ended, it makes the job EXECUTING again.
func (c *Client) AddExecute(ctx context.Context, job ID, schedule Schedule, options ...ExecuteOption) (*ExecuteInfo, error) {
	e := Execute{Schedule: schedule}
	for _, option := range options {
		option(&e)
	}
	return get(ctx, c, "add execute", func(ctx context.Context) (*ExecuteInfo, error) {
		if err := job.check("job"); err != nil {
			return nil, err
		}
		p, err := e.plan()
		if err != nil {
			return nil, err
		}
		rows, err := c.addPlans(ctx, job, []plan{p}, func(_ int, err error) error { return err })
		if err != nil {
			return nil, err
		}
		return executeInfo(rows[0]), nil
	})
}

// AddExecutes adds up to 1,000 executes to a job, all or none: the first that
// cannot be added ends the call, and a *FieldError names its place,
// executes[3].cron. The results are in the order of the executes.
func (c *Client) AddExecutes(ctx context.Context, job ID, executes []Execute) ([]*ExecuteInfo, error) {
	return get(ctx, c, "add executes", func(ctx context.Context) ([]*ExecuteInfo, error) {
		if err := job.check("job"); err != nil {
			return nil, err
		}
		plans, err := plansOf(executes)
		if err != nil {
			return nil, err
		}
		rows, err := c.addPlans(ctx, job, plans, func(i int, err error) error { return within(placeOf(i), err) })
		return infos(rows, executeInfo), err
	})
}

func placeOf(i int) string { return fmt.Sprintf("executes[%d]", i) }

func plansOf(executes []Execute) ([]plan, error) {
	if len(executes) > MaxBatch {
		return nil, invalid("executes", len(executes), fmt.Sprintf("at most %d are added by one call", MaxBatch))
	}
	plans := make([]plan, len(executes))
	taken := map[string]bool{}
	for i, e := range executes {
		p, err := e.plan()
		if err != nil {
			return nil, within(placeOf(i), err)
		}
		if e.Name != "" && taken[e.Name] {
			return nil, within(placeOf(i), invalid("name", e.Name, "is the name of another execute in this call"))
		}
		plans[i], taken[e.Name] = p, true
	}
	return plans, nil
}

// addPlans places the schedules, then adds the rows in one transaction. Counting
// what a start in the past passes over may take long, so it comes before.
func (c *Client) addPlans(ctx context.Context, job ID, plans []plan, place func(int, error) error) ([]schema.Execute, error) {
	if len(plans) == 0 {
		_, err := c.readJob(ctx, c.db, job)
		return nil, err
	}
	now, err := c.db.Now(ctx)
	if err != nil {
		return nil, err
	}
	rows := make([]schema.Execute, len(plans))
	for i, p := range plans {
		if rows[i], err = c.placed(ctx, p, now); err != nil {
			return nil, place(i, err)
		}
	}
	for range contention {
		err = c.atomic(ctx, func(tx store.Store) error { return c.writeExecutes(ctx, tx, job, rows) })
		if !sqldb.Duplicate(err) {
			return rows, err
		}
		// Either a name is taken, or an id is: then others are made.
		for _, row := range rows {
			if row.Name == "" {
				continue
			}
			_, found, err := c.db.ExecuteByName(ctx, int64(job), row.Name)
			if err != nil {
				return nil, err
			}
			if found {
				return nil, &AlreadyExistsError{Kind: KindExecute, Key: row.Name, Of: "job " + job.String()}
			}
		}
	}
	return nil, err
}

// placed completes the row of a plan with everything but its job and its id.
func (c *Client) placed(ctx context.Context, p plan, now time.Time) (schema.Execute, error) {
	at, err := p.columns.place(now.UnixMilli(), 0)
	if err != nil {
		return schema.Execute{}, err
	}
	row := p.row
	if row.SkipCount, err = at.passed(ctx, now.UnixMilli()); err != nil {
		return schema.Execute{}, err
	}
	cols := p.columns
	cols.start = at.start
	cols.write(&row)
	by := c.writer(ctx)
	row.NextFireTime, row.PrevFireTime, row.Trace = at.next, -1, c.trace(ctx)
	row.HostIP, row.HostName, row.UpdatedBy, row.UpdateTime = by.HostIP, by.HostName, by.Actor, now.UnixMilli()
	return row, nil
}

// writeExecutes adds the rows under new ids below a job that stays.
func (c *Client) writeExecutes(ctx context.Context, tx store.Store, job ID, rows []schema.Execute) error {
	parent, found, err := tx.JobStays(ctx, int64(job))
	if err != nil {
		return err
	}
	if !found {
		return notFound(KindJob, job)
	}
	c.computed()
	active, hint := c.under(parent, rows)
	if err := tx.InsertExecutes(ctx, rows...); err != nil {
		return err
	}
	if !active {
		return nil
	}
	if err := wake(ctx, tx, parent); err != nil {
		return err
	}
	return c.tell(ctx, tx, parent.Application, hint)
}

// under gives rows new ids below a job, and reports whether one of them is enabled
// and what there is to tell the nodes.
func (c *Client) under(job schema.Job, rows []schema.Execute) (active bool, hint schema.Hint) {
	for i := range rows {
		id := c.newID()
		rows[i].ID, rows[i].PID, rows[i].Application, rows[i].Shard = id, job.ID, job.Application, schema.PlaceOf(id, rows[i].RunOn)
		active = active || rows[i].State == schema.Executing
		hint |= c.due(rows[i], rows[i].UpdateTime)
	}
	return active, hint
}

// wake makes a job whose summary says that all is over EXECUTING again. Whoever
// changed the state meanwhile has the last word.
func wake(ctx context.Context, tx store.Store, job schema.Job) error {
	if job.State != schema.Complete && job.State != schema.Error {
		return nil
	}
	_, err := tx.WakeJob(ctx, job.ID, job.State)
	return err
}
