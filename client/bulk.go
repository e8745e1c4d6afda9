package client

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/quartz-cluster/quartz/client/internal/store"
	"github.com/quartz-cluster/quartz/schema"
)

// MaxBulk is how many rows a bulk call changes at most.
const MaxBulk = 10_000

// Bulk is what a call on everything that a filter matches did.
type Bulk struct {
	Matched int `json:"matched"` // what the call would change: what is as it is to be is not among it
	Changed int `json:"changed"`
	// Left are those that could not be changed, each with its reason.
	Left []*StateConflictError `json:"left,omitempty"`
	// More says that the call ended at MaxBulk: call again, with Next as the
	// Cursor of the filter where something is Left.
	More bool   `json:"more"`
	Next string `json:"next,omitempty"`
}

// kindBulk marks the cursors of bulk calls.
const kindBulk Kind = "bulk"

// selection checks that a bulk call is told what it is about, and returns the id
// to go on behind.
func (o PageOptions) selection(named bool) (after int64, err error) {
	if !named {
		return 0, invalid("app", "", "must be given, or a job or ids: a call does not change everything there is")
	}
	_, at, err := PageOptions{Cursor: o.Cursor}.span(kindBulk)
	return at.ID, err
}

// bulk is a call on the rows R that a filter matches.
type bulk[R any] struct {
	name  string // of the call
	event string // what it did: "executes paused"
	chunk int    // how many rows it reads at a time
	list  func(ctx context.Context, after int64, span store.Span) ([]R, error)
	key   func(row R) (id int64, app string)
	// change changes rows of one app, in as many transactions as it takes.
	change func(ctx context.Context, app string, rows []R) (done, error)
}

// done is what became of some rows: how many there was something to change of, how
// many were changed, with how many rows below them, and which could not be.
type done struct {
	matched, changed, below int
	left                    []*StateConflictError
}

// run goes through the rows by id, chunk by chunk, so that nobody waits for long
// for what one of its transactions holds, and writes down in the end what was
// done to each app. What a call did that fails in the middle stays done.
func (b bulk[R]) run(ctx context.Context, c *Client, after int64) (*Bulk, error) {
	out, changed := &Bulk{}, map[string]int{}
	err := b.changeAll(ctx, after, out, changed)
	if err != nil {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(context.WithoutCancel(ctx), withdrawal)
		defer cancel()
	}
	for _, app := range slices.Sorted(maps.Keys(changed)) {
		event := schema.AppEvent{Kind: schema.EventBulk, By: c.actor(ctx), Text: fmt.Sprintf("%d %s", changed[app], b.event)}
		told := c.withApp(ctx, app, func(tx store.Store, on schema.App, now int64) error {
			_, err := tx.AddEvent(ctx, on, now, event)
			return err
		})
		if !errors.Is(told, ErrNotFound) {
			err = errors.Join(err, told)
		}
	}
	return out, err
}

func (b bulk[R]) changeAll(ctx context.Context, after int64, out *Bulk, changed map[string]int) error {
	for rows := 0; rows < MaxBulk; {
		some, err := b.list(ctx, after, store.Span{Limit: min(b.chunk, MaxBulk-rows)})
		if err != nil || len(some) == 0 {
			return err
		}
		byApp := map[string][]R{}
		for _, row := range some {
			var app string
			after, app = b.key(row)
			byApp[app] = append(byApp[app], row)
		}
		for _, app := range slices.Sorted(maps.Keys(byApp)) {
			part := byApp[app]
			d, err := b.change(ctx, app, part)
			out.Matched, out.Changed, out.Left = out.Matched+d.matched, out.Changed+d.changed, append(out.Left, d.left...)
			if d.changed > 0 && app != "" { // which a row has not that nobody has taken over yet
				changed[app] += d.changed
			}
			if err != nil {
				return err
			}
			rows += len(part) + d.below
		}
	}
	more, err := b.list(ctx, after, store.Span{Limit: 1})
	if out.More = len(more) > 0; out.More {
		out.Next = cursor{List: kindBulk, ID: after}.String()
	}
	return err
}

// inBulk frames a bulk call. What it did before it failed is told with the error.
func inBulk[R any](ctx context.Context, c *Client, b bulk[R], start func(ctx context.Context) (after int64, err error)) (*Bulk, error) {
	var out *Bulk
	err := c.call(ctx, b.name, func(ctx context.Context) error {
		if err := c.ownOnly(); err != nil {
			return err
		}
		after, err := start(ctx)
		if err != nil {
			return err
		}
		out, err = b.run(ctx, c, after)
		return err
	})
	return out, err
}

// one counts what became of a row that was changed by itself, and returns what ends
// the call.
func (d *done) one(err error) error {
	var conflict *StateConflictError
	switch {
	case errors.Is(err, ErrNotFound): // deleted meanwhile
		return nil
	case errors.As(err, &conflict):
		d.left = append(d.left, conflict)
	case err != nil:
		return err
	default:
		d.changed++
	}
	d.matched++
	return nil
}

// narrowed returns the states and ids of a filter that leave only what is in one
// of the states in which there is something to change. What is given by id is kept
// whatever its state: its caller is told.
func narrowed(states, changeable []schema.State, ids []int64) ([]schema.State, []int64) {
	if ids != nil {
		return states, ids
	}
	if len(states) == 0 {
		return changeable, nil
	}
	states = slices.DeleteFunc(slices.Clone(states), func(s schema.State) bool { return !slices.Contains(changeable, s) })
	if len(states) == 0 {
		ids = []int64{} // none
	}
	return states, ids
}
