package client

import (
	"context"

	"github.com/quartz-cluster/quartz/client/internal/store"
	"github.com/quartz-cluster/quartz/schema"
)

// UpdateNode edits a node. What the edits do not name stays as it is, an operator's
// pause among it.
func (c *Client) UpdateNode(ctx context.Context, app, key string, edits ...NodeEdit) (*NodeInfo, error) {
	return get(ctx, c, "update node", func(ctx context.Context) (*NodeInfo, error) {
		if len(edits) == 0 {
			return nil, invalid("edits", 0, "there is nothing to change")
		}
		return c.editNode(ctx, app, key, func(row *schema.Node) error {
			for _, e := range edits {
				if err := e.editNode(row); err != nil {
					return err
				}
			}
			return nil
		})
	})
}

// PauseNode makes a node claim nothing more. The pause stays with the key: a
// process that registers under it later is paused too.
func (c *Client) PauseNode(ctx context.Context, app, key string) (*NodeInfo, error) {
	return c.switchNode(ctx, "pause node", app, key, schema.Off)
}

// ResumeNode lets a node claim again.
func (c *Client) ResumeNode(ctx context.Context, app, key string) (*NodeInfo, error) {
	return c.switchNode(ctx, "resume node", app, key, schema.On)
}

func (c *Client) switchNode(ctx context.Context, call, app, key string, to schema.Switch) (*NodeInfo, error) {
	return get(ctx, c, call, func(ctx context.Context) (*NodeInfo, error) {
		return c.editNode(ctx, app, key, func(row *schema.Node) error {
			row.State = to
			return nil
		})
	})
}

// BarNode keeps a node from ever being the master of its app. The bar stays with
// the key, as a pause does.
func (c *Client) BarNode(ctx context.Context, app, key string) (*NodeInfo, error) {
	return get(ctx, c, "bar node", func(ctx context.Context) (*NodeInfo, error) {
		return c.editNode(ctx, app, key, func(row *schema.Node) error {
			row.Barred = schema.On
			return nil
		})
	})
}

// UnbarNode lets a node be master again. One that its own configuration bars is
// refused with a *StateConflictError.
func (c *Client) UnbarNode(ctx context.Context, app, key string) (*NodeInfo, error) {
	return get(ctx, c, "unbar node", func(ctx context.Context) (*NodeInfo, error) {
		return c.editNode(ctx, app, key, func(row *schema.Node) error {
			switch row.Barred {
			case schema.On:
				row.Barred = ""
			case schema.Off, "":
			default:
				return nodeConflict(*row, "its own configuration bars it from being master")
			}
			return nil
		})
	})
}

// editNode changes a node and writes down among the app's events what an
// operator may want to know, with the app's row held.
func (c *Client) editNode(ctx context.Context, app, key string, edit func(row *schema.Node) error) (*NodeInfo, error) {
	if err := c.ownOnly(); err != nil {
		return nil, err
	}
	if err := checkNode(app, key); err != nil {
		return nil, err
	}
	for range contention {
		done := false
		err := c.withApp(ctx, app, func(tx store.Store, on schema.App, now int64) (err error) {
			done, err = c.tryEditNode(ctx, tx, on, key, now, edit)
			return err
		})
		if err != nil {
			return nil, err
		}
		if done {
			row, err := c.readNode(ctx, app, key)
			return nodeInfo(row), err
		}
	}
	return nil, ErrContended
}

// tryEditNode reports false when the node was changed in between.
func (c *Client) tryEditNode(ctx context.Context, tx store.Store, on schema.App, key string, now int64, edit func(row *schema.Node) error) (bool, error) {
	read, found, err := tx.Node(ctx, on.Application, key)
	if err != nil {
		return false, err
	}
	if !found {
		return false, notFound(KindNode, on.Application+"/"+key)
	}
	row := read
	if err := edit(&row); err != nil || row == read {
		return row == read, err
	}
	c.computed()
	n, err := tx.UpdateNode(ctx, read, row)
	if err != nil || n == 0 {
		return false, err
	}
	kind := nodeEvent(read, row)
	if kind == "" {
		return true, nil
	}
	n, err = tx.AddEvent(ctx, on, now, schema.AppEvent{Kind: kind, Node: key, NodeID: row.NodeID, By: c.actor(ctx)})
	return n > 0, err
}

// nodeEvent is the kind of event that tells of an edit; "" is none.
func nodeEvent(read, row schema.Node) string {
	switch {
	case row.State != read.State && row.State == schema.On:
		return schema.EventNodeResumed
	case row.State != read.State:
		return schema.EventNodePaused
	case row.Barred != read.Barred && row.Barred == schema.On:
		return schema.EventBarred
	case row.Barred != read.Barred:
		return schema.EventUnbarred
	}
	return ""
}
