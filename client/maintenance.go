package client

import (
	"context"
	"time"

	"github.com/quartz-cluster/quartz/client/internal/store"
	"github.com/quartz-cluster/quartz/schema"
)

// BeginMaintenance makes the nodes of an app claim nothing more, each from its
// next heartbeat on, until [Client.EndMaintenance]. What runs goes on:
// [Client.WaitMaintenance] waits for it.
func (c *Client) BeginMaintenance(ctx context.Context, app string) (*AppInfo, error) {
	event := schema.AppEvent{Kind: schema.EventMaintenance, Text: "begin"}
	return get(ctx, c, "begin maintenance", func(ctx context.Context) (*AppInfo, error) {
		return c.changeApp(ctx, app, event, func(_ store.Store, row *schema.App) (int64, error) {
			row.Maintenance = schema.On
			return 0, nil
		})
	})
}

// EndMaintenance lets the nodes of an app claim again. Instants that have passed
// meanwhile are misfires, treated by their executes' policies.
func (c *Client) EndMaintenance(ctx context.Context, app string) (*AppInfo, error) {
	event := schema.AppEvent{Kind: schema.EventMaintenance, Text: "end"}
	return get(ctx, c, "end maintenance", func(ctx context.Context) (*AppInfo, error) {
		return c.changeApp(ctx, app, event, func(_ store.Store, row *schema.App) (int64, error) {
			if row.Maintenance == schema.On {
				row.Maintenance = schema.Off
			}
			return 0, nil
		})
	})
}

// WaitMaintenance waits until every live node of an app in maintenance has
// confirmed that it is idle: no claim of its is under way, nothing runs, and every
// outcome is written. (Of a node that runs without a cluster it waits until it has
// no fire in flight.) It waits as long as ctx lets it, whatever the client's
// CallTimeout; when that ends, a *NoAnswerError names the nodes that have not.
// An app that is not, or no longer, in maintenance is a *StateConflictError.
func (c *Client) WaitMaintenance(ctx context.Context, app string) (err error) {
	ctx, end := c.begin(ctx, "wait maintenance")
	defer func() { end(err) }()
	if err := c.ownOnly(); err != nil {
		return explained("wait maintenance", err)
	}
	begun := time.Now()
	var busy []string
	for {
		seen, err := c.busyNodes(ctx, app)
		if err == nil && len(seen) == 0 {
			return nil
		}
		if err == nil {
			busy = seen
			err = c.pause(ctx)
		}
		if err != nil && ctx.Err() != nil {
			return &NoAnswerError{App: app, Nodes: busy, Waited: time.Since(begun), Err: ended(ctx, err)}
		}
		if err != nil {
			return err
		}
	}
}

// busyNodes returns the keys of the live nodes that have not confirmed the app's
// maintenance.
func (c *Client) busyNodes(ctx context.Context, name string) ([]string, error) {
	return get(ctx, c, "wait maintenance", func(ctx context.Context) ([]string, error) {
		if err := checkApp("app", name); err != nil {
			return nil, err
		}
		app, found, err := c.db.App(ctx, name)
		switch {
		case err != nil:
			return nil, err
		case !found:
			return nil, notFound(KindApp, name)
		case app.Maintenance != schema.On:
			return nil, &StateConflictError{Kind: KindApp, Key: name, State: string(app.State), Reason: "it is not in maintenance: begin that first"}
		}
		c.computed()
		nodes, err := c.db.LiveNodes(ctx, name)
		if err != nil {
			return nil, err
		}
		var busy []string
		if alone, is := standalone(app); is {
			rests, err := idle(ctx, c.db, alone)
			if err != nil {
				return nil, err
			}
			if !rests {
				busy = append(busy, alone.Key)
			}
		}
		for _, n := range nodes {
			if n.AppSeen < app.Version {
				busy = append(busy, n.Key)
			}
		}
		return busy, nil
	})
}
