package store

import (
	"cmp"
	"context"
	"database/sql"
	"maps"
	"slices"
	"strings"

	"github.com/quartz-cluster/quartz/internal/sqldb"
	"github.com/quartz-cluster/quartz/schema"
)

// Range is the part of one shard that a scan reads: from behind (After, AfterID)
// to Until, in epoch milliseconds.
type Range struct {
	Shard   int
	After   int64
	AfterID int64
	Until   int64
}

// enabledJob holds for a job whose executes fire: COMPLETE and ERROR on a job
// are summaries.
const enabledJob = "j.STATE IN ('EXECUTING', 'COMPLETE', 'ERROR')"

// Place says where a scanning node stands.
type Place struct {
	Classes []string
	Master  bool        // it is the application's master
	Mode    schema.Mode // of the application
}

// runOn lists what RUN_ON may say for the node to look at the row. What runs on all
// is run by its copies; the ClusterMisfireHandler alone moves it on. Which of the
// rows for some nodes, or for one, are its own is not for SQL to say.
// Where it may also say nothing, unset allows for that.
func (p Place) runOn() (unset string, mine []schema.RunOn) {
	if p.Master || p.Mode != schema.MasterOnly {
		unset = "e.RUN_ON IS NULL OR "
	}
	mine = []schema.RunOn{schema.RunOnAny, schema.RunOnSome, schema.RunOnNode}
	if p.Master {
		mine = append(mine, schema.RunOnMaster)
	}
	return unset, mine
}

// unoccupied holds for an execute that may have one more fire at a time: one where
// fires must not overlap, OVERLAP_MAX where that is limited. A child counts from when
// it comes until it is gone, whether it runs or waits; for the children themselves
// those that came before and those that run count, and their origin's own fire.
// Besides, a child needs an origin that may fire.
const unoccupied = `(COALESCE(e.OVERLAP, 'ALLOW') = 'ALLOW' AND COALESCE(e.OVERLAP_MAX, 0) < 1
		OR CASE WHEN COALESCE(e.OVERLAP, 'ALLOW') = 'ALLOW' THEN e.OVERLAP_MAX ELSE 1 END >
			(SELECT COUNT(*) FROM QRTZ_EXECUTE c
				WHERE c.ORIGIN_ID = CASE WHEN e.ORIGIN IS NULL OR e.ORIGIN = 'ALL' THEN e.ID ELSE e.ORIGIN_ID END
				AND c.ORIGIN <> 'ALL' AND c.ID <> e.ID
				AND (e.ORIGIN IS NULL OR e.ORIGIN = 'ALL' OR c.ID < e.ID OR c.FIRE_TIME IS NOT NULL))
			+ (SELECT COUNT(*) FROM QRTZ_EXECUTE f
				WHERE f.ID = CASE WHEN e.ORIGIN IS NULL OR e.ORIGIN = 'ALL' THEN e.ID ELSE e.ORIGIN_ID END AND f.FIRE_TIME IS NOT NULL))
	AND (e.ORIGIN_ID IS NULL
		OR EXISTS (SELECT 1 FROM QRTZ_EXECUTE o LEFT JOIN QRTZ_EXECUTE r ON r.ID = o.ORIGIN_ID
			WHERE o.ID = e.ORIGIN_ID AND o.STATE IN ('EXECUTING', 'COMPLETE')
			AND (o.ORIGIN_ID IS NULL OR r.STATE IN ('EXECUTING', 'COMPLETE'))))`

// related holds for an execute that other fires can stand in the way of, as [Due.related]
// says of one that was read.
const related = "(e.ORIGIN_ID IS NOT NULL OR COALESCE(e.OVERLAP, 'ALLOW') <> 'ALLOW' OR COALESCE(e.OVERLAP_MAX, 0) > 0)"

// unoccupiedOf returns those of some executes that nothing stands in the way of.
func unoccupiedOf(ctx context.Context, db *sqldb.DB, ids []int64) (map[int64]bool, error) {
	free := make(map[int64]bool, len(ids))
	for some := range slices.Chunk(ids, Batch) {
		err := db.Each(ctx, func(rows *sql.Rows) error {
			var id int64
			err := rows.Scan(&id)
			free[id] = true
			return err
		}, "SELECT e.ID FROM QRTZ_EXECUTE e WHERE e.ID IN ? AND "+unoccupied, some)
		if err != nil {
			return nil, err
		}
	}
	return free, nil
}

