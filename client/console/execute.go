package console

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/schema"
)

// executeOut is an execute, and its schedule in words.
type executeOut struct {
	*client.ExecuteInfo

	Explanation string `json:"explanation"` // empty where the schedule is wrong
}

func explained(e *client.ExecuteInfo) executeOut {
	schedule := e.Schedule
	if schedule.Start.Before(time.Now()) { // which every row has
		schedule.Start = time.Time{}
	}
	words, err := client.Explain(schedule)
	if err != nil {
		words = ""
	}
	return executeOut{e, words}
}

func explainedAll(executes []*client.ExecuteInfo) []executeOut {
	out := make([]executeOut, len(executes))
	for i, e := range executes {
		out[i] = explained(e)
	}
	return out
}

func executeResult(e *client.ExecuteInfo, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return explained(e), nil
}

// executesOut is a page of executes.
type executesOut struct {
	items[executeOut]

	Next string `json:"next,omitempty"`
}

func pageOut(page *client.Page[client.ExecuteInfo]) executesOut {
	return executesOut{items[executeOut]{explainedAll(page.Items)}, page.Next}
}

// jobOut is what a list of executes says about their jobs.
type jobOut struct {
	Name  string       `json:"name,omitempty"`
	Class string       `json:"class"`
	State schema.State `json:"state"`
}

func (c *console) listExecutes(ctx context.Context, p *params) (any, error) {
	filter := client.ExecuteFilter{
		PageOptions: p.page(), App: p.text("app"), Job: p.id("job"), States: p.states("state"), Class: p.text("class"),
		NamePrefix: p.text("namePrefix"), Text: p.text("text"), Failing: p.flag("failing"), Overdue: p.duration("overdue"),
		DueBefore: p.time("dueBefore"), Origin: p.id("origin"), Sort: client.Sort(p.text("sort")),
	}
	if err := p.done(); err != nil {
		return nil, err
	}
	page, err := c.client.ListExecutes(ctx, filter)
	if err != nil {
		return nil, err
	}
	jobs, err := c.jobsOf(ctx, page.Items)
	return struct {
		executesOut

		Jobs map[client.ID]jobOut `json:"jobs"`
	}{pageOut(page), jobs}, err
}

func (c *console) jobsOf(ctx context.Context, executes []*client.ExecuteInfo) (map[client.ID]jobOut, error) {
	out := map[client.ID]jobOut{}
	filter := client.JobFilter{PageOptions: client.PageOptions{Limit: MaxPage}}
	for _, e := range executes {
		if !slices.Contains(filter.IDs, e.JobID) {
			filter.IDs = append(filter.IDs, e.JobID)
		}
	}
	if len(filter.IDs) == 0 {
		return out, nil
	}
	page, err := c.client.ListJobs(ctx, filter)
	if err != nil {
		return nil, err
	}
	for _, job := range page.Items {
		out[job.ID] = jobOut{job.Name, job.Class, job.State}
	}
	return out, nil
}

// maxInstants is how many instants of a schedule an answer holds at most.
const maxInstants = 100

func (c *console) getExecute(ctx context.Context, p *params) (any, error) {
	id, n := p.id("id"), p.number("n", 0, maxInstants, 10)
	if err := p.done(); err != nil {
		return nil, err
	}
	execute, job, err := c.client.GetExecuteWithJob(ctx, id)
	if err != nil {
		return nil, err
	}
	next := []time.Time{}
	if n > 0 && !execute.NextFire.IsZero() {
		after := execute.NextFire.Add(-time.Millisecond)
		if now := time.Now(); execute.State != schema.Executing && after.Before(now) {
			after = now // what it has missed in a pause is nothing to come
		}
		// A schedule that is wrong has no instants; the execute says so itself.
		if times, err := client.Preview(execute.Schedule, after, n); err == nil {
			next = append(next, times...)
		}
	}
	return struct {
		Execute executeOut      `json:"execute"`
		Job     *client.JobInfo `json:"job"`
		Next    []time.Time     `json:"next"`
	}{explained(execute), job, next}, nil
}

type addExecuteIn struct {
	Job      client.ID       `json:"job"`
	Name     string          `json:"name"`
	Schedule scheduleIn      `json:"schedule"`
	Data     json.RawMessage `json:"data"`
	Paused   bool            `json:"paused"`
	Policies client.Policies `json:"policies"`
}

func (in addExecuteIn) subject() string { return "of job " + in.Job.String() }

func (c *console) addExecute(ctx context.Context, in addExecuteIn) (any, error) {
	schedule, err := in.Schedule.schedule()
	if err != nil {
		return nil, err
	}
	return executeResult(c.client.AddExecute(ctx, in.Job, schedule, func(e *client.Execute) {
		e.Name, e.Data, e.Paused, e.Policies = in.Name, in.Data, in.Paused, in.Policies
	}))
}

type editExecuteIn struct {
	versionIn

	Name     *string          `json:"name"`
	Schedule *scheduleIn      `json:"schedule"`
	Data     json.RawMessage  `json:"data"` // null takes it away
	Policies *client.Policies `json:"policies"`
}

func (c *console) editExecute(ctx context.Context, in editExecuteIn) (any, error) {
	var edits []client.ExecuteEdit
	if in.Name != nil {
		edits = append(edits, client.SetName(*in.Name))
	}
	if in.Schedule != nil {
		schedule, err := in.Schedule.schedule()
		if err != nil {
			return nil, err
		}
		edits = append(edits, client.SetSchedule(schedule))
	}
	if in.Data != nil {
		edits = append(edits, client.SetData(in.Data))
	}
	if in.Policies != nil {
		edits = append(edits, client.SetPolicies(*in.Policies))
	}
	return executeResult(c.client.UpdateExecute(ctx, in.ID, in.from(), edits...))
}

// execute is a change of an execute that needs nothing but its id.
func execute(change func(context.Context, client.ID) (*client.ExecuteInfo, error)) func(context.Context, idIn) (any, error) {
	return func(ctx context.Context, in idIn) (any, error) { return executeResult(change(ctx, in.ID)) }
}

func (c *console) deleteExecute(ctx context.Context, in idIn) (any, error) {
	return done{}, c.client.DeleteExecute(ctx, in.ID)
}

// executeFilterIn says which executes a bulk change is for.
type executeFilterIn struct {
	jobFilterIn

	Job       client.ID `json:"job"`
	Failing   bool      `json:"failing"`
	Overdue   string    `json:"overdue"`
	DueBefore string    `json:"dueBefore"`
}

// bulkExecutes is a change of all executes that a filter finds.
func bulkExecutes(change func(context.Context, client.ExecuteFilter) (*client.Bulk, error)) func(context.Context, executeFilterIn) (any, error) {
	return func(ctx context.Context, in executeFilterIn) (any, error) {
		if err := in.check(); err != nil {
			return nil, err
		}
		p := params{given: map[string][]string{"overdue": {in.Overdue}, "dueBefore": {in.DueBefore}}}
		filter := client.ExecuteFilter{
			PageOptions: client.PageOptions{Cursor: in.Cursor},
			App:         in.App, Job: in.Job, IDs: in.IDs, States: in.States, Class: in.Class, NamePrefix: in.NamePrefix, Text: in.Text,
			Failing: in.Failing, Overdue: p.duration("overdue"), DueBefore: p.time("dueBefore"),
		}
		if p.err != nil {
			return nil, p.err
		}
		return bulkResult(change(ctx, filter))
	}
}
