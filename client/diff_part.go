package client

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/quartz-cluster/quartz/schema"
)

// part is what a part of a document changes: at most documentPart jobs.
type part struct {
	now       time.Time
	seen      map[int]schema.Job // the jobs that are there, by their number in the part
	executes  map[int64][]schema.Execute
	steps     []step
	unchanged int
	over      []string
	mistakes  []*FieldError

	added additions
}

// additions are jobs that follow one another and are to be added at once, each with
// the executes below it.
type additions struct {
	jobs     []schema.Job
	below    [][]schema.Execute
	executes int
}

// comparePart compares a part of a document with what is there now.
func (c *Client) comparePart(ctx context.Context, w wanted) (*part, error) {
	return get(ctx, c, "diff", func(ctx context.Context) (p *part, err error) {
		p = &part{}
		if p.now, err = c.db.Now(ctx); err != nil {
			return nil, err
		}
		if p.seen, err = c.match(ctx, w); err != nil {
			return nil, err
		}
		if p.executes, err = c.schedules(ctx, slices.Collect(maps.Values(p.seen))); err != nil {
			return nil, err
		}
		for i, job := range w.jobs {
			row, found := p.seen[i]
			if row.Description != job.row.Description {
				p.mistakes = append(p.mistakes, wrongAt(job.place, checkText("description", job.row.Description, schema.MaxDescription))...)
			}
			if found {
				p.flush(c)
				err = c.compareJob(ctx, p, w.prune, row, job)
			} else {
				err = c.compareNew(ctx, p, job)
			}
			if err != nil {
				return nil, err
			}
		}
		p.flush(c)
		return p, nil
	})
}

// match finds the jobs of a part of a document.
func (c *Client) match(ctx context.Context, w wanted) (map[int]schema.Job, error) {
	var names []string
	var ids []int64
	for _, job := range w.jobs {
		for _, name := range []string{job.row.Name, job.previous} {
			if name == "" {
				continue
			}
			names = append(names, name)
			if id, ok := unnamedID(name); ok {
				ids = append(ids, id)
			}
		}
	}
	rows, err := c.db.JobsNamed(ctx, w.app, names)
	if err != nil {
		return nil, err
	}
	more, err := c.db.JobsUnnamed(ctx, w.app, ids)
	if err != nil {
		return nil, err
	}
	there := map[string]schema.Job{}
	for _, row := range append(more, rows...) { // a name goes before an id
		there[documentName(row.Name, row.ID)] = row
	}
	seen := map[int]schema.Job{}
	for i, job := range w.jobs {
		row, found := there[job.row.Name]
		if !found {
			row, found = there[job.previous]
		}
		if found {
			seen[i] = row
		}
	}
	return seen, nil
}

// compareNew is for a job that is not there.
func (c *Client) compareNew(ctx context.Context, p *part, job wantedJob) error {
	var rows []schema.Execute
	for _, e := range job.executes {
		row, left, err := c.fresh(ctx, p, e)
		if err != nil {
			return err
		}
		if left {
			rows = append(rows, row)
		}
	}
	if p.added.executes+len(rows) > MaxBatch {
		p.flush(c)
	}
	job.row.UpdatedBy = c.actor(ctx)
	p.added.jobs, p.added.below = append(p.added.jobs, job.row), append(p.added.below, rows[:min(len(rows), MaxBatch)])
	if p.added.executes += len(rows); len(rows) > MaxBatch {
		added := p.flush(c)
		for chunk := range slices.Chunk(rows[MaxBatch:], MaxBatch) {
			p.steps = append(p.steps, c.addStep(&added[len(added)-1], chunk))
		}
	}
	return nil
}

// flush makes a step of the jobs that are to be added, and returns them.
func (p *part) flush(c *Client) []schema.Job {
	added := p.added
	if p.added = (additions{}); len(added.jobs) > 0 {
		p.steps = append(p.steps, c.createStep(added))
	}
	return added.jobs
}

// fresh returns the row of an execute that is not there, unless it has nothing left
// to fire.
func (c *Client) fresh(ctx context.Context, p *part, e wantedExecute) (row schema.Execute, left bool, err error) {
	row, err = c.placed(ctx, e.plan, p.now)
	var over *FieldError
	if errors.As(err, &over) {
		p.over = append(p.over, e.place)
		return row, false, nil
	}
	return row, err == nil, err
}

