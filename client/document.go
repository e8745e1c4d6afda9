package client

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/quartz-cluster/quartz/client/internal/store"
	"github.com/quartz-cluster/quartz/schema"
)

// Document is the jobs of an app and their executes as a text under version control
// keeps them: what they are, without their ids, counts and next fires. As JSON:
//
//	{"app": "billing", "jobs": [
//	  {"name": "invoices", "class": "invoice.send", "data": {"to": "all"}, "executes": [
//	    {"name": "workdays", "schedule": {"cron": "0 0 8 ? * MON-FRI", "zone": "Europe/Berlin"}, "retryMax": 3, "retryDelay": "10s"}
//	  ]}
//	]}
//
// What is left out is what it would be of an [Execute] that leaves it out, except
// Paused and the start of a schedule: those are then left as they are.
//
// Jobs are found by their names, executes by their names below their job. One that
// has none goes by "unnamed-" and its id; where there is no row of that id, what is
// added gets this as its name.
type Document struct {
	App  string        `json:"app"`
	Jobs []DocumentJob `json:"jobs"`
}

// DocumentJob is a job of a [Document]. Its fields are those of a [Job].
type DocumentJob struct {
	Name string `json:"name"`
	// PreviousName finds the job as long as none has its Name, which it then gets.
	PreviousName string          `json:"previousName,omitempty"`
	Class        string          `json:"class"`
	Description  string          `json:"description,omitempty"`
	Data         json.RawMessage `json:"data,omitempty"`
	// Paused says whether the job is paused. Defaults to nil: as it is, and if it is
	// added, not.
	Paused   *bool             `json:"paused,omitempty"`
	Executes []DocumentExecute `json:"executes,omitempty"`
}

// DocumentExecute is an execute of a [Document]. Its fields are those of an
// [Execute]; in JSON all durations are texts such as "1m30s".
type DocumentExecute struct {
	Name string
	// PreviousName finds the execute as long as none has its Name, which it then
	// gets.
	PreviousName string
	// Schedule says when it fires. One that fires a number of times has a start, or
	// else it would begin again whenever its row is gone.
	Schedule Schedule
	Data     json.RawMessage
	// Paused says whether the execute is paused. Defaults to nil: as it is, and if
	// it is added, not. False takes nothing out of ERROR.
	Paused *bool

	Policies
}

// Export returns the jobs of an app and their executes, by name. What is paused is
// so in the document, too. An execute that fires once and has no name is a run that
// a program has asked for, and is left out. The start of a CRON schedule is left
// out once it has passed.
//
// It reads page by page; the client's CallTimeout is for each.
func (c *Client) Export(ctx context.Context, app string) (_ *Document, err error) {
	ctx, end := c.begin(ctx, "export")
	defer func() { end(err) }()
	if err := checkApp("app", app); err != nil {
		return nil, explained("export", err)
	}
	out, filter := &Document{App: app, Jobs: []DocumentJob{}}, store.JobFilter{App: app}
	for {
		jobs, err := get(ctx, c, "export", func(ctx context.Context) ([]DocumentJob, error) { return c.exportPage(ctx, &filter) })
		if err != nil {
			return nil, err
		}
		if len(jobs) == 0 {
			break
		}
		out.Jobs = append(out.Jobs, jobs...)
	}
	slices.SortFunc(out.Jobs, func(a, b DocumentJob) int { return cmp.Compare(a.Name, b.Name) })
	return out, nil
}

// documentPart is how many jobs are read, or added, at a time.
const documentPart = 100

// exportPage returns the next jobs, and moves the filter behind them.
func (c *Client) exportPage(ctx context.Context, filter *store.JobFilter) ([]DocumentJob, error) {
	_, now, found, err := c.db.AppNow(ctx, filter.App, false)
	if err == nil && !found {
		err = notFound(KindApp, filter.App)
	}
	if err != nil {
		return nil, err
	}
	rows, err := c.db.Jobs(ctx, *filter, store.Span{Limit: documentPart})
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	filter.After = rows[len(rows)-1].ID
	executes, err := c.schedules(ctx, rows)
	if err != nil {
		return nil, err
	}
	jobs := make([]DocumentJob, len(rows))
	for i, row := range rows {
		jobs[i] = documentJob(row)
		for _, e := range executes[row.ID] {
			if e.JobType == schema.Cron && e.StartTime <= now {
				e.StartTime = 0
			}
			jobs[i].Executes = append(jobs[i].Executes, documentExecute(e))
		}
		slices.SortFunc(jobs[i].Executes, func(a, b DocumentExecute) int { return cmp.Compare(a.Name, b.Name) })
	}
	return jobs, nil
}

// schedules returns the executes of jobs, by job.
func (c *Client) schedules(ctx context.Context, jobs []schema.Job) (map[int64][]schema.Execute, error) {
	ids := make([]int64, len(jobs))
	for i, row := range jobs {
		ids[i] = row.ID
	}
	rows, err := c.db.Schedules(ctx, ids)
	out := map[int64][]schema.Execute{}
	for _, row := range rows {
		out[row.PID] = append(out[row.PID], row)
	}
	return out, err
}

// unnamed begins what a document calls a row without a name.
const unnamed = "unnamed-"

// documentName is what a document calls a row.
func documentName(name string, id int64) string {
	if name == "" {
		return fmt.Sprint(unnamed, id)
	}
	return name
}

// unnamedID returns the id of a row that a document calls by it.
func unnamedID(name string) (int64, bool) {
	text, ok := strings.CutPrefix(name, unnamed)
	id, err := ParseID(text)
	return int64(id), ok && err == nil
}

func documentJob(row schema.Job) DocumentJob {
	return DocumentJob{
		Name: documentName(row.Name, row.ID), Class: row.Class, Description: row.Description,
		Data: decodeData(row.Data), Paused: pausedOf(row.State),
	}
}

func documentExecute(row schema.Execute) DocumentExecute {
	return DocumentExecute{
		Name: documentName(row.Name, row.ID), Schedule: scheduleOf(row),
		Data: decodeData(row.Data), Paused: pausedOf(row.State), Policies: policiesOf(row),
	}
}

// pausedOf returns what a document says of a state: nothing of one that goes on.
func pausedOf(state schema.State) *bool {
	if state != schema.Paused && state != schema.Init {
		return nil
	}
	paused := true
	return &paused
}