// allowed holds for an execute whose next fire may run beside the one that runs.
const allowed = `(e.FIRE_TIME IS NULL OR e.OVERLAP IS NULL OR e.OVERLAP = 'ALLOW')`

// Scan returns up to limit due executes of each range, soonest first: those that
// may be claimed, those of which an earlier fire still runs beside which the next one
// may, once it comes, and those that are occupied. The times are parameters, because
// a clock function in a range cannot use the index.
//
// The statement is a plain range of an index for PostgreSQL's planner to see that a
// few rows of it are cheap. What occupies an execute is asked of the few that
// something can occupy, by their ids: within the scan it would count on asking for
// every row that is due, and compile a statement so expensive first, which takes a
// second. Whether the job fires is a sub-select of which it assumes that it holds for
// nearly all: of a join it would assume the opposite, and sort all that is due.
func (s *Store) Scan(ctx context.Context, ranges []Range, place Place, limit int) ([]*Due, error) {
	if len(ranges) == 0 || len(place.Classes) == 0 || limit <= 0 {
		return nil, nil
	}
	unset, mine := place.runOn()
	ctx, cancel := s.call(ctx)
	defer cancel()
	// What a due execute must be, wherever it is.
	due := `e.STATE = 'EXECUTING' AND (` + unset + `e.RUN_ON IN ?)
			AND ` + allowed + `
			AND (SELECT 1 FROM QRTZ_JOB j WHERE j.ID = e.PID AND j.APPLICATION = ? AND ` + enabledJob + ` AND j.JOB_CLASS IN ?) IS NOT NULL`
	dueArgs := []any{mine, s.app, place.Classes}
	query, args := unionOf(s.app, ranges, due, dueArgs, limit)
	if s.db.Dialect() == sqldb.SQLite {
		query, args = windowOf(s.app, ranges, due, dueArgs, limit)
	}
	found, err := s.readDue(ctx, query, args)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	if err := s.occupied(ctx, found); err != nil {
		return nil, err
	}
	return found, s.addJobs(ctx, found, place.Classes)
}

// unionOf reads each range by a select of its own.
func unionOf(app string, ranges []Range, due string, dueArgs []any, limit int) (string, []any) {
	parts := make([]string, len(ranges))
	var args []any
	for i, r := range ranges {
		parts[i] = `SELECT * FROM (SELECT ` + dueColumns + ` FROM QRTZ_EXECUTE e
			WHERE e.APPLICATION = ? AND e.SHARD = ? AND e.NEXT_FIRE_TIME >= ? AND e.NEXT_FIRE_TIME <= ?
			AND (e.NEXT_FIRE_TIME > ? OR e.ID > ?) AND ` + due + `
			ORDER BY e.NEXT_FIRE_TIME, e.ID {limit}) s`
		args = append(args, app, r.Shard, r.After, r.Until, r.After, r.AfterID)
		args = append(append(args, dueArgs...), limit)
	}
	return strings.Join(parts, "\nUNION ALL\n"), args
}

// windowOf reads all ranges by one select: SQLite takes longer to prepare one for
// each than to run it, and has few executes.
func windowOf(app string, ranges []Range, due string, dueArgs []any, limit int) (string, []any) {
	values := make([]string, len(ranges))
	var args []any
	for i, r := range ranges {
		values[i] = "(?, ?, ?, ?)"
		args = append(args, r.Shard, r.After, r.AfterID, r.Until)
	}
	args = append(append(append(args, app), dueArgs...), limit)
	return `WITH r(PART, SOONEST, SOONEST_ID, LATEST) AS (VALUES ` + strings.Join(values, ", ") + `)
		SELECT ` + strings.ReplaceAll(dueColumns, "e.", "") + ` FROM (SELECT ` + dueColumns + `,
				ROW_NUMBER() OVER (PARTITION BY e.SHARD ORDER BY e.NEXT_FIRE_TIME, e.ID) RANKED
			FROM r JOIN QRTZ_EXECUTE e ON e.APPLICATION = ? AND e.SHARD = r.PART AND e.NEXT_FIRE_TIME >= r.SOONEST AND e.NEXT_FIRE_TIME <= r.LATEST
				AND (e.NEXT_FIRE_TIME > r.SOONEST OR e.ID > r.SOONEST_ID)
			WHERE ` + due + `) s WHERE RANKED <= ?`, args
}

