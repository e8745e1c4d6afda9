package client

import (
	"context"
	"encoding/base64"
	"time"

	"github.com/quartz-cluster/quartz/schema"
)

// badNames tries every call on an app or a node with a name that cannot be.
func badNames() []badCase {
	const bad = "a\x00"
	app := map[string]func(ctx context.Context, c *Client) error{
		"EnsureApp":          func(ctx context.Context, c *Client) error { _, err := c.EnsureApp(ctx, bad); return err },
		"GetApp":             func(ctx context.Context, c *Client) error { _, err := c.GetApp(ctx, bad); return err },
		"PauseApp":           func(ctx context.Context, c *Client) error { _, err := c.PauseApp(ctx, bad); return err },
		"ResumeApp":          func(ctx context.Context, c *Client) error { _, err := c.ResumeApp(ctx, bad); return err },
		"PauseAppWithNodes":  func(ctx context.Context, c *Client) error { _, err := c.PauseAppWithNodes(ctx, bad); return err },
		"ResumeAppWithNodes": func(ctx context.Context, c *Client) error { _, err := c.ResumeAppWithNodes(ctx, bad); return err },
		"DeleteApp":          func(ctx context.Context, c *Client) error { return c.DeleteApp(ctx, bad) },
	}
	key := map[string]func(ctx context.Context, c *Client) error{
		"AddNode": func(ctx context.Context, c *Client) error {
			_, err := c.AddNode(ctx, Node{App: "billing", Key: bad})
			return err
		},
		"AddAppWithNode": func(ctx context.Context, c *Client) error {
			_, err := c.AddAppWithNode(ctx, Node{App: "fresh", Key: bad})
			return err
		},
		"GetNode": func(ctx context.Context, c *Client) error { _, err := c.GetNode(ctx, "billing", bad); return err },
		"UpdateNode": func(ctx context.Context, c *Client) error {
			_, err := c.UpdateNode(ctx, "billing", bad, SetHostName("h"))
			return err
		},
		"PauseNode":  func(ctx context.Context, c *Client) error { _, err := c.PauseNode(ctx, "billing", bad); return err },
		"ResumeNode": func(ctx context.Context, c *Client) error { _, err := c.ResumeNode(ctx, "billing", bad); return err },
		"DeleteNode": func(ctx context.Context, c *Client) error { return c.DeleteNode(ctx, "billing", bad) },
	}
	cases := []badCase{
		{"host name", "hostName", long[:81], func(ctx context.Context, c *Client) error {
			_, err := c.AddNode(ctx, Node{App: "billing", Key: "k", HostName: long[:81]})
			return err
		}},
		{"no node edits", "edits", "0", func(ctx context.Context, c *Client) error { _, err := c.UpdateNode(ctx, "billing", "k"); return err }},
		{"AddApp", "name", bad, func(ctx context.Context, c *Client) error { _, err := c.AddApp(ctx, App{Name: bad}); return err }},
		{"app of a node", "app", "", func(ctx context.Context, c *Client) error { _, err := c.AddNode(ctx, Node{Key: "k"}); return err }},
		{"name of a job", "name", "", func(ctx context.Context, c *Client) error { _, err := c.GetJobByName(ctx, "billing", ""); return err }},
		{"name of an execute", "name", bad, func(ctx context.Context, c *Client) error {
			_, err := c.GetExecuteByName(ctx, existing.JobID, bad)
			return err
		}},
		{"declaration without name", "job.name", "", func(ctx context.Context, c *Client) error {
			_, err := c.Ensure(ctx, Declaration{Job: Job{App: "fresh", Class: "x"}})
			return err
		}},
		{"declared schedule", "executes[0].zone", "Mars", func(ctx context.Context, c *Client) error {
			_, err := c.Ensure(ctx, Declaration{
				Job: Job{App: "fresh", Class: "x", Name: "n"}, Executes: []Execute{{Name: "e", Schedule: Cron("@daily", "Mars")}},
			})
			return err
		}},
	}
	for name, call := range app {
		cases = append(cases, badCase{name, "app", bad, call})
	}
	for name, call := range key {
		cases = append(cases, badCase{name, "key", bad, call})
	}
	return cases
}

