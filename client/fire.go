package client

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/quartz-cluster/quartz/client/internal/store"
	"github.com/quartz-cluster/quartz/schema"
)

// FireID names a fire of an execute.
type FireID struct {
	ExecuteID ID        `json:"executeId"`
	Time      time.Time `json:"time"` // nominal
	// Attempt is 1 for the first claim, and 1 more for each that follows: after
	// a failure, or the loss of a node. 0 is whichever it has come to.
	Attempt int `json:"attempt,omitempty"`
}

func (f FireID) String() string {
	text := fmt.Sprintf("%s at %s", f.ExecuteID, f.Time.UTC().Format(time.RFC3339Nano))
	if f.Attempt > 0 {
		text += fmt.Sprintf(" attempt %d", f.Attempt)
	}
	return text
}

// check returns the nominal time as a column holds it.
func (f FireID) check() (nominal int64, err error) {
	if err := f.ExecuteID.check("executeId"); err != nil {
		return 0, err
	}
	if f.Attempt < 0 {
		return 0, invalid("attempt", f.Attempt, "must be at least 1, or 0 for whichever it is")
	}
	return millis("time", f.Time)
}

// RunningFire is a fire in flight: claimed by a node, and not yet completed.
type RunningFire struct {
	FireID
	App     string    `json:"app"`
	JobID   ID        `json:"jobId"`
	NodeID  ID        `json:"nodeId"`           // of the registration that claimed it
	Claimed time.Time `json:"claimed,omitzero"` // database's time
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
	var origins []int64
	for _, row := range rows {
		if row.Origin != "" && row.Origin != schema.ChildAll {
			origins = append(origins, row.OriginID)
		}
	}
	copies, err := c.db.CopiesOf(ctx, origins)
	return func(row schema.Execute) *RunningFire {
		out := &RunningFire{
			FireID: FireID{ExecuteID: ID(row.ID), Time: timeOf(row.FireTime), Attempt: row.FireAttempt},
			App:    row.Application, JobID: ID(row.PID), NodeID: ID(row.FireNode), Claimed: timeOf(row.FireStart),
			Origin: row.Origin, Stop: stopOf(row),
		}
		if row.Origin != "" {
			out.ExecuteID, out.Child = ID(row.OriginID), ID(row.ID)
		}
		if of := copies[row.OriginID]; of != 0 {
			out.ExecuteID = ID(of)
		}
		return out
	}, err
}

// stopOf returns what a client has asked of the fire in flight; an order for
// another fire is none.
func stopOf(row schema.Execute) schema.Stop {
	what, nominal, attempt, ok := schema.ParseStopOrder(row.Cancel)
	if !ok || nominal != row.FireTime || attempt != row.FireAttempt {
		return ""
	}
	return what
}

// RunningFilter narrows a list of fires in flight. What is not set matches
// everything.
type RunningFilter struct {
	PageOptions
	App     string
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
		for field, id := range map[string]ID{"execute": filter.Execute, "node": filter.Node} {
			if id == 0 {
				continue
			}
			if err := id.check(field); err != nil {
				return nil, err
			}
		}
		var rows []schema.Execute
		if filter.Execute != 0 {
			rows, err = c.runningOf(ctx, filter, span, at.ID)
		} else {
			rows, err = c.db.Running(ctx, store.RunningFilter{App: filter.App, Node: int64(filter.Node), After: at.ID}, span)
		}
		if err != nil {
			return nil, err
		}
		info, err := c.running(ctx, rows)
		if err != nil {
			return nil, err
		}
		return page(rows, span, info, func(row schema.Execute) cursor {
			return cursor{List: KindFire, Descending: filter.Descending, ID: row.ID}
		}), nil
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
			filter.App != "" && row.Application != filter.App || filter.Node != 0 && ID(row.FireNode) != filter.Node
	})
	if span.Descending {
		slices.Reverse(rows)
	}
	return rows[:min(len(rows), span.Limit)], nil
}
