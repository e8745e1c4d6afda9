package store

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"github.com/quartz-cluster/quartz/internal/sqldb"
	"github.com/quartz-cluster/quartz/schema"
)

// ExecuteFilter narrows a list of executes.
type ExecuteFilter struct {
	App        string
	Job        int64
	IDs        []int64
	States     []schema.State
	Class      string
	NamePrefix string
	Text       string
	DueBefore  int64
	OverdueAt  int64 // it should have fired by then, and nobody holds it back
	Failing    bool
	Origin     int64 // whose children are listed; 0: no child is
	After      int64 // the last id already seen
	AfterFire  int64 // its next fire, where the list is sorted by that
}

const (
	// fails holds for what failed when it last ran, or is in ERROR.
	fails = "(FAIL_STREAK > 0 OR STATE = 'ERROR')"
	// copyFails holds for an execute that runs on all nodes and fails on one.
	copyFails = `ID IN (SELECT C.ORIGIN_ID FROM QRTZ_EXECUTE C
		WHERE C.ORIGIN_ID IS NOT NULL AND C.ORIGIN = 'ALL' AND (C.FAIL_STREAK > 0 OR C.STATE = 'ERROR'))`
)

// firing holds for an execute that nobody holds back: not it, nor its job, nor its app.
const firing = `STATE = 'EXECUTING'
	AND EXISTS (SELECT 1 FROM QRTZ_JOB J WHERE J.ID = PID AND J.STATE IN ('EXECUTING', 'COMPLETE', 'ERROR'))
	AND APPLICATION IN (SELECT A.APPLICATION FROM QRTZ_APP A WHERE A.STATE = 'Y' AND COALESCE(A.MAINTENANCE, 'N') = 'N')`

func (f ExecuteFilter) where() (w where) {
	if f.Origin != 0 {
		w.add("ORIGIN_ID = ?", f.Origin)
	} else {
		w.add("ORIGIN IS NULL")
	}
	w.equal("APPLICATION", f.App)
	if f.Job != 0 {
		w.add("PID = ?", f.Job)
	}
	if f.IDs != nil {
		w.add("ID IN ?", f.IDs)
	}
	in(&w, "STATE", f.States)
	if f.Class != "" {
		w.add("PID IN (SELECT J.ID FROM QRTZ_JOB J WHERE J.JOB_CLASS = ?)", f.Class)
	}
	w.prefix("NAME", f.NamePrefix)
	w.text(f.Text, "NAME", "CRON", "LAST_ERROR")
	if f.DueBefore != 0 {
		w.add("NEXT_FIRE_TIME < ?", f.DueBefore)
	}
	if f.OverdueAt != 0 {
		w.add("NEXT_FIRE_TIME <= ?", f.OverdueAt)
		w.add(firing)
	}
	if f.Failing {
		w.add("(" + fails + " OR " + copyFails + ")")
	}
	return w
}

// Executes lists executes by id.
func (s Store) Executes(ctx context.Context, f ExecuteFilter, span Span) ([]schema.Execute, error) {
	past, direction := span.order()
	w := f.where()
	if f.After != 0 {
		w.add("ID"+past, f.After)
	}
	return sqldb.Select[schema.Execute](ctx, s.DB,
		selectExecute+w.String()+" ORDER BY ID"+direction+" {limit}", append(w.args, span.Limit)...)
}

// ExecutesByFire lists executes that have a next fire, by that and by id. Of each
// app it reads what comes first.
func (s Store) ExecutesByFire(ctx context.Context, f ExecuteFilter, span Span) ([]schema.Execute, error) {
	apps, err := s.appsOf(ctx, f)
	if err != nil {
		return nil, err
	}
	var all []schema.Execute
	for _, app := range apps {
		f.App = app
		rows, err := s.nextToFire(ctx, f, span)
		if err != nil {
			return nil, err
		}
		all = append(all, rows...)
		slices.SortFunc(all, func(a, b schema.Execute) int {
			order := cmp.Or(cmp.Compare(a.NextFireTime, b.NextFireTime), cmp.Compare(a.ID, b.ID))
			if span.Descending {
				return -order
			}
			return order
		})
		all = all[:min(len(all), span.Limit)]
	}
	return all, nil
}

// appsOf returns the apps to look into; "" is all of them at once, where another
// index than the scan's finds the rows.
func (s Store) appsOf(ctx context.Context, f ExecuteFilter) (apps []string, err error) {
	if f.App != "" || f.few() {
		return []string{f.App}, nil
	}
	err = s.Each(ctx, func(rows *sql.Rows) error {
		var app string
		err := rows.Scan(&app)
		apps = append(apps, app)
		return err
	}, "SELECT APPLICATION FROM QRTZ_APP ORDER BY APPLICATION")
	return apps, err
}

func (f ExecuteFilter) few() bool { return f.Job != 0 || f.IDs != nil || f.Origin != 0 }

// nextToFire reads the beginnings of the app's shards, which are ranges of the
// scan's index, and of those what comes first, in no order.
func (s Store) nextToFire(ctx context.Context, f ExecuteFilter, span Span) ([]schema.Execute, error) {
	past, direction := span.order()
	order := " ORDER BY NEXT_FIRE_TIME" + direction + ", ID" + direction + " {limit}"
	w := f.where()
	w.add("NEXT_FIRE_TIME IS NOT NULL")
	if f.After != 0 {
		w.add("NEXT_FIRE_TIME"+strings.Replace(past, " ?", "= ?", 1), f.AfterFire)
		w.add("(NEXT_FIRE_TIME"+past+" OR ID"+past+")", f.AfterFire, f.After)
	}
	shards := []string{""}
	if !f.few() {
		shards = nil
		for shard := range schema.SharedShard + 1 {
			shards = append(shards, fmt.Sprintf(" AND SHARD = %d", shard))
		}
	}
	var args []any
	for i, shard := range shards {
		shards[i] = "SELECT * FROM (SELECT NEXT_FIRE_TIME, ID FROM QRTZ_EXECUTE" + w.String() + shard + order + ") s"
		args = append(append(args, w.args...), span.Limit)
	}
	return sqldb.Select[schema.Execute](ctx, s.DB, selectExecute+" WHERE ID IN (SELECT ID FROM (SELECT ID FROM ("+
		strings.Join(shards, "\nUNION ALL\n")+") u"+order+") f)", append(args, span.Limit)...)
}
