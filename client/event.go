package client

import (
	"context"
	"time"

	"github.com/quartz-cluster/quartz/schema"
)

// AppEvent is something that happened to an app, its nodes or its master.
type AppEvent struct {
	At     time.Time `json:"at"`   // database's time
	Kind   string    `json:"kind"` // joined, left, removed, elected, command and so on: the schema.Event constants
	Node   string    `json:"node,omitempty"`
	NodeID ID        `json:"nodeId,omitempty"`
	By     string    `json:"by,omitempty"`   // the actor, where a client did it
	Text   string    `json:"text,omitempty"` // what there is to say more
}

// Events returns what happened to an app in the last 24 hours, oldest first: the
// last 500 events, if there were more. Edits of jobs and executes are no events
// of the app.
func (c *Client) Events(ctx context.Context, app string) ([]AppEvent, error) {
	return get(ctx, c, "list events", func(ctx context.Context) ([]AppEvent, error) {
		if err := checkApp("app", app); err != nil {
			return nil, err
		}
		row, now, found, err := c.db.AppNow(ctx, app, false)
		if err != nil {
			return nil, err
		}
		if !found {
			return nil, notFound(KindApp, app)
		}
		events := []AppEvent{}
		for _, e := range schema.Events(row.Events) {
			if now-e.At <= schema.EventAge.Milliseconds() {
				events = append(events, AppEvent{At: timeOf(e.At), Kind: e.Kind, Node: e.Node, NodeID: ID(e.NodeID), By: e.By, Text: e.Text})
			}
		}
		return events, nil
	})
}
