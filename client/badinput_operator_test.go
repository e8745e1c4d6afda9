package client

import (
	"context"

	"github.com/quartz-cluster/quartz/schema"
)

// badOperators tries the operators' calls with what cannot be.
func badOperators() []badCase {
	const bad = "a\x00"
	app := map[string]func(ctx context.Context, c *Client) error{
		"SetMode":          func(ctx context.Context, c *Client) error { _, err := c.SetMode(ctx, bad, schema.Any); return err },
		"PreferMaster":     func(ctx context.Context, c *Client) error { _, err := c.PreferMaster(ctx, bad, "k"); return err },
		"BeginMaintenance": func(ctx context.Context, c *Client) error { _, err := c.BeginMaintenance(ctx, bad); return err },
		"EndMaintenance":   func(ctx context.Context, c *Client) error { _, err := c.EndMaintenance(ctx, bad); return err },
		"WaitMaintenance":  func(ctx context.Context, c *Client) error { return c.WaitMaintenance(ctx, bad) },
		"Events":           func(ctx context.Context, c *Client) error { _, err := c.Events(ctx, bad); return err },
	}
	key := map[string]func(ctx context.Context, c *Client, app, key string) error{
		"PingNode": func(ctx context.Context, c *Client, app, key string) error {
			_, err := c.PingNode(ctx, app, key)
			return err
		},
		"DrainNode": func(ctx context.Context, c *Client, app, key string) error {
			_, err := c.DrainNode(ctx, app, key)
			return err
		},
		"RejoinNode": func(ctx context.Context, c *Client, app, key string) error {
			_, err := c.RejoinNode(ctx, app, key)
			return err
		},
		"StopNode": func(ctx context.Context, c *Client, app, key string) error {
			_, err := c.StopNode(ctx, app, key)
			return err
		},
		"BarNode": func(ctx context.Context, c *Client, app, key string) error {
			_, err := c.BarNode(ctx, app, key)
			return err
		},
		"UnbarNode": func(ctx context.Context, c *Client, app, key string) error {
			_, err := c.UnbarNode(ctx, app, key)
			return err
		},
	}
	mode := func(name string, mode schema.Mode) badCase {
		return badCase{name, "mode", string(mode), func(ctx context.Context, c *Client) error {
			_, err := c.SetMode(ctx, "billing", mode)
			return err
		}}
	}
	cases := []badCase{
		mode("no mode", ""), mode("mode in small letters", "any"), mode("two modes", "ANY,MASTER_ONLY"),
		{"preferred master", "key", long[:51], func(ctx context.Context, c *Client) error {
			_, err := c.PreferMaster(ctx, "billing", long[:51])
			return err
		}},
	}
	for name, call := range app {
		cases = append(cases, badCase{name, "app", bad, call})
	}
	for name, call := range key {
		cases = append(cases,
			badCase{name + " of an app", "app", " x", func(ctx context.Context, c *Client) error { return call(ctx, c, " x", "k") }},
			badCase{name, "key", bad, func(ctx context.Context, c *Client) error { return call(ctx, c, "billing", bad) }})
	}
	return cases
}
