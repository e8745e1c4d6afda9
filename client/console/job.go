package console

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/schema"
)

// idIn names a job or an execute.
type idIn struct {
	ID client.ID `json:"id"`
}

func (in idIn) subject() string { return in.ID.String() }

func (c *console) listJobs(ctx context.Context, p *params) (any, error) {
	filter := client.JobFilter{
		PageOptions: p.page(), App: p.text("app"), States: p.states("state"), Class: p.text("class"),
		NamePrefix: p.text("namePrefix"), Text: p.text("text"),
	}
	if err := p.done(); err != nil {
		return nil, err
	}
	return c.client.ListJobs(ctx, filter)
}

func (c *console) getJob(ctx context.Context, p *params) (any, error) {
	id := p.id("id")
	page := client.PageOptions{Limit: p.number("limit", 1, MaxPage, client.DefaultLimit)}
	if err := p.done(); err != nil {
		return nil, err
	}
	job, err := c.client.GetJob(ctx, id)
	if err != nil {
		return nil, err
	}
	executes, err := c.client.ListExecutes(ctx, client.ExecuteFilter{PageOptions: page, Job: id})
	if err != nil {
		return nil, err
	}
	return struct {
		Job      *client.JobInfo `json:"job"`
		Executes executesOut     `json:"executes"`
	}{job, pageOut(executes)}, nil
}

type addJobIn struct {
	appIn

	Class       string          `json:"class"`
	Name        string          `json:"name"`
	Description string          `json:"description"`
	Data        json.RawMessage `json:"data"`
	Paused      bool            `json:"paused"`
}

func (c *console) addJob(ctx context.Context, in addJobIn) (any, error) {
	return c.client.AddJob(ctx, client.Job{
		App: in.App, Class: in.Class, Name: in.Name, Description: in.Description, Data: in.Data, Paused: in.Paused,
	})
}

// versionIn names what is edited, and the version that the edit was made from.
type versionIn struct {
	idIn

	Version *int64 `json:"version"`
}

// from is the version; it must be given.
func (in versionIn) from() int64 {
	if in.Version == nil {
		return -1
	}
	return *in.Version
}

type editJobIn struct {
	versionIn

	Class       *string         `json:"class"`
	Name        *string         `json:"name"`
	Description *string         `json:"description"`
	Data        json.RawMessage `json:"data"` // null takes it away
}

func (c *console) editJob(ctx context.Context, in editJobIn) (any, error) {
	var edits []client.JobEdit
	if in.Class != nil {
		edits = append(edits, client.SetClass(*in.Class))
	}
	if in.Name != nil {
		edits = append(edits, client.SetName(*in.Name))
	}
	if in.Description != nil {
		edits = append(edits, client.SetDescription(*in.Description))
	}
	if in.Data != nil {
		edits = append(edits, client.SetData(in.Data))
	}
	return c.client.UpdateJob(ctx, in.ID, in.from(), edits...)
}

type withExecutesIn struct {
	idIn

	WithExecutes bool `json:"withExecutes"`
}

// cascade is a change of a job, or of a job and its executes.
func cascade(
	one func(context.Context, client.ID) (*client.JobInfo, error), all func(context.Context, client.ID) (*client.Cascade, error),
) func(context.Context, withExecutesIn) (any, error) {
	return func(ctx context.Context, in withExecutesIn) (any, error) {
		if in.WithExecutes {
			return all(ctx, in.ID)
		}
		job, err := one(ctx, in.ID)
		return client.Cascade{Job: job}, err
	}
}

func (c *console) deleteJob(ctx context.Context, in withExecutesIn) (any, error) {
	if !in.WithExecutes {
		return done{}, c.client.DeleteJob(ctx, in.ID)
	}
	n, err := c.client.DeleteJobWithExecutes(ctx, in.ID)
	return done{Deleted: n}, err
}

// jobFilterIn says which jobs a bulk change is for.
type jobFilterIn struct {
	App        string         `json:"app"`
	IDs        []client.ID    `json:"ids"`
	States     []schema.State `json:"states"`
	Class      string         `json:"class"`
	NamePrefix string         `json:"namePrefix"`
	Text       string         `json:"text"`
	Cursor     string         `json:"cursor"`
}

func (in jobFilterIn) subject() string {
	if len(in.IDs) > 0 {
		return fmt.Sprintf("%d of %s", len(in.IDs), in.App)
	}
	return "some of " + in.App
}

// check refuses a selection of nothing, which to the client is no selection.
func (in jobFilterIn) check() error {
	if in.IDs != nil && len(in.IDs) == 0 {
		return invalid("ids", "[]", "must name at least one, or be left out")
	}
	return nil
}

// bulkJobs is a change of all jobs that a filter finds.
func bulkJobs(change func(context.Context, client.JobFilter) (*client.Bulk, error)) func(context.Context, jobFilterIn) (any, error) {
	return func(ctx context.Context, in jobFilterIn) (any, error) {
		if err := in.check(); err != nil {
			return nil, err
		}
		return bulkResult(change(ctx, client.JobFilter{
			PageOptions: client.PageOptions{Cursor: in.Cursor},
			App:         in.App, IDs: in.IDs, States: in.States, Class: in.Class, NamePrefix: in.NamePrefix, Text: in.Text,
		}))
	}
}

func bulkResult(out *client.Bulk, err error) (any, error) {
	if out != nil {
		err = partly(err, out.Changed)
	}
	return out, err
}

type copyJobIn struct {
	idIn

	App    string  `json:"app"`
	Name   *string `json:"name"`
	Paused bool    `json:"paused"`
}

func (c *console) copyJob(ctx context.Context, in copyJobIn) (any, error) {
	var options []client.CopyOption
	if in.Name != nil {
		options = append(options, client.CopyAs(*in.Name))
	}
	if in.Paused {
		options = append(options, client.CopyPaused())
	}
	copied, err := c.client.CopyJob(ctx, in.ID, in.App, options...)
	if err != nil {
		return nil, err
	}
	return struct {
		Job      *client.JobInfo `json:"job"`
		Executes []executeOut    `json:"executes"`
	}{copied.Job, explainedAll(copied.Executes)}, nil
}
