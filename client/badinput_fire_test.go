package client

import (
	"context"
	"time"
)

// badFires tries the calls on single fires with what cannot be.
func badFires() []badCase {
	cancel := func(name, field string, value any, fire FireID) badCase {
		return badCase{name, field, value, func(ctx context.Context, c *Client) error { return c.CancelFire(ctx, fire) }}
	}
	running := func(name, field string, value any, f RunningFilter) badCase {
		return badCase{name, field, value, func(ctx context.Context, c *Client) error { _, err := c.Running(ctx, f); return err }}
	}
	return []badCase{
		cancel("fire of nothing", "executeId", "0", FireID{Time: noon}),
		cancel("fire at no time", "time", "0001", FireID{ExecuteID: absent}),
		cancel("fire far away", "time", "12000", FireID{ExecuteID: absent, Time: time.Date(12000, 1, 1, 0, 0, 0, 0, time.UTC)}),
		cancel("attempt negative", "attempt", "-1", FireID{ExecuteID: absent, Time: noon, Attempt: -1}),
		running("running in an app", "app", "\t", RunningFilter{App: "\t"}),
		running("running of an execute", "execute", "-1", RunningFilter{Execute: -1}),
		running("running on a node", "node", "-1", RunningFilter{Node: -1}),
		running("running with a cursor of another list", "cursor", "", RunningFilter{
			PageOptions: PageOptions{Cursor: cursor{List: KindExecute, ID: 1}.String()},
		}),
		running("running without limit", "limit", "1001", RunningFilter{PageOptions: PageOptions{Limit: 1001}}),
		{"children of nothing", "origin", "-1", func(ctx context.Context, c *Client) error {
			_, err := c.ListExecutes(ctx, ExecuteFilter{Origin: -1})
			return err
		}},
		{"data of a run", "data", "7", func(ctx context.Context, c *Client) error {
			_, err := c.RunNow(ctx, existing.ID, RunWith(7))
			return err
		}},
	}
}
