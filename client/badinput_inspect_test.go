package client

import (
	"context"
	"time"

	"github.com/quartz-cluster/quartz/schema"
)

// badInspections tries what looks at many rows, or changes them, with what cannot
// be.
func badInspections() []badCase {
	const bad = "a\x00"
	executes := map[string]func(ctx context.Context, c *Client, f ExecuteFilter) error{
		"ListExecutes": func(ctx context.Context, c *Client, f ExecuteFilter) error {
			_, err := c.ListExecutes(ctx, f)
			return err
		},
		"PauseExecutes": func(ctx context.Context, c *Client, f ExecuteFilter) error {
			_, err := c.PauseExecutes(ctx, f)
			return err
		},
		"ResumeExecutes": func(ctx context.Context, c *Client, f ExecuteFilter) error {
			_, err := c.ResumeExecutes(ctx, f)
			return err
		},
		"DeleteExecutes": func(ctx context.Context, c *Client, f ExecuteFilter) error {
			_, err := c.DeleteExecutes(ctx, f)
			return err
		},
	}
	jobs := map[string]func(ctx context.Context, c *Client, f JobFilter) error{
		"ListJobs":   func(ctx context.Context, c *Client, f JobFilter) error { _, err := c.ListJobs(ctx, f); return err },
		"PauseJobs":  func(ctx context.Context, c *Client, f JobFilter) error { _, err := c.PauseJobs(ctx, f); return err },
		"ResumeJobs": func(ctx context.Context, c *Client, f JobFilter) error { _, err := c.ResumeJobs(ctx, f); return err },
		"DeleteJobs": func(ctx context.Context, c *Client, f JobFilter) error { _, err := c.DeleteJobs(ctx, f); return err },
	}
	cases := []badCase{
		{"overview", "app", bad, func(ctx context.Context, c *Client) error { _, err := c.Overview(ctx, bad); return err }},
		{"pings", "app", "", func(ctx context.Context, c *Client) error { _, err := c.PingNodes(ctx, ""); return err }},
		{"copy to no app", "app", "", func(ctx context.Context, c *Client) error { _, err := c.CopyJob(ctx, existing.JobID, ""); return err }},
		{"copy of a name", "name", " x", func(ctx context.Context, c *Client) error {
			_, err := c.CopyJob(ctx, existing.JobID, "billing", CopyAs(" x"))
			return err
		}},
		{"text of apps", "text", long[:251], func(ctx context.Context, c *Client) error {
			_, err := c.ListApps(ctx, AppFilter{Text: long[:251]})
			return err
		}},
		{"text of nodes", "text", bad, func(ctx context.Context, c *Client) error {
			_, err := c.ListNodes(ctx, NodeFilter{Text: bad})
			return err
		}},
		{"job of running fires", "job", "-1", func(ctx context.Context, c *Client) error {
			_, err := c.Running(ctx, RunningFilter{Job: -1})
			return err
		}},
		{"cursor of another sort", "cursor", "", func(ctx context.Context, c *Client) error {
			at := cursor{List: KindExecute, ID: 1}.String()
			_, err := c.ListExecutes(ctx, ExecuteFilter{Sort: SortNextFire, PageOptions: PageOptions{Cursor: at}})
			return err
		}},
	}
	for name, call := range executes {
		wrong := func(what, field string, value any, f ExecuteFilter) {
			f.Job = existing.JobID
			cases = append(cases, badCase{name + " " + what, field, value, func(ctx context.Context, c *Client) error { return call(ctx, c, f) }})
		}
		wrong("overdue by less than nothing", "overdue", "-1s", ExecuteFilter{Overdue: -time.Second})
		wrong("in no order", "sort", "next_fire", ExecuteFilter{Sort: "next_fire"})
		wrong("by a wrong id", "ids[1]", "0", ExecuteFilter{IDs: []ID{1, 0}})
		wrong("by too many ids", "ids", "1001", ExecuteFilter{IDs: make([]ID, MaxBatch+1)})
		wrong("in no state", "states", "ERROR,INIT", ExecuteFilter{States: []schema.State{"ERROR,INIT"}})
		wrong("with the cursor of jobs", "cursor", "", ExecuteFilter{PageOptions: PageOptions{Cursor: cursor{List: KindJob, ID: 1}.String()}})
		if name == "ListExecutes" {
			continue
		}
		wrong("with the cursor of a list", "cursor", "", ExecuteFilter{PageOptions: PageOptions{Cursor: cursor{List: KindExecute, ID: 1}.String()}})
		wrong("of children", "origin", existing.ID, ExecuteFilter{Origin: existing.ID})
		cases = append(cases, badCase{name + " of everything", "app", "", func(ctx context.Context, c *Client) error {
			return call(ctx, c, ExecuteFilter{Class: "x", States: schema.States, Failing: true, Text: "x"})
		}})
	}
	for name, call := range jobs {
		wrong := func(what, field string, value any, f JobFilter) {
			f.App = "billing"
			cases = append(cases, badCase{name + " " + what, field, value, func(ctx context.Context, c *Client) error { return call(ctx, c, f) }})
		}
		wrong("by a wrong id", "ids[0]", "-5", JobFilter{IDs: []ID{-5}})
		wrong("by too many ids", "ids", "1001", JobFilter{IDs: make([]ID, MaxBatch+1)})
		wrong("with a wrong text", "text", bad, JobFilter{Text: bad})
		if name == "ListJobs" {
			continue
		}
		wrong("with the cursor of a list", "cursor", "", JobFilter{PageOptions: PageOptions{Cursor: cursor{List: KindJob, ID: 1}.String()}})
		cases = append(cases, badCase{name + " of everything", "app", "", func(ctx context.Context, c *Client) error {
			return call(ctx, c, JobFilter{Class: "x", Text: "x"})
		}})
	}
	return cases
}
