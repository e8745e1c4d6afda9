package store

import (
	"context"
	"database/sql"

	"github.com/quartz-cluster/quartz/internal/sqldb"
	"github.com/quartz-cluster/quartz/schema"
)

// Counts are the numbers of an app.
type Counts struct {
	Nodes                     NodeCounts
	Jobs, Executes            map[schema.State]int64
	Running, Overdue, Failing int64
}

// NodeCounts sums up the live nodes of an app.
type NodeCounts struct{ Live, Paused, Draining, Capacity, Running int }

// Counted holds the counts of apps by their names.
type Counted map[string]*Counts

// Of returns the counts of an app.
func (c Counted) Of(app string) *Counts {
	n := c[app]
	if n == nil {
		n = &Counts{Jobs: map[schema.State]int64{}, Executes: map[schema.State]int64{}}
		c[app] = n
	}
	return n
}

// AllApps returns an app, or all of them by name.
func (s Store) AllApps(ctx context.Context, app string) ([]AppSeen, error) {
	var w where
	w.equal("APPLICATION", app)
	return s.seeApps(ctx, seeApp+w.String()+" ORDER BY APPLICATION", w.args...)
}

// Count counts what there is of an app, or of all; overdueAt is when what is
// overdue should have fired at the latest.
func (s Store) Count(ctx context.Context, app string, overdueAt int64) (Counted, error) {
	out := Counted{}
	for _, count := range []func(context.Context, string, int64, Counted) error{s.countNodes, s.countJobs, s.countExecutes, s.countOverdue, s.countCopies} {
		if err := count(ctx, app, overdueAt, out); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// counts sends a query of groups. Each row begins with an app, and add says what
// becomes of the numbers behind it.
func (s Store) counts(ctx context.Context, query string, args []any, dest []any, add func(app string)) error {
	var app string
	dest = append([]any{sqldb.Null(&app)}, dest...)
	return s.Each(ctx, func(rows *sql.Rows) error {
		if err := rows.Scan(dest...); err != nil {
			return err
		}
		add(app)
		return nil
	}, query, args...)
}

func (s Store) countNodes(ctx context.Context, app string, _ int64, out Counted) error {
	var w where
	w.add("NODE_ID IS NOT NULL")
	w.equal("APPLICATION", app)
	var n NodeCounts
	return s.counts(ctx, `SELECT APPLICATION, COUNT(*), COUNT(CASE WHEN STATE <> 'Y' THEN 1 END), COUNT(CASE WHEN CAPACITY = 0 THEN 1 END),
		SUM(CAPACITY), SUM(RUNNING) FROM QRTZ_NODE`+w.String()+" GROUP BY APPLICATION", w.args,
		[]any{&n.Live, &n.Paused, &n.Draining, &n.Capacity, &n.Running},
		func(app string) { out.Of(app).Nodes = n })
}

func (s Store) countJobs(ctx context.Context, app string, _ int64, out Counted) error {
	var w where
	w.equal("APPLICATION", app)
	var state schema.State
	var n int64
	return s.counts(ctx, "SELECT APPLICATION, STATE, COUNT(*) FROM QRTZ_JOB"+w.String()+" GROUP BY APPLICATION, STATE", w.args,
		[]any{&state, &n}, func(app string) { out.Of(app).Jobs[state] = n })
}

// countExecutes reads the rows of the executes once.
func (s Store) countExecutes(ctx context.Context, app string, _ int64, out Counted) error {
	var w where
	w.equal("APPLICATION", app)
	var state schema.State
	var n, running, failing int64
	return s.counts(ctx, `SELECT APPLICATION, STATE, COUNT(CASE WHEN ORIGIN IS NULL THEN 1 END), COUNT(FIRE_TIME),
		COUNT(CASE WHEN ORIGIN IS NULL AND `+fails+` THEN 1 END)
		FROM QRTZ_EXECUTE`+w.String()+" GROUP BY APPLICATION, STATE", w.args,
		[]any{&state, &n, &running, &failing}, func(app string) {
			of := out.Of(app)
			if n > 0 {
				of.Executes[state] = n
			}
			of.Running += running
			of.Failing += failing
		})
}

// countCopies counts the executes that fail on one of all nodes, and not by
// themselves.
func (s Store) countCopies(ctx context.Context, app string, _ int64, out Counted) error {
	var w where
	w.add("ID IN (SELECT C.ORIGIN_ID FROM QRTZ_EXECUTE C WHERE C.ORIGIN_ID IS NOT NULL AND " + failingCopy + ")")
	w.add("COALESCE(FAIL_STREAK, 0) < 1")
	w.add("STATE <> 'ERROR'")
	w.equal("APPLICATION", app)
	var n int64
	return s.counts(ctx, "SELECT APPLICATION, COUNT(*) FROM QRTZ_EXECUTE"+w.String()+" GROUP BY APPLICATION", w.args,
		[]any{&n}, func(app string) { out.Of(app).Failing += n })
}

func (s Store) countOverdue(ctx context.Context, app string, overdueAt int64, out Counted) error {
	w := ExecuteFilter{App: app, OverdueAt: overdueAt}.where()
	var n int64
	return s.counts(ctx, "SELECT APPLICATION, COUNT(*) FROM QRTZ_EXECUTE"+w.String()+" GROUP BY APPLICATION", w.args,
		[]any{&n}, func(app string) { out.Of(app).Overdue = n })
}