func badLists() []badCase {
	forged := base64.RawURLEncoding.EncodeToString([]byte(`{"l":"app","a":"\u0000"}`))
	jobs := func(name, field string, value any, f JobFilter) badCase {
		return badCase{name, field, value, func(ctx context.Context, c *Client) error { _, err := c.ListJobs(ctx, f); return err }}
	}
	executes := func(name, field string, value any, f ExecuteFilter) badCase {
		return badCase{name, field, value, func(ctx context.Context, c *Client) error { _, err := c.ListExecutes(ctx, f); return err }}
	}
	return []badCase{
		jobs("limit negative", "limit", "-1", JobFilter{PageOptions: PageOptions{Limit: -1}}),
		jobs("limit too large", "limit", "1001", JobFilter{PageOptions: PageOptions{Limit: 1001}}),
		jobs("cursor", "cursor", "nonsense!", JobFilter{PageOptions: PageOptions{Cursor: "nonsense!"}}),
		jobs("cursor of nothing", "cursor", "e30", JobFilter{PageOptions: PageOptions{Cursor: "e30"}}),
		jobs("cursor of another list", "cursor", "", JobFilter{PageOptions: PageOptions{Cursor: cursor{List: KindExecute, ID: 1}.String()}}),
		jobs("cursor of another order", "cursor", "", JobFilter{PageOptions: PageOptions{Cursor: cursor{List: KindJob, ID: 1}.String(), Descending: true}}),
		jobs("state", "states", "RUNNING", JobFilter{States: []schema.State{"RUNNING"}}),
		jobs("states in one", "states", "ERROR,INIT", JobFilter{States: []schema.State{"ERROR,INIT"}}),
		jobs("text too long", "text", long[:251], JobFilter{Text: long[:251]}),
		jobs("prefix with NUL", "namePrefix", "\x00", JobFilter{NamePrefix: "\x00"}),
		executes("job id", "job", "-1", ExecuteFilter{Job: -1}),
		executes("due", "dueBefore", "1902", ExecuteFilter{DueBefore: time.Date(1902, 1, 1, 0, 0, 0, 0, time.UTC)}),
		executes("class", "class", " x", ExecuteFilter{Class: " x"}),
		{"forged cursor", "cursor", forged, func(ctx context.Context, c *Client) error {
			_, err := c.ListApps(ctx, AppFilter{PageOptions: PageOptions{Cursor: forged}})
			return err
		}},
		{"app of nodes", "app", "\n", func(ctx context.Context, c *Client) error {
			_, err := c.ListNodes(ctx, NodeFilter{App: "\n"})
			return err
		}},
		{"preview of none", "n", "0", func(ctx context.Context, c *Client) error { _, err := c.Preview(ctx, existing.ID, 0); return err }},
		{"preview of too many", "n", "10001", func(context.Context, *Client) error { _, err := Preview(Cron("@daily", ""), noon, 10001); return err }},
		{"preview after no time", "after", "0001", func(context.Context, *Client) error {
			_, err := Preview(Cron("@daily", ""), time.Time{}, 1)
			return err
		}},
	}
}

// idCalls are the calls that take an id.
func idCalls() map[string]func(ctx context.Context, c *Client, id ID) error {
	return map[string]func(ctx context.Context, c *Client, id ID) error{
		"GetJob": func(ctx context.Context, c *Client, id ID) error { _, err := c.GetJob(ctx, id); return err },
		"GetJobWithExecutes": func(ctx context.Context, c *Client, id ID) error {
			_, _, err := c.GetJobWithExecutes(ctx, id)
			return err
		},
		"UpdateJob": func(ctx context.Context, c *Client, id ID) error {
			_, err := c.UpdateJob(ctx, id, 0, SetClass("x"))
			return err
		},
		"PauseJob":  func(ctx context.Context, c *Client, id ID) error { _, err := c.PauseJob(ctx, id); return err },
		"ResumeJob": func(ctx context.Context, c *Client, id ID) error { _, err := c.ResumeJob(ctx, id); return err },
		"DeleteJob": func(ctx context.Context, c *Client, id ID) error { return c.DeleteJob(ctx, id) },
		"PauseJobWithExecutes": func(ctx context.Context, c *Client, id ID) error {
			_, err := c.PauseJobWithExecutes(ctx, id)
			return err
		},
		"ResumeJobWithExecutes": func(ctx context.Context, c *Client, id ID) error {
			_, err := c.ResumeJobWithExecutes(ctx, id)
			return err
		},
		"DeleteJobWithExecutes": func(ctx context.Context, c *Client, id ID) error {
			_, err := c.DeleteJobWithExecutes(ctx, id)
			return err
		},
		"GetExecute": func(ctx context.Context, c *Client, id ID) error { _, err := c.GetExecute(ctx, id); return err },
		"GetExecuteWithJob": func(ctx context.Context, c *Client, id ID) error {
			_, _, err := c.GetExecuteWithJob(ctx, id)
			return err
		},
		"UpdateExecute": func(ctx context.Context, c *Client, id ID) error {
			_, err := c.UpdateExecute(ctx, id, 0, SetName("x"))
			return err
		},
		"PauseExecute":          func(ctx context.Context, c *Client, id ID) error { _, err := c.PauseExecute(ctx, id); return err },
		"ResumeExecute":         func(ctx context.Context, c *Client, id ID) error { _, err := c.ResumeExecute(ctx, id); return err },
		"SuspendExecute":        func(ctx context.Context, c *Client, id ID) error { _, err := c.SuspendExecute(ctx, id); return err },
		"RetryFire":             func(ctx context.Context, c *Client, id ID) error { _, err := c.RetryFire(ctx, id); return err },
		"ResetExecute":          func(ctx context.Context, c *Client, id ID) error { _, err := c.ResetExecute(ctx, id); return err },
		"CopyJob":               func(ctx context.Context, c *Client, id ID) error { _, err := c.CopyJob(ctx, id, "billing"); return err },
		"RunNow":                func(ctx context.Context, c *Client, id ID) error { _, err := c.RunNow(ctx, id); return err },
		"Cancel":                func(ctx context.Context, c *Client, id ID) error { _, err := c.Cancel(ctx, id); return err },
		"DeleteExecute":         func(ctx context.Context, c *Client, id ID) error { return c.DeleteExecute(ctx, id) },
		"Preview of an execute": func(ctx context.Context, c *Client, id ID) error { _, err := c.Preview(ctx, id, 1); return err },
	}
}
