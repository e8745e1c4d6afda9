package store

import (
	"cmp"
	"context"
	"database/sql"
	"strings"

	"github.com/quartz-cluster/quartz/internal/sqldb"
)

// A list that searches would read the whole app for a page of what is rare, or
// nowhere. It is bounded before it is read: the key of the last of span.Within rows
// comes from an index that holds nothing else, and the list ends there. That leaves
// little to a planner that counts on finding soon what it looks for.

// ReachJobs returns the last id that a list of jobs looks at; 0: it comes to the end.
func (s Store) ReachJobs(ctx context.Context, f JobFilter, span Span) (int64, error) {
	if !f.searches() {
		return 0, nil
	}
	return s.reach(ctx, "QRTZ_JOB", f.lane(), f.After, span)
}

// ReachRunning is ReachJobs for fires in flight.
func (s Store) ReachRunning(ctx context.Context, f RunningFilter, span Span) (int64, error) {
	return s.reach(ctx, "QRTZ_EXECUTE", f.lane(), f.After, span)
}

// ReachExecutes is ReachJobs for executes.
func (s Store) ReachExecutes(ctx context.Context, f ExecuteFilter, span Span) (last Key, err error) {
	if f.searches() {
		last.ID, err = s.reach(ctx, "QRTZ_EXECUTE", f.lane(), f.After.ID, span)
	}
	return last, err
}

// within keeps the rows of a lane behind an id, up to the one that reach has returned.
// MySQL would find these along the primary key, among those of all other apps, unless
// it is given them one by one.
func (s Store) within(w *where, table string, lane where, after, until int64, span Span) {
	span.ids(w, after, until)
	if until == 0 || s.Dialect() != sqldb.MySQL {
		return
	}
	_, direction := span.order()
	span.ids(&lane, after, until)
	w.add("ID IN (SELECT ID FROM (SELECT ID FROM "+table+lane.String()+" ORDER BY ID"+direction+" {limit}) l)", append(lane.args, span.Within)...)
}

func (s Store) reach(ctx context.Context, table string, lane where, after int64, span Span) (id int64, err error) {
	_, direction := span.order()
	span.ids(&lane, after, 0)
	_, err = s.One(ctx, []any{&id}, "SELECT ID FROM "+table+lane.String()+" ORDER BY ID"+direction+" {behind}", append(lane.args, span.Within-1)...)
	return id, err
}

// ReachByFire is ReachExecutes for a list by next fire. It looks at equally many rows
// of each shard, and the list ends where the first of these looks does.
func (s Store) ReachByFire(ctx context.Context, f ExecuteFilter, span Span) (last Key, err error) {
	if !f.searches() {
		return last, nil
	}
	apps, err := s.appsOf(ctx, f)
	if err != nil {
		return last, err
	}
	n := span.Within
	if !f.few() {
		n /= len(shards())
	}
	for _, app := range apps {
		f.App = app
		w := f.lane()
		f.due(&w)
		s.fires(&w, f, span)
		selects, args := f.eachShard(w, span.byFire()+" {behind}", n-1)
		err := s.Each(ctx, func(rows *sql.Rows) error {
			var k Key
			err := rows.Scan(&k.Fire, &k.ID)
			order := cmp.Or(cmp.Compare(k.Fire, last.Fire), cmp.Compare(k.ID, last.ID))
			if last.ID == 0 || order < 0 != span.Descending {
				last = k
			}
			return err
		}, strings.Join(selects, unionAll), args...)
		if err != nil {
			return last, err
		}
	}
	return last, nil
}

// FewDue names what is due by the times of a filter in it, where that is not more than
// a statement takes: a list by id would else have to look for it.
func (s Store) FewDue(ctx context.Context, f ExecuteFilter) (ExecuteFilter, error) {
	if f.few() || f.DueBefore == 0 && f.OverdueAt == 0 || f.App == "" && f.OverdueAt == 0 {
		return f, nil // what has no app yet is due as well, but never overdue
	}
	apps, err := s.appsOf(ctx, f)
	if err != nil {
		return f, err
	}
	ids := []int64{}
	for _, app := range apps {
		in := f
		in.App = app
		w := in.lane()
		in.due(&w)
		selects, args := in.eachShard(w, Span{}.byFire()+" {limit}", Chunk+1-len(ids))
		args = append(args, Chunk+1-len(ids))
		some, err := s.ids(ctx, "SELECT ID FROM ("+strings.Join(selects, unionAll)+") u {limit}", args...)
		if ids = append(ids, some...); err != nil || len(ids) > Chunk {
			return f, err
		}
	}
	f.IDs = ids
	return f, nil
}
