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
	OverdueAt  int64 // it should have fired by then, and nothing holds it back
	Failing    bool
	Origin     int64 // whose children are listed; 0: no child is
	After      Key   // of the last already seen
	Until      Key   // of the last to look at; the zero value: all
}

// Key is the place of an execute in a list.
type Key struct {
	ID   int64
	Fire int64 // its next fire, where the list is sorted by that
}

const (
	// behindCopies is how many milliseconds an execute that runs on all nodes may lag
	// behind its copies, by which it fires: the engine moves it on 10 s later, in a pass.
	behindCopies = 16_000
	// fails holds for what failed when it last ran, or is in ERROR.
	fails = "(FAIL_STREAK > 0 OR STATE = 'ERROR')"
	// copyFails holds for an execute that runs on all nodes and fails on one. Of EXISTS
	// MariaDB would make a list of what fails in all apps first.
	copyFails = "RUN_ON = 'ALL' AND (SELECT COUNT(*) FROM QRTZ_EXECUTE C WHERE C.ORIGIN_ID = QRTZ_EXECUTE.ID AND " + failingCopy + ") > 0"
	// failingCopy holds for what fails on that node.
	failingCopy = "C.ORIGIN = 'ALL' AND (C.FAIL_STREAK > 0 OR C.STATE = 'ERROR')"
)

// unoccupied holds for an execute that may have one more fire at a time, as a claim
// requires it: a child counts from when it comes until it is gone, whether it runs or waits.
const unoccupied = `(COALESCE(OVERLAP, 'ALLOW') = 'ALLOW' AND COALESCE(OVERLAP_MAX, 0) < 1
	OR CASE WHEN COALESCE(OVERLAP, 'ALLOW') = 'ALLOW' THEN OVERLAP_MAX ELSE 1 END > CASE WHEN FIRE_TIME IS NULL THEN 0 ELSE 1 END
		+ (SELECT COUNT(*) FROM QRTZ_EXECUTE C WHERE C.ORIGIN_ID = QRTZ_EXECUTE.ID AND C.ORIGIN <> 'ALL'))`

const unionAll = "\nUNION ALL\n"

// firing holds for an execute that nobody holds back: not it, nor its job, nor its app.
const firing = `STATE = 'EXECUTING'
	AND EXISTS (SELECT 1 FROM QRTZ_JOB J WHERE J.ID = PID AND J.STATE IN ('EXECUTING', 'COMPLETE', 'ERROR'))
	AND APPLICATION IN (SELECT A.APPLICATION FROM QRTZ_APP A WHERE A.STATE = 'Y' AND COALESCE(A.MAINTENANCE, 'N') = 'N')`

// lane is what the rows have in common that a list looks at: the begin of an index.
func (f ExecuteFilter) lane() (w where) {
	w.equal("APPLICATION", f.App)
	if f.Job != 0 {
		w.add("PID = ?", f.Job)
	}
	return w
}

// searches reports whether the list may have to look at many rows for one.
func (f ExecuteFilter) searches() bool {
	return f.IDs == nil && f.Origin == 0 && (len(f.States) > 0 || f.Class != "" || f.NamePrefix != "" || f.Text != "" ||
		f.DueBefore != 0 || f.OverdueAt != 0 || f.Failing)
}

func (f ExecuteFilter) where() where {
	w := f.lane()
	if f.Origin != 0 {
		w.add("ORIGIN_ID = ?", f.Origin)
	} else {
		w.add("ORIGIN IS NULL")
	}
	if f.IDs != nil {
		w.add("ID IN ?", f.IDs)
	}
	in(&w, "STATE", f.States)
	if f.Class != "" {
		w.add("EXISTS (SELECT 1 FROM QRTZ_JOB J WHERE J.ID = PID AND J.JOB_CLASS = ?)", f.Class)
	}
	w.prefix("NAME", f.NamePrefix)
	w.text(f.Text, "NAME", "CRON", "LAST_ERROR")
	f.due(&w)
	if f.OverdueAt != 0 {
		w.add("SHARD IN ?", shards()) // all there are: it leads into the scan's index
		w.add(firing)
		w.add(unoccupied)
		w.add("(RUN_ON IS NULL OR RUN_ON <> 'ALL' OR NEXT_FIRE_TIME <= ?)", f.OverdueAt-behindCopies)
	}
	if f.Failing {
		w.add("(" + fails + " OR " + copyFails + ")")
	}
	return w
}

