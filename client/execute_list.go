package client

import (
	"context"
	"fmt"
	"time"

	"github.com/quartz-cluster/quartz/client/internal/store"
	"github.com/quartz-cluster/quartz/schema"
)

// Sort is the order of a list of executes.
type Sort string

// The orders. In both, Descending turns them round.
const (
	SortAdded    Sort = ""         // as they were added
	SortNextFire Sort = "nextFire" // the soonest next fire first; what has none is left out
)

// ExecuteFilter narrows a list of executes. What is not set matches everything. What
// is set may make pages short: see [Page].
type ExecuteFilter struct {
	PageOptions
	Sort       Sort
	App        string
	Job        ID
	IDs        []ID // at most 1,000; nil: all
	States     []schema.State
	Class      string    // of the job
	NamePrefix string    // the case of letters counts
	Text       string    // anywhere in name, cron expression or last error, in any case of letters
	DueBefore  time.Time // the next fire lies before it
	// Overdue finds what should have fired at least so long ago, and has not, although
	// nobody holds it back: not the execute, nor its job, nor its app, nor another fire
	// beside which its own must not run. What runs on all nodes lags behind its copies,
	// and may do so for 16 s more.
	Overdue time.Duration
	// Failing finds what failed when it last ran, and what is in ERROR. What runs
	// on all nodes failed if it did on one.
	Failing bool
	// Origin lists the children of this execute: the rows that carry its fires
	// beside its schedule, and its copies for single nodes, which have children of
	// their own. Otherwise no child is listed.
	Origin ID
}

// ListExecutes lists executes in the order in which they were added, or in that
// of Sort.
func (c *Client) ListExecutes(ctx context.Context, filter ExecuteFilter) (*Page[ExecuteInfo], error) {
	return get(ctx, c, "list executes", func(ctx context.Context) (*Page[ExecuteInfo], error) {
		span, at, err := filter.span(KindExecute)
		if err != nil {
			return nil, err
		}
		if filter.Cursor != "" && at.Sort != filter.Sort {
			return nil, invalid("cursor", filter.Cursor, "belongs to another list or another order")
		}
		in, err := c.executeFilter(ctx, filter)
		if err != nil {
			return nil, err
		}
		in.After = store.Key{ID: at.ID, Fire: at.Fire}
		if in, err = c.db.FewDue(ctx, in); err != nil {
			return nil, err
		}
		list, reach := c.db.Executes, c.db.ReachExecutes
		if filter.Sort == SortNextFire {
			list, reach = c.db.ExecutesByFire, c.db.ReachByFire
		}
		if in.Until, err = reach(ctx, in, span); err != nil {
			return nil, err
		}
		rows, err := list(ctx, in, span)
		if err == nil {
			err = c.db.JoinRecent(ctx, rows)
		}
		if err != nil {
			return nil, err
		}
		behind := func(id, fire int64) cursor {
			if filter.Sort != SortNextFire {
				fire = 0
			}
			return cursor{List: KindExecute, Descending: filter.Descending, Sort: filter.Sort, ID: id, Fire: fire}
		}
		return page(rows, span, behind(in.Until.ID, in.Until.Fire), executeInfo, func(row schema.Execute) cursor {
			return behind(row.ID, row.NextFireTime)
		}), nil
	})
}

// executeFilter checks a filter and gives it the database's now where it needs it.
func (c *Client) executeFilter(ctx context.Context, f ExecuteFilter) (store.ExecuteFilter, error) {
	out := store.ExecuteFilter{
		App: f.App, Job: int64(f.Job), States: f.States, Class: f.Class,
		NamePrefix: f.NamePrefix, Text: f.Text, Failing: f.Failing, Origin: int64(f.Origin),
	}
	if err := checkFilter(f.App, f.Class, f.NamePrefix, f.Text, f.States); err != nil {
		return out, err
	}
	if f.Sort != SortAdded && f.Sort != SortNextFire {
		return out, invalid("sort", f.Sort, fmt.Sprintf("must be empty or %s", SortNextFire))
	}
	for _, id := range []struct {
		field string
		id    ID
	}{{"job", f.Job}, {"origin", f.Origin}} {
		if id.id == 0 {
			continue
		}
		if err := id.id.check(id.field); err != nil {
			return out, err
		}
	}
	var err error
	if out.IDs, err = checkIDs("ids", f.IDs); err != nil {
		return out, err
	}
	if !f.DueBefore.IsZero() {
		if out.DueBefore, err = millis("dueBefore", f.DueBefore); err != nil {
			return out, err
		}
	}
	switch {
	case f.Overdue < 0:
		return out, invalid("overdue", f.Overdue, "must be how long ago, at least")
	case f.Overdue > 0:
		now, err := c.db.Now(ctx)
		out.OverdueAt = now.Add(-f.Overdue).UnixMilli()
		return out, err
	}
	return out, nil
}
