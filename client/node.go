package client

import (
	"context"

	"github.com/quartz-cluster/quartz/client/internal/store"
	"github.com/quartz-cluster/quartz/internal/sqldb"
	"github.com/quartz-cluster/quartz/schema"
)

// Node is a node to be added by hand: it keeps an operator's word for whoever
// registers under its key.
type Node struct {
	// App is the app of the node.
	App string
	// Key is the node key: configured, or the address of the host; at most 50
	// bytes.
	Key string
	// HostName is for people to read, at most 80 bytes.
	// Defaults to the key.
	HostName string
	// Paused makes the node that registers under the key claim nothing until it
	// is resumed.
	Paused bool
}

func (n *Node) check() error {
	if err := checkApp("app", n.App); err != nil {
		return err
	}
	if err := checkKey("key", n.Key, schema.MaxNodeKey); err != nil {
		return err
	}
	if n.HostName == "" {
		n.HostName = n.Key
	}
	return checkKey("hostName", n.HostName, schema.MaxHostName)
}

// AddNode adds a node by hand. A node that registers adds itself.
func (c *Client) AddNode(ctx context.Context, node Node) (*NodeInfo, error) {
	return get(ctx, c, "add node", func(ctx context.Context) (*NodeInfo, error) {
		if err := node.check(); err != nil {
			return nil, err
		}
		return c.insertNode(ctx, node)
	})
}

// AddAppWithNode adds a node by hand, and its app unless that is there.
func (c *Client) AddAppWithNode(ctx context.Context, node Node) (*NodeInfo, error) {
	return get(ctx, c, "add app with node", func(ctx context.Context) (*NodeInfo, error) {
		if err := c.ownOnly(); err != nil {
			return nil, err
		}
		if err := node.check(); err != nil {
			return nil, err
		}
		if _, err := c.ensureApp(ctx, node.App); err != nil {
			return nil, err
		}
		return c.insertNode(ctx, node)
	})
}

func (c *Client) insertNode(ctx context.Context, node Node) (*NodeInfo, error) {
	row := schema.Node{
		Application: node.App, Key: node.Key, HostName: node.HostName,
		State: switchOf(node.Paused), TimeCheck: -1,
	}
	err := c.atomic(ctx, func(tx store.Store) error {
		if err := tx.InsertNode(ctx, row); err != nil {
			return err
		}
		c.computed()
		return c.appStays(ctx, tx, node.App)
	})
	if sqldb.Duplicate(err) {
		return nil, &AlreadyExistsError{Kind: KindNode, Key: node.App + "/" + node.Key}
	}
	if err != nil {
		return nil, err
	}
	return nodeInfo(store.NodeSeen{Node: row}), nil
}

// appStays ends a transaction that has added something below an app that is not
// there, or no more.
func (c *Client) appStays(ctx context.Context, tx store.Store, name string) error {
	found, err := tx.AppStays(ctx, name, c.callers)
	if err == nil && !found {
		return notFound(KindApp, name)
	}
	return err
}

// GetNode returns a node.
func (c *Client) GetNode(ctx context.Context, app, key string) (*NodeInfo, error) {
	return get(ctx, c, "get node", func(ctx context.Context) (*NodeInfo, error) {
		if err := checkNode(app, key); err != nil {
			return nil, err
		}
		row, err := c.readNode(ctx, app, key)
		return nodeInfo(row), err
	})
}

func checkNode(app, key string) error {
	if err := checkApp("app", app); err != nil {
		return err
	}
	return checkKey("key", key, schema.MaxNodeKey)
}

func (c *Client) readNode(ctx context.Context, app, key string) (store.NodeSeen, error) {
	row, found, err := c.db.SeeNode(ctx, app, key)
	if err == nil && !found {
		err = notFound(KindNode, app+"/"+key)
	}
	return row, err
}

// NodeFilter narrows a list of nodes.
type NodeFilter struct {
	PageOptions
	App    string // "": all
	Text   string // anywhere in key, host name, labels or build, in any case of letters
	Paused *bool  // nil: both
	Live   *bool  // nil: both
}

// ListNodes lists nodes by app and key.
func (c *Client) ListNodes(ctx context.Context, filter NodeFilter) (*Page[NodeInfo], error) {
	return get(ctx, c, "list nodes", func(ctx context.Context) (*Page[NodeInfo], error) {
		span, at, err := filter.span(KindNode)
		if err != nil {
			return nil, err
		}
		if err := checkOptionalKey("app", filter.App, schema.MaxApplication); err != nil {
			return nil, err
		}
		if err := checkText("text", filter.Text, maxText); err != nil {
			return nil, err
		}
		rows, err := c.db.Nodes(ctx, store.NodeFilter{
			App: filter.App, Text: filter.Text, State: switchFilter(filter.Paused), Live: filter.Live, AfterApp: at.App, AfterKey: at.Key,
		}, span)
		if err != nil {
			return nil, err
		}
		return page(rows, span, cursor{}, nodeInfo, func(row store.NodeSeen) cursor {
			return cursor{List: KindNode, Descending: filter.Descending, App: row.Application, Key: row.Key}
		}), nil
	})
}

// DeleteNode deletes the row of a node, and with it an operator's word on its
// key. A node that lives notices, gives up its fires and registers again as a
// new one: to keep it idle, pause it.
func (c *Client) DeleteNode(ctx context.Context, app, key string) error {
	return c.call(ctx, "delete node", func(ctx context.Context) error {
		if err := checkNode(app, key); err != nil {
			return err
		}
		n, err := c.db.DeleteNode(ctx, app, key)
		if err == nil && n == 0 {
			return notFound(KindNode, app+"/"+key)
		}
		return err
	})
}
