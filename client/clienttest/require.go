package clienttest

import (
	"context"
	"fmt"
	"iter"
	"strings"
	"testing"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/schema"
)

// JobOpts narrows down a job. What is not set may be anything.
type JobOpts struct {
	Name string
	// Data is what the handler is to get: a value that reads as the same JSON, or
	// JSON text as json.RawMessage, []byte or string.
	Data  any
	State schema.State
}

// ExecuteOpts narrows down an execute. What is not set may be anything.
type ExecuteOpts struct {
	JobName string
	Name    string
	// Schedule is as it was added; a start that it does not have may be any.
	Schedule client.Schedule
	// Data overrides the job's, by the rules of [JobOpts].
	Data  any
	State schema.State
}

// RequireJob requires that exactly one job of an app has the class, and is as opts
// say if they are given, and returns it.
func RequireJob(ctx context.Context, t testing.TB, c *client.Client, app, class string, opts *JobOpts) *client.JobInfo {
	t.Helper()
	return one(t, fmt.Sprintf("job of class %q in app %q", class, app), jobs(ctx, t, c, app, class), opts.differences)
}

// RequireNoJob requires that no job of an app has the class and is as opts say.
func RequireNoJob(ctx context.Context, t testing.TB, c *client.Client, app, class string, opts *JobOpts) {
	t.Helper()
	none(t, fmt.Sprintf("job of class %q in app %q", class, app), jobs(ctx, t, c, app, class), opts.differences)
}

// RequireExecute requires that exactly one execute of the jobs of an app that have
// the class is as opts say if they are given, and returns it.
func RequireExecute(ctx context.Context, t testing.TB, c *client.Client, app, class string, opts *ExecuteOpts) *client.ExecuteInfo {
	t.Helper()
	return one(t, fmt.Sprintf("execute of class %q in app %q", class, app), executes(ctx, t, c, app, class, opts), opts.differences)
}

// RequireNoExecute requires that no execute of the jobs of an app that have the class
// is as opts say.
func RequireNoExecute(ctx context.Context, t testing.TB, c *client.Client, app, class string, opts *ExecuteOpts) {
	t.Helper()
	none(t, fmt.Sprintf("execute of class %q in app %q", class, app), executes(ctx, t, c, app, class, opts), opts.differences)
}

// RequireExecutes requires that the executes of the jobs of an app that have the
// class are, in the order in which they were added, as each of opts says, and returns
// them.
func RequireExecutes(ctx context.Context, t testing.TB, c *client.Client, app, class string, opts ...ExecuteOpts) []*client.ExecuteInfo {
	t.Helper()
	found := executes(ctx, t, c, app, class, nil)
	var wrong []string
	for i, e := range found[:min(len(found), len(opts))] {
		if job := opts[i].JobName; job != "" {
			wrong = append(wrong, differs(fmt.Sprintf("number %d: job name", i), jobName(ctx, t, c, e), job)...)
		}
		for _, difference := range opts[i].differences(e) {
			wrong = append(wrong, fmt.Sprintf("number %d: %s", i, difference))
		}
	}
	if len(found) != len(opts) || len(wrong) > 0 {
		t.Fatalf("clienttest: %d executes of class %q in app %q, want %d%s", len(found), class, app, len(opts), lines(wrong))
	}
	return found
}

// RequireRunNow requires that exactly one run of an execute waits or runs that was
// asked for by [client.Client.RunNow], with the data if it is given, and returns the
// child that carries it.
func RequireRunNow(ctx context.Context, t testing.TB, c *client.Client, execute client.ID, data any) *client.ExecuteInfo {
	t.Helper()
	children := all(t, c.AllExecutes(ctx, client.ExecuteFilter{Origin: execute}))
	var runs []*client.ExecuteInfo
	for _, child := range children {
		if child.Origin == schema.ChildRunNow {
			runs = append(runs, child)
		}
	}
	return one(t, fmt.Sprintf("run of execute %s", execute), runs, (&ExecuteOpts{Data: data}).differences)
}

func jobs(ctx context.Context, t testing.TB, c *client.Client, app, class string) []*client.JobInfo {
	t.Helper()
	return all(t, c.AllJobs(ctx, client.JobFilter{App: app, Class: class}))
}

func executes(ctx context.Context, t testing.TB, c *client.Client, app, class string, opts *ExecuteOpts) []*client.ExecuteInfo {
	t.Helper()
	found := all(t, c.AllExecutes(ctx, client.ExecuteFilter{App: app, Class: class}))
	if opts == nil || opts.JobName == "" {
		return found
	}
	var below []*client.ExecuteInfo
	for _, e := range found {
		if jobName(ctx, t, c, e) == opts.JobName {
			below = append(below, e)
		}
	}
	return below
}

func jobName(ctx context.Context, t testing.TB, c *client.Client, e *client.ExecuteInfo) string {
	t.Helper()
	job, err := c.GetJob(ctx, e.JobID)
	if err != nil {
		t.Fatalf("clienttest: %v", err)
	}
	return job.Name
}

func all[T any](t testing.TB, list iter.Seq2[*T, error]) []*T {
	t.Helper()
	var items []*T
	for item, err := range list {
		if err != nil {
			t.Fatalf("clienttest: %v", err)
		}
		items = append(items, item)
	}
	return items
}

func one[T any](t testing.TB, what string, found []*T, differences func(*T) []string) *T {
	t.Helper()
	var matching []*T
	var wrong []string
	for i, item := range found {
		differ := differences(item)
		if len(differ) == 0 {
			matching = append(matching, item)
		}
		for _, difference := range differ {
			wrong = append(wrong, fmt.Sprintf("number %d: %s", i, difference))
		}
	}
	switch len(matching) {
	case 0:
		t.Fatalf("clienttest: no such %s among %d%s", what, len(found), lines(wrong))
	case 1:
	default:
		t.Fatalf("clienttest: %d such of one %s", len(matching), what)
	}
	return matching[0]
}

func none[T any](t testing.TB, what string, found []*T, differences func(*T) []string) {
	t.Helper()
	for _, item := range found {
		if len(differences(item)) == 0 {
			t.Fatalf("clienttest: there should be no such %s: %+v", what, *item)
		}
	}
}

// lines lists what is wrong, if it is not too much to read.
func lines(wrong []string) string {
	const most = 20
	if len(wrong) > most {
		wrong = append(wrong[:most:most], fmt.Sprintf("and %d more", len(wrong)-most))
	}
	return strings.Join(append([]string{""}, wrong...), "\n\t")
}