// due keeps what has its next fire in time.
func (f ExecuteFilter) due(w *where) {
	if f.DueBefore != 0 {
		w.add("NEXT_FIRE_TIME < ?", f.DueBefore)
	}
	if f.OverdueAt != 0 {
		w.add("NEXT_FIRE_TIME <= ?", f.OverdueAt)
	}
}

// shards lists those that the executes of an app are divided into.
func shards() []int64 {
	all := make([]int64, schema.SharedShard+1)
	for i := range all {
		all[i] = int64(i)
	}
	return all
}

// Executes lists executes by id.
func (s Store) Executes(ctx context.Context, f ExecuteFilter, span Span) ([]schema.Execute, error) {
	_, direction := span.order()
	w := f.where()
	s.within(&w, "QRTZ_EXECUTE", f.lane(), f.After.ID, f.Until.ID, span)
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

// fires keeps what has a next fire behind f.After, up to f.Until.
func (s Store) fires(w *where, f ExecuteFilter, span Span) {
	past, _ := span.order()
	if s.Dialect() != sqldb.SQLite || f.After.ID == 0 && f.Until.ID == 0 { // which would take this for the range instead
		w.add("NEXT_FIRE_TIME IS NOT NULL")
	}
	if f.After.ID != 0 {
		s.compare(w, past, past, f.After)
	}
	if f.Until.ID != 0 {
		s.compare(w, span.before(), orAt(span.before()), f.Until)
	}
}

// compare keeps what has its next fire before or behind a key's or, at the same
// instant, its id: in words of which the database makes one range of an index, as any
// number may fire at the same instant.
func (s Store) compare(w *where, fire, id string, k Key) {
	switch s.Dialect() {
	case sqldb.Postgres, sqldb.SQLite:
		w.add("(NEXT_FIRE_TIME, ID)"+strings.Replace(id, "?", "(?, ?)", 1), k.Fire, k.ID)
	case sqldb.MySQL, sqldb.Oracle:
		w.add("NEXT_FIRE_TIME"+orAt(fire), k.Fire)
		w.add("(NEXT_FIRE_TIME"+fire+" OR NEXT_FIRE_TIME = ? AND ID"+id+")", k.Fire, k.Fire, k.ID)
	}
}

// byFire returns the words that sort by next fire.
func (s Span) byFire() string {
	_, direction := s.order()
	return " ORDER BY NEXT_FIRE_TIME" + direction + ", ID" + direction
}

// eachShard returns a select of next fires for each shard of the app, which are
// ranges of the scan's index, or one where another index finds the rows.
func (f ExecuteFilter) eachShard(w where, order string, n int) (selects []string, args []any) {
	parts := []string{""}
	if !f.few() {
		parts = nil
		for _, shard := range shards() {
			parts = append(parts, fmt.Sprintf(" AND SHARD = %d", shard))
		}
	}
	for i, shard := range parts {
		parts[i] = "SELECT * FROM (SELECT NEXT_FIRE_TIME, ID FROM QRTZ_EXECUTE" + w.String() + shard + order + ") s"
		args = append(append(args, w.args...), n)
	}
	return parts, args
}

// nextToFire reads the beginnings of the app's shards, which are ranges of the
// scan's index, and of those what comes first, in no order.
func (s Store) nextToFire(ctx context.Context, f ExecuteFilter, span Span) ([]schema.Execute, error) {
	w := f.where()
	s.fires(&w, f, span)
	order := span.byFire() + " {limit}"
	selects, args := f.eachShard(w, order, span.Limit)
	return sqldb.Select[schema.Execute](ctx, s.DB, selectExecute+" WHERE ID IN (SELECT ID FROM (SELECT ID FROM ("+
		strings.Join(selects, unionAll)+") u"+order+") f)", append(args, span.Limit)...)
}
