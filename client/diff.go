package client

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"

	"github.com/quartz-cluster/quartz/client/internal/store"
	"github.com/quartz-cluster/quartz/schema"
)

// ApplyOptions say what a document is for.
type ApplyOptions struct {
	// App is the app that the document is compared with, or applied to.
	// Defaults to the app that the document names.
	App string
	// Prune deletes the jobs of the app that the document does not name, and the
	// executes of its jobs that it does not name. An execute that fires once and has
	// no name stays as long as its job does: documents never name it.
	Prune bool
}

// Diff is what a document changes in an app, or has changed.
type Diff struct {
	App string `json:"app"`
	// Changes are in the order of the document, deleted jobs last.
	Changes []DocumentChange `json:"changes"`
	// Unchanged is how many jobs and executes are as the document says.
	Unchanged int `json:"unchanged"`
	// Over are the places of executes that are not there, and would have nothing left
	// to fire if they were: they are not added.
	Over []string `json:"over,omitempty"`
}

// Empty reports whether nothing changes.
func (d *Diff) Empty() bool { return len(d.Changes) == 0 }

// DocumentChange is the change of one job or execute, or that the app is added.
type DocumentChange struct {
	Kind    Kind   `json:"kind"`
	Job     string `json:"job,omitempty"`
	Execute string `json:"execute,omitempty"`
	Change  Change `json:"change"`
	// Fields are what an update changes.
	Fields []FieldChange `json:"fields,omitempty"`
}

// FieldChange is a field of a document, such as schedule.cron, before and after.
// What it leaves out is "".
type FieldChange struct {
	Field string `json:"field"`
	Old   string `json:"old"`
	New   string `json:"new"`
}

// Diff tells what [Client.Apply] would change, and writes nothing. What is wrong with
// the document is a *[DocumentError] that tells all of it.
//
// It reads page by page; the client's CallTimeout is for each.
func (c *Client) Diff(ctx context.Context, doc Document, options ApplyOptions) (_ *Diff, err error) {
	ctx, end := c.begin(ctx, "diff")
	defer func() { end(err) }()
	w, err := doc.want(options)
	if err != nil {
		return nil, explained("diff", err)
	}
	found, err := c.compare(ctx, w)
	if err != nil {
		return nil, err
	}
	return found.diff, nil
}

// wanted is a document that was checked, and what it is for.
type wanted struct {
	app   string
	prune bool
	jobs  []wantedJob
}

func (d Document) want(options ApplyOptions) (wanted, error) {
	app := options.App
	if app == "" {
		app = d.App
	}
	jobs, mistakes := d.check(app, nil)
	if options.Prune && len(jobs) == 0 {
		mistakes = append(mistakes, &FieldError{Field: "jobs", Value: "", Reason: "must name a job: with Prune, an empty document would delete them all"})
	}
	return wanted{app, options.Prune, jobs}, documentError(mistakes)
}

// compared is what a document changes, and how.
type compared struct {
	diff  *Diff
	fresh bool     // there is no such app yet
	parts []wanted // those parts of the document that change something
	prune []step
}

// compare compares the whole of a document.
func (c *Client) compare(ctx context.Context, w wanted) (*compared, error) {
	out := &compared{diff: &Diff{App: w.app, Changes: []DocumentChange{}}}
	err := c.call(ctx, "diff", func(ctx context.Context) error {
		_, found, err := c.db.App(ctx, w.app)
		if out.fresh = err == nil && !found; out.fresh {
			out.diff.Changes = append(out.diff.Changes, DocumentChange{Kind: KindApp, Change: Created})
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	var there []schema.Job
	if w.prune { // listed first: what others add meanwhile is not among them
		if there, err = c.jobsThere(ctx, w.app); err != nil {
			return nil, err
		}
	}
	var mistakes []*FieldError
	named := map[int64]bool{}
	for jobs := range slices.Chunk(w.jobs, documentPart) {
		some := wanted{w.app, w.prune, jobs}
		p, err := c.comparePart(ctx, some)
		if err != nil {
			return nil, err
		}
		out.diff.Unchanged += p.unchanged
		out.diff.Over = append(out.diff.Over, p.over...)
		mistakes = append(mistakes, p.mistakes...)
		for _, row := range p.seen {
			named[row.ID] = true
		}
		if len(p.steps) > 0 {
			out.parts = append(out.parts, some)
		}
		out.diff.add(p.steps)
	}
	if err := documentError(mistakes); err != nil {
		return nil, explained("diff", err)
	}
	for _, row := range there {
		if !named[row.ID] {
			out.prune = append(out.prune, c.pruneStep(row))
		}
	}
	out.diff.add(out.prune)
	return out, nil
}

func (d *Diff) add(steps []step) {
	for _, s := range steps {
		d.Changes = append(d.Changes, s.changes...)
	}
}

// jobsThere lists the jobs of an app: of each what pruneStep needs.
func (c *Client) jobsThere(ctx context.Context, app string) ([]schema.Job, error) {
	var there []schema.Job
	filter := store.JobFilter{App: app}
	for {
		rows, err := get(ctx, c, "diff", func(ctx context.Context) ([]schema.Job, error) {
			return c.db.Jobs(ctx, filter, store.Span{Limit: store.Chunk})
		})
		if err != nil || len(rows) == 0 {
			return there, err
		}
		for _, row := range rows {
			there = append(there, schema.Job{ID: row.ID, Name: row.Name, Version: row.Version})
		}
		filter.After = rows[len(rows)-1].ID
	}
}

// pruneStep deletes a job that nobody has edited since it was seen: by another name it
// may be one that the document names.
func (c *Client) pruneStep(seen schema.Job) step {
	change := DocumentChange{Kind: KindJob, Job: documentName(seen.Name, seen.ID), Change: Deleted}
	return step{[]DocumentChange{change}, func(ctx context.Context) error {
		err := c.withJob(ctx, ID(seen.ID), func(tx store.Store, row schema.Job) error {
			if row.Version != seen.Version {
				return ErrContended
			}
			_, err := c.dropJob(ctx, tx, row.ID)
			return err
		})
		if errors.Is(err, ErrNotFound) {
			return nil
		}
		return err
	}}
}

// fieldChanges compares two jobs, or two executes, of documents field by field.
func fieldChanges(old, to any) []FieldChange {
	before, after := documentFields(old), documentFields(to)
	fields := maps.Clone(before)
	maps.Copy(fields, after)
	var changes []FieldChange
	for _, field := range slices.Sorted(maps.Keys(fields)) {
		if before[field] != after[field] {
			changes = append(changes, FieldChange{field, before[field], after[field]})
		}
	}
	return changes
}

func documentFields(v any) map[string]string {
	fields := map[string]string{"paused": "false"}
	if text, err := json.Marshal(v); err == nil {
		flatten(fields, "", text)
	}
	return fields
}

func flatten(into map[string]string, place string, object json.RawMessage) {
	var fields map[string]json.RawMessage
	_ = json.Unmarshal(object, &fields) // it was just written
	for name, value := range fields {
		var text string
		switch {
		case name == "schedule":
			flatten(into, "schedule.", value)
		case name == "data" || json.Unmarshal(value, &text) != nil:
			into[place+name] = canonical(string(value))
		default:
			into[place+name] = text
		}
	}
}
