package client

import (
	"context"

	"github.com/quartz-cluster/quartz/client/internal/store"
	"github.com/quartz-cluster/quartz/internal/sqldb"
	"github.com/quartz-cluster/quartz/schema"
)

// App is an app to be added.
type App struct {
	// Name is what the nodes of the app are configured with: at most 50 bytes.
	Name string
	// Paused adds the app paused: its nodes claim nothing until it is resumed.
	Paused bool
}

func switchOf(paused bool) schema.Switch {
	if paused {
		return schema.Off
	}
	return schema.On
}

// AddApp adds an app. A node that registers adds its app by itself, so this is
// for jobs that are to be there before the first node.
func (c *Client) AddApp(ctx context.Context, app App) (*AppInfo, error) {
	return get(ctx, c, "add app", func(ctx context.Context) (*AppInfo, error) {
		if err := c.ownOnly(); err != nil {
			return nil, err
		}
		if err := checkApp("name", app.Name); err != nil {
			return nil, err
		}
		err := c.insertApp(ctx, c.db, app)
		if sqldb.Duplicate(err) {
			return nil, &AlreadyExistsError{Kind: KindApp, Key: app.Name}
		}
		if err != nil {
			return nil, err
		}
		return c.readApp(ctx, app.Name)
	})
}

// EnsureApp adds an app unless it is there, and returns it as it is.
func (c *Client) EnsureApp(ctx context.Context, name string) (*AppInfo, error) {
	return get(ctx, c, "ensure app", func(ctx context.Context) (*AppInfo, error) {
		if err := c.ownOnly(); err != nil {
			return nil, err
		}
		if err := checkApp("app", name); err != nil {
			return nil, err
		}
		return c.ensureApp(ctx, name)
	})
}

func (c *Client) ensureApp(ctx context.Context, name string) (*AppInfo, error) {
	for range contention {
		if row, found, err := c.db.SeeApp(ctx, name); err != nil || found {
			return appInfo(row), err
		}
		if err := c.insertApp(ctx, c.db, App{Name: name}); err != nil && !sqldb.Duplicate(err) {
			return nil, err
		}
	}
	return nil, ErrContended // added and deleted over and over
}

func (c *Client) insertApp(ctx context.Context, db store.Store, app App) error {
	now, err := db.Now(ctx)
	if err != nil {
		return err
	}
	return db.InsertApp(ctx, app.Name, switchOf(app.Paused), now.UnixMilli())
}

func (c *Client) readApp(ctx context.Context, name string) (*AppInfo, error) {
	row, found, err := c.db.SeeApp(ctx, name)
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, notFound(KindApp, name)
	}
	return appInfo(row), nil
}

// GetApp returns an app.
func (c *Client) GetApp(ctx context.Context, name string) (*AppInfo, error) {
	return get(ctx, c, "get app", func(ctx context.Context) (*AppInfo, error) {
		if err := checkApp("app", name); err != nil {
			return nil, err
		}
		return c.readApp(ctx, name)
	})
}

// AppFilter narrows a list of apps.
type AppFilter struct {
	PageOptions
	NamePrefix string
	Text       string // anywhere in the name, in any case of letters
	Paused     *bool  // nil: both
}

// ListApps lists apps by name.
func (c *Client) ListApps(ctx context.Context, filter AppFilter) (*Page[AppInfo], error) {
	return get(ctx, c, "list apps", func(ctx context.Context) (*Page[AppInfo], error) {
		span, at, err := filter.span(KindApp)
		if err != nil {
			return nil, err
		}
		if err := checkText("namePrefix", filter.NamePrefix, schema.MaxApplication); err != nil {
			return nil, err
		}
		if err := checkText("text", filter.Text, maxText); err != nil {
			return nil, err
		}
		rows, err := c.db.Apps(ctx, store.AppFilter{
			Prefix: filter.NamePrefix, Text: filter.Text, State: switchFilter(filter.Paused), After: at.App,
		}, span)
		if err != nil {
			return nil, err
		}
		return page(rows, span, cursor{}, appInfo, func(row store.AppSeen) cursor {
			return cursor{List: KindApp, Descending: filter.Descending, App: row.Application}
		}), nil
	})
}

func switchFilter(paused *bool) schema.Switch {
	if paused == nil {
		return ""
	}
	return switchOf(*paused)
}

// DeleteApp deletes an app that has neither nodes nor jobs; with either, it is
// refused with a *StateConflictError. Nodes that stop leave by themselves.
func (c *Client) DeleteApp(ctx context.Context, name string) error {
	return c.call(ctx, "delete app", func(ctx context.Context) error {
		if err := c.ownOnly(); err != nil {
			return err
		}
		if err := checkApp("app", name); err != nil {
			return err
		}
		// Most refusals need no lock.
		if err := childless(ctx, c.db, name, false); err != nil {
			return err
		}
		return c.db.AppGoes(ctx, name, func(tx store.Store) error {
			if err := childless(ctx, tx, name, true); err != nil {
				return err
			}
			c.computed()
			n, err := tx.DeleteApp(ctx, name)
			if err == nil && n == 0 {
				return notFound(KindApp, name)
			}
			return err
		})
	})
}

func childless(ctx context.Context, db store.Store, name string, going bool) error {
	row, found, err := db.App(ctx, name)
	if err != nil {
		return err
	}
	if !found {
		return notFound(KindApp, name)
	}
	nodes, jobs, err := db.AppChildren(ctx, name, going)
	var reason string
	switch {
	case err != nil:
		return err
	case jobs:
		reason = "it has jobs: delete them first"
	case nodes:
		reason = "it has nodes: stop those that run, delete the others first"
	default:
		return nil
	}
	return &StateConflictError{Kind: KindApp, Key: name, State: string(row.State), Reason: reason}
}