// compareJob is for a job that is there.
func (c *Client) compareJob(ctx context.Context, p *part, prune bool, seen schema.Job, job wantedJob) error {
	to := seen
	to.Class, to.Description = job.row.Class, job.row.Description
	if !sameData(seen.Data, job.row.Data) {
		to.Data = job.row.Data
	}
	if documentName(seen.Name, seen.ID) != job.row.Name {
		to.Name = job.row.Name
	}
	to.State = wantedState(seen.State, job.paused, schema.Paused)

	there, kept := map[string]schema.Execute{}, map[int64]bool{}
	for _, row := range p.executes[seen.ID] {
		if name := documentName(row.Name, row.ID); row.Name != "" || there[name].Name == "" {
			there[name] = row
		}
	}
	var steps []step
	var rows []schema.Execute
	for _, e := range job.executes {
		row, found := there[e.plan.row.Name]
		if !found {
			row, found = there[e.previous]
		}
		if found {
			kept[row.ID] = true
			steps = append(steps, c.compareExecute(p, job.row.Name, row, e)...)
			continue
		}
		row, left, err := c.fresh(ctx, p, e)
		if err != nil {
			return err
		}
		if left {
			rows = append(rows, row)
		}
	}
	for chunk := range slices.Chunk(rows, MaxBatch) {
		steps = append(steps, c.addStep(&to, chunk))
	}
	if prune {
		for _, row := range p.executes[seen.ID] {
			if !kept[row.ID] {
				steps = append(steps, c.deleteStep(job.row.Name, row))
			}
		}
	}
	// What is below a job changes while it is paused, if it is so before or after.
	switch {
	case to == seen:
		p.unchanged++
	case to.State == schema.Executing && seen.State != to.State:
		steps = append(steps, c.jobStep(seen, to, job.row.Name))
	default:
		steps = append([]step{c.jobStep(seen, to, job.row.Name)}, steps...)
	}
	p.steps = append(p.steps, steps...)
	return nil
}

// compareExecute is for an execute that is there.
func (c *Client) compareExecute(p *part, job string, seen schema.Execute, e wantedExecute) []step {
	want, to := e.plan, seen
	change := executeChange{seen: seen, place: e.place}
	rescheduled, stopped := !want.columns.same(columnsOf(seen)), seen.State
	if rescheduled {
		if _, err := want.columns.place(p.now.UnixMilli(), seen.HighTime); err != nil {
			p.mistakes = append(p.mistakes, wrongAt(e.place+".schedule", err)...)
			return nil
		}
		change.edits = append(change.edits, setColumns{want.columns})
		if want.columns.start == 0 && (want.columns.jobType == schema.Cron || seen.StartTime > p.now.UnixMilli()) {
			want.columns.start = seen.StartTime // as the edit does
		}
		want.columns.write(&to)
	}
	if !sameData(seen.Data, want.row.Data) {
		change.edits, to.Data = append(change.edits, SetData(json.RawMessage(want.row.Data))), want.row.Data
	}
	if !want.policies.same(policiesOf(seen)) {
		change.edits = append(change.edits, SetPolicies(want.policies))
		want.policies.write(&to)
	}
	if documentName(seen.Name, seen.ID) != want.row.Name {
		change.edits, to.Name = append(change.edits, SetName(want.row.Name)), want.row.Name
	}
	if rescheduled || seen.State == schema.Executing {
		stopped = schema.Paused
	}
	to.State = wantedState(seen.State, e.paused, stopped)
	switch {
	case to.State == seen.State:
	case to.State == schema.Executing:
		change.resume = true
	case rescheduled:
		change.edits = append(change.edits, setPaused{})
	default:
		change.pause = true
	}
	if to.State == seen.State && len(change.edits) == 0 {
		p.unchanged++
		return nil
	}
	return []step{{
		changes: []DocumentChange{{
			Kind: KindExecute, Job: job, Execute: want.row.Name, Change: Updated,
			Fields: fieldChanges(documentExecute(seen), documentExecute(to)),
		}},
		do: func(ctx context.Context) error { return c.changeExecute(ctx, change) },
	}}
}

// wantedState is the state that a document wants: another one only if it says so.
// stopped is what a pause makes of a state that is none.
func wantedState(seen schema.State, paused *bool, stopped schema.State) schema.State {
	switch isPaused := pausedOf(seen) != nil; {
	case paused == nil || *paused == isPaused:
		return seen
	case isPaused:
		return schema.Executing
	default:
		return stopped
	}
}
