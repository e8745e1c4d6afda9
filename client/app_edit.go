package client

import (
	"context"
	"fmt"

	"github.com/quartz-cluster/quartz/client/internal/store"
	"github.com/quartz-cluster/quartz/schema"
)

// PauseApp makes the nodes of an app claim nothing more. It touches neither
// their own pauses nor the states of jobs and executes. Pausing a paused app
// changes nothing.
func (c *Client) PauseApp(ctx context.Context, name string) (*AppInfo, error) {
	return c.switchApp(ctx, "pause app", name, schema.Off, false)
}

// ResumeApp lets the nodes of an app claim again. What was paused on its own
// stays so.
func (c *Client) ResumeApp(ctx context.Context, name string) (*AppInfo, error) {
	return c.switchApp(ctx, "resume app", name, schema.On, false)
}

// PauseAppWithNodes pauses an app and each of its nodes.
func (c *Client) PauseAppWithNodes(ctx context.Context, name string) (*AppInfo, error) {
	return c.switchApp(ctx, "pause app with nodes", name, schema.Off, true)
}

// ResumeAppWithNodes resumes an app and each of its nodes, also those that were
// paused on their own.
func (c *Client) ResumeAppWithNodes(ctx context.Context, name string) (*AppInfo, error) {
	return c.switchApp(ctx, "resume app with nodes", name, schema.On, true)
}

func (c *Client) switchApp(ctx context.Context, call, name string, to schema.Switch, nodes bool) (*AppInfo, error) {
	event := schema.AppEvent{Kind: schema.EventResumed}
	if to == schema.Off {
		event.Kind = schema.EventPaused
	}
	if nodes {
		event.Text = "with its nodes"
	}
	return get(ctx, c, call, func(ctx context.Context) (*AppInfo, error) {
		return c.changeApp(ctx, name, event, func(tx store.Store, row *schema.App) (changed int64, err error) {
			row.State = to
			if !nodes {
				return 0, nil
			}
			return tx.SetNodeStates(ctx, name, to)
		})
	})
}

// SetMode changes where the executes of an app run that do not say it
// themselves: ANY, which is one node, whichever, or MASTER_ONLY.
func (c *Client) SetMode(ctx context.Context, app string, mode schema.Mode) (*AppInfo, error) {
	return get(ctx, c, "set mode", func(ctx context.Context) (*AppInfo, error) {
		if mode != schema.Any && mode != schema.MasterOnly {
			return nil, invalid("mode", mode, fmt.Sprintf("must be %s or %s", schema.Any, schema.MasterOnly))
		}
		event := schema.AppEvent{Kind: schema.EventMode, Text: string(mode)}
		return c.changeApp(ctx, app, event, func(_ store.Store, row *schema.App) (int64, error) {
			if row.Mode != "" || mode != schema.Any {
				row.Mode = mode
			}
			return 0, nil
		})
	})
}

// PreferMaster makes the node of that key the master of an app whenever it lives
// and may be, or the oldest of those that share the key; "" prefers nobody. The nodes
// act on it with their next pass. The key need not be there yet.
func (c *Client) PreferMaster(ctx context.Context, app, key string) (*AppInfo, error) {
	return get(ctx, c, "prefer master", func(ctx context.Context) (*AppInfo, error) {
		if err := checkOptionalKey("key", key, schema.MaxNodeKey); err != nil {
			return nil, err
		}
		event := schema.AppEvent{Kind: schema.EventPreferred, Node: key}
		if key == "" {
			event.Text = "nobody"
		}
		return c.changeApp(ctx, app, event, func(_ store.Store, row *schema.App) (int64, error) {
			row.MasterPrefer = key
			return 0, nil
		})
	})
}

// changeApp changes an app and writes down that it did, in a short transaction
// that holds the app's row. A change returns how many nodes it has changed; one that
// changes nothing is not written down, and one that changes nodes alone is no edit of
// the app.
func (c *Client) changeApp(
	ctx context.Context, name string, event schema.AppEvent, change func(tx store.Store, row *schema.App) (nodes int64, err error),
) (*AppInfo, error) {
	if err := c.ownOnly(); err != nil {
		return nil, err
	}
	if err := checkApp("app", name); err != nil {
		return nil, err
	}
	for range contention {
		done := false
		err := c.withApp(ctx, name, func(tx store.Store, read schema.App, now int64) error {
			row := read
			nodes, err := change(tx, &row)
			if err != nil {
				return err
			}
			if done = row == read && nodes == 0; done {
				return nil
			}
			event.By = c.actor(ctx)
			var n int64
			if row == read {
				n, err = tx.AddEvent(ctx, read, now, event)
			} else {
				n, err = tx.EditApp(ctx, read, row, now, event)
			}
			if done = n > 0; err != nil || !done {
				return err
			}
			return c.tell(ctx, tx, name, schema.HintApp)
		})
		if err != nil {
			return nil, err
		}
		if done {
			return c.readApp(ctx, name)
		}
	}
	return nil, ErrContended
}

// withApp runs fn in a short transaction of the client's own with the app
// locked.
func (c *Client) withApp(ctx context.Context, name string, fn func(tx store.Store, row schema.App, now int64) error) error {
	return c.atomic(ctx, func(tx store.Store) error {
		row, now, found, err := tx.AppNow(ctx, name, true)
		if err != nil {
			return err
		}
		if !found {
			return notFound(KindApp, name)
		}
		c.computed()
		return fn(tx, row, now)
	})
}