// readDue reads what a scan selects, soonest first.
func (s *Store) readDue(ctx context.Context, query string, args []any) ([]*Due, error) {
	var due []*Due
	var d Due
	dest := d.dest()
	err := s.db.Each(ctx, func(rows *sql.Rows) error {
		d = Due{}
		err := rows.Scan(dest...)
		row := d
		due = append(due, &row)
		return err
	}, query, args...)
	slices.SortFunc(due, func(a, b *Due) int { return cmp.Or(cmp.Compare(a.Next, b.Next), cmp.Compare(a.ID, b.ID)) })
	return due, err
}

// occupied marks the executes that another fire stands in the way of. The others, of
// those that something can stand in the way of, it reads anew: what it answers for them
// is only true of what they are at that moment, as the fire that stood in the way may
// have ended since they were read and its end is what the policy goes by.
func (s *Store) occupied(ctx context.Context, due []*Due) error {
	var ids []int64
	for _, d := range due {
		if d.Occupied = d.related(); d.Occupied {
			ids = append(ids, d.ID)
		}
	}
	free := make(map[int64]*Due, len(ids))
	for some := range slices.Chunk(ids, Batch) {
		found, err := s.readDue(ctx, "SELECT "+dueColumns+" FROM QRTZ_EXECUTE e WHERE e.ID IN ? AND "+allowed+" AND "+unoccupied, []any{some})
		if err != nil {
			return err
		}
		for _, d := range found {
			free[d.ID] = d
		}
	}
	for i, d := range due {
		if now, ok := free[d.ID]; ok && now.Next == d.Next && now.Version == d.Version && now.RunOn == d.RunOn {
			due[i] = now
		}
	}
	return nil
}

// addJobs reads the jobs of executes, each once. One that has just changed so that
// it is not the node's to run makes an execute occupied.
func (s *Store) addJobs(ctx context.Context, due []*Due, classes []string) error {
	type job struct{ name, class, data string }
	jobs := make(map[int64]job)
	for _, d := range due {
		jobs[d.JobID] = job{}
	}
	for ids := range slices.Chunk(slices.Sorted(maps.Keys(jobs)), Batch) {
		err := s.db.Each(ctx, func(rows *sql.Rows) error {
			var id int64
			var j job
			err := rows.Scan(&id, sqldb.Null(&j.name), sqldb.Null(&j.class), sqldb.Null(&j.data))
			j.class = strings.TrimRight(j.class, " ") // MySQL finds it with spaces behind
			jobs[id] = j
			return err
		}, "SELECT ID, NAME, JOB_CLASS, JOB_DATA FROM QRTZ_JOB WHERE ID IN ?", ids)
		if err != nil {
			return err
		}
	}
	for _, d := range due {
		j := jobs[d.JobID]
		d.JobName, d.Class, d.JobData = j.name, j.class, j.data
		d.Occupied = d.Occupied || !slices.Contains(classes, j.class)
	}
	return nil
}

// Name is what a child's handler knows its execute by.
type Name struct {
	ID    int64 // of the execute that has the schedule
	Name  string
	Trace string // W3C trace context of whoever scheduled it
}

// Origins returns, for the ids of children's origins, the executes that a fire of
// theirs is one of.
func (s *Store) Origins(ctx context.Context, ids []int64) (map[int64]Name, error) {
	ctx, cancel := s.call(ctx)
	defer cancel()
	out := make(map[int64]Name, len(ids))
	err := s.db.Each(ctx, func(rows *sql.Rows) error {
		var id int64
		var n Name
		err := rows.Scan(&id, &n.ID, sqldb.Null(&n.Name), sqldb.Null(&n.Trace))
		out[id] = n
		return err
	}, `SELECT o.ID, COALESCE(r.ID, o.ID), COALESCE(r.NAME, o.NAME), o.TRACE FROM QRTZ_EXECUTE o LEFT JOIN QRTZ_EXECUTE r ON r.ID = o.ORIGIN_ID
		WHERE o.ID IN ?`, ids)
	return out, err
}
