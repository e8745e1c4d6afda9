package client

import (
	"context"
	"slices"
	"time"

	"github.com/quartz-cluster/quartz/client/internal/store"
	"github.com/quartz-cluster/quartz/schema"
)

// RunningFire is a fire in flight: claimed by a node, and not yet completed.
type RunningFire struct {
	FireID
	App     string    `json:"app"`
	JobID   ID        `json:"jobId"`
	JobName string    `json:"jobName,omitempty"`
	Class   string    `json:"class,omitempty"`   // of the job, unless that is gone
	Name    string    `json:"name,omitempty"`    // of the execute
	NodeID  ID        `json:"nodeId"`            // of the registration that claimed it
	NodeKey string    `json:"nodeKey,omitempty"` // as long as that is there
	Claimed time.Time `json:"claimed,omitzero"`  // database's time
	// Child is the id of the row that carries the fire where that is a child of
	// the execute, and Origin its kind.
	Child  ID            `json:"child,omitempty"`
	Origin schema.Origin `json:"origin,omitempty"`
	// Stop is what a client has asked of the fire.
	Stop schema.Stop `json:"stop,omitempty"`
}

// running names the fires of rows. A child goes by its origin, and what is below a
// copy for a single node by the execute that it is a copy of.
func (c *Client) running(ctx context.Context, rows []schema.Execute) (func(row schema.Execute) *RunningFire, error) {
	around, err := c.db.Around(ctx, rows)
	if err == nil {
		err = c.nodesAlone(ctx, rows, around.Nodes)
	}
	return func(row schema.Execute) *RunningFire {
		of, job := around.Execute(row), around.Jobs[row.PID]
		out := &RunningFire{
			FireID: FireID{ExecuteID: ID(of.ID), Time: timeOf(row.FireTime), Attempt: row.FireAttempt},
			App:    row.Application, JobID: ID(row.PID), JobName: job.Name, Class: job.Class, Name: of.Name,
			NodeID: ID(row.FireNode), NodeKey: around.Nodes[store.Registration{App: row.Application, ID: row.FireNode}], Claimed: timeOf(row.FireStart),
			Origin: row.Origin, Stop: stopOf(row),
		}
		if row.Origin != "" {
			out.Child = ID(row.ID)
		}
		return out
	}, err
}

// nodesAlone adds the nodes that run an app without a cluster, which have no row.
func (c *Client) nodesAlone(ctx context.Context, rows []schema.Execute, keys map[store.Registration]string) error {
	seen := map[string]bool{}
	for _, row := range rows {
		if keys[store.Registration{App: row.Application, ID: row.FireNode}] != "" || seen[row.Application] {
			continue
		}
		seen[row.Application] = true
		app, _, err := c.db.App(ctx, row.Application)
		if err != nil {
			return err
		}
		if alone, is := standalone(app); is {
			keys[store.Registration{App: row.Application, ID: alone.NodeID}] = alone.Key
		}
	}
	return nil
}

// RunningFilter narrows a list of fires in flight. What is not set matches
// everything. Few executes run at a time, so that pages may be short: see [Page].
type RunningFilter struct {
	PageOptions
	App     string
	Job     ID
	Execute ID // its own fires and those of its children
	Node    ID // those that this registration has claimed
}

// Running lists the fires in flight, those of children included, in the order in
// which their rows were added.
func (c *Client) Running(ctx context.Context, filter RunningFilter) (*Page[RunningFire], error) {
	return get(ctx, c, "list running fires", func(ctx context.Context) (*Page[RunningFire], error) {
		span, at, err := filter.span(KindFire)
		if err != nil {
			return nil, err
		}
		if err := checkOptionalKey("app", filter.App, schema.MaxApplication); err != nil {
			return nil, err
		}
		for field, id := range map[string]ID{"job": filter.Job, "execute": filter.Execute, "node": filter.Node} {
			if id == 0 {
				continue
			}
			if err := id.check(field); err != nil {
				return nil, err
			}
		}
		in := store.RunningFilter{App: filter.App, Job: int64(filter.Job), Node: int64(filter.Node), After: at.ID}
		var rows []schema.Execute
		if filter.Execute != 0 {
			rows, err = c.runningOf(ctx, filter, span, at.ID)
		} else if in.Until, err = c.db.ReachRunning(ctx, in, span); err == nil {
			rows, err = c.db.Running(ctx, in, span)
		}
		if err != nil {
			return nil, err
		}
		info, err := c.running(ctx, rows)
		if err != nil {
			return nil, err
		}
		behind := func(id int64) cursor { return cursor{List: KindFire, Descending: filter.Descending, ID: id} }
		return page(rows, span, behind(in.Until), info, func(row schema.Execute) cursor { return behind(row.ID) }), nil
	})
}

// runningOf is a part of the list of the fires of one execute, which are few.
func (c *Client) runningOf(ctx context.Context, filter RunningFilter, span store.Span, after int64) ([]schema.Execute, error) {
	rows, err := c.db.Family(ctx, int64(filter.Execute), false)
	if err != nil {
		return nil, err
	}
	rows = slices.DeleteFunc(rows, func(row schema.Execute) bool {
		seen := after != 0 && (row.ID == after || row.ID < after != span.Descending)
		return row.FireTime == 0 || seen ||
			filter.App != "" && row.Application != filter.App || filter.Job != 0 && ID(row.PID) != filter.Job ||
			filter.Node != 0 && ID(row.FireNode) != filter.Node
	})
	if span.Descending {
		slices.Reverse(rows)
	}
	return rows[:min(len(rows), span.Limit)], nil
}
