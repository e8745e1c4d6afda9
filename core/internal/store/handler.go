package store

import (
	"cmp"
	"context"
	"database/sql"
	"strings"

	"github.com/quartz-cluster/quartz/internal/sqldb"
	"github.com/quartz-cluster/quartz/schema"
)

// WinPass takes the ClusterMisfireHandler's next pass, if the application's row
// still shows the TIME_NEXT that the node read and nobody holds it.
func (s *Store) WinPass(ctx context.Context, seen, next int64) (won bool, err error) {
	ctx, cancel := s.call(ctx)
	defer cancel()
	if next == seen {
		next++ // what wins the pass must move
	}
	const win = "UPDATE QRTZ_APP SET TIME_PRE = {now}, TIME_NEXT = ?, TIME_INTERVAL = ? WHERE APPLICATION = ? AND TIME_NEXT = ?"
	free, winArgs := "SELECT APPLICATION FROM QRTZ_APP WHERE APPLICATION = ? AND TIME_NEXT = ? {skip locked}", []any{next, handlerInterval, s.app, seen}
	if s.db.Dialect() == sqldb.Postgres {
		n, err := s.db.Exec(ctx, "WITH free AS MATERIALIZED ("+free+") "+win+" AND APPLICATION IN (SELECT APPLICATION FROM free)",
			append([]any{s.app, seen}, winArgs...)...)
		return n == 1, err
	}
	err = s.db.TxOnce(ctx, func(tx *sqldb.DB) error {
		won = false
		var app string
		found, err := tx.One(ctx, []any{&app}, free, s.app, seen)
		if err != nil || !found {
			return err
		}
		n, err := tx.Exec(ctx, win, winArgs...)
		won = n == 1
		return err
	})
	return won && err == nil, err
}

// Flight is a fire in flight.
type Flight struct {
	Ref
	JobID   int64
	NodeID  int64
	Origin  schema.Origin // kind of child that carries it; empty: none
	Of      int64         // the execute that it is a fire of, above the copy whose child it is
	Recover int           // recoveries that it may use
	Used    int           // recoveries that it has used
	Trace   string        // W3C trace context of the fire, as far as the row has it; see [Due.Traces]
	Link    string        // that of the call which scheduled it, where the fire has or had another
}

// Flights returns fires in flight that the node claimed, at most limit of them,
// on rows behind afterID.
func (s *Store) Flights(ctx context.Context, nodeID, afterID int64, limit int) ([]Flight, error) {
	ctx, cancel := s.call(ctx)
	defer cancel()
	var out []Flight
	err := s.db.Each(ctx, func(rows *sql.Rows) error {
		f := Flight{NodeID: nodeID}
		var origin, lost, count int64
		var kind schema.JobType
		var trace, call string
		err := rows.Scan(&f.ID, &f.JobID, &f.Nominal, sqldb.Null(&f.Attempt), sqldb.Null(&f.Origin), sqldb.Null(&origin),
			sqldb.Null(&f.Recover), sqldb.Null(&lost), &kind, sqldb.Null(&count), sqldb.Null(&trace), sqldb.Null(&call))
		f.Of = cmp.Or(origin, f.ID)
		if f.child() {
			f.Used = int(lost)
		}
		if once(kind, count) {
			f.Trace, f.Link = trace, call
		} else {
			f.Link = trace
		}
		out = append(out, f)
		return err
	}, `SELECT e.ID, e.PID, e.FIRE_TIME, e.FIRE_ATTEMPT, e.ORIGIN, COALESCE(o.ORIGIN_ID, e.ORIGIN_ID), e.RECOVER, e.LOST_COUNT, e.JOB_TYPE,
			e.REPEAT_COUNT, e.TRACE, o.TRACE
		FROM QRTZ_EXECUTE e LEFT JOIN QRTZ_EXECUTE o ON o.ID = e.ORIGIN_ID
		WHERE e.APPLICATION = ? AND e.FIRE_NODE = ? AND e.FIRE_TIME IS NOT NULL AND e.ID > ? ORDER BY e.ID {limit}`, s.app, nodeID, afterID, limit)
	return out, err
}

// child reports whether the row that carries the fire goes with it.
func (f Flight) child() bool { return f.Origin != "" && f.Origin != schema.ChildAll }

// Recoverable reports whether the fire may run again on another node.
func (f Flight) Recoverable() bool { return f.Origin != schema.ChildAll && f.Used < f.Recover }

// Recover lets fires of a node that is gone run again elsewhere and returns those
// of which nobody holds the row.
func (s *Store) Recover(ctx context.Context, nodeID int64, fires []Ref, reason string) ([]Ref, error) {
	return s.endGone(ctx, nodeID, fires, Completion{Outcome: schema.Lost, Error: reason, Again: &Again{Kind: schema.ChildRecovery, Lost: 1}})
}

// Lose records fires of a node that is gone as lost and returns those of which
// nobody holds the row.
func (s *Store) Lose(ctx context.Context, nodeID int64, fires []Ref, reason string) ([]Ref, error) {
	return s.endGone(ctx, nodeID, fires, Completion{Outcome: schema.Lost, Error: reason})
}

func (s *Store) endGone(ctx context.Context, nodeID int64, fires []Ref, how Completion) ([]Ref, error) {
	done := make([]Completion, len(fires))
	for i, r := range fires {
		done[i] = how
		done[i].Ref = r
	}
	out, err := s.end(ctx, nodeID, done, true)
	return out.Written, err
}

// unheld sends a statement that changes one row of a table, if nobody holds it
// just now, and reports whether it did: the handler waits for no row, so that
// none holds up the others.
func (s *Store) unheld(ctx context.Context, table string, id int64, query string, args ...any) (changed bool, err error) {
	ctx, cancel := s.call(ctx)
	defer cancel()
	err = s.db.TxOnce(ctx, func(tx *sqldb.DB) error {
		changed = false
		var free int64
		found, err := tx.One(ctx, []any{&free}, "SELECT ID FROM "+table+" WHERE ID = ? {skip locked}", id)
		if err != nil || !found {
			return err
		}
		n, err := tx.Exec(ctx, query, args...)
		changed = n == 1
		return err
	})
	return changed && err == nil, err
}

// Stuck is an execute that is due and that no live node may be able to run.
type Stuck struct {
	ID, JobID int64
	Class     string
	RunOn     schema.RunOn
	Targets   string
	Next      int64
	LastError string
}

// Stuck returns executes behind afterID that were due by until and whose class is
// none of those that live nodes have handlers for, or that only the master or nodes
// with certain keys or labels may run. In an application of the mode MASTER_ONLY the
// latter are also those without a RUN_ON.
func (s *Store) Stuck(ctx context.Context, classes []string, mode schema.Mode, until, afterID int64, limit int) ([]Stuck, error) {
	ctx, cancel := s.call(ctx)
	defer cancel()
	which, args := "e.RUN_ON IN ('MASTER', 'SOME')", []any{s.app, shards(), until, afterID, s.app}
	if mode == schema.MasterOnly {
		which += " OR e.RUN_ON IS NULL"
	}
	if len(classes) > 0 {
		which, args = which+" OR j.JOB_CLASS NOT IN ?", append(args, classes)
	} else {
		which = "1 = 1"
	}
	var out []Stuck
	err := s.db.Each(ctx, func(rows *sql.Rows) error {
		var k Stuck
		err := rows.Scan(&k.ID, &k.JobID, &k.Class, sqldb.Null(&k.RunOn), sqldb.Null(&k.Targets), &k.Next, sqldb.Null(&k.LastError))
		k.Class = strings.TrimRight(k.Class, " ") // MySQL finds it with spaces behind
		out = append(out, k)
		return err
	}, `SELECT e.ID, e.PID, j.JOB_CLASS, e.RUN_ON, e.TARGETS, e.NEXT_FIRE_TIME, e.LAST_ERROR FROM QRTZ_EXECUTE e JOIN QRTZ_JOB j ON j.ID = e.PID
		WHERE `+overdueBy+` AND e.ID > ?
		AND j.APPLICATION = ? AND `+enabledJob+` AND (`+which+`) ORDER BY e.ID {limit}`, append(args, limit)...)
	return out, err
}

// Note writes LAST_ERROR of a stuck execute, if it is still the same and free.
func (s *Store) Note(ctx context.Context, k Stuck, text string) (bool, error) {
	same, args := "LAST_ERROR IS NULL", []any{clip(text), k.ID, k.Next}
	if k.LastError != "" {
		same, args = "LAST_ERROR = ?", append(args, k.LastError)
	}
	return s.unheld(ctx, "QRTZ_EXECUTE", k.ID, `UPDATE QRTZ_EXECUTE SET LAST_ERROR = ?
		WHERE ID = ? AND NEXT_FIRE_TIME = ? AND FIRE_TIME IS NULL AND STATE = 'EXECUTING' AND `+same, args...)
}

// orphaned begins a look for what was written under a job of the application by
// somebody who knows nothing of APPLICATION.
const orphaned = "FROM QRTZ_EXECUTE e JOIN QRTZ_JOB j ON j.ID = e.PID WHERE e.APPLICATION IS NULL AND j.APPLICATION = ?"

// Orphans returns executes behind afterID without APPLICATION under the
// application's jobs: the Java edition's client wrote them.
func (s *Store) Orphans(ctx context.Context, afterID int64, limit int) ([]schema.Execute, error) {
	ctx, cancel := s.call(ctx)
	defer cancel()
	return sqldb.Select[schema.Execute](ctx, s.db, "SELECT "+sqldb.Columns[schema.Execute]("e")+" "+orphaned+
		" AND e.ID > ? ORDER BY e.ID {limit}", s.app, afterID, limit)
}

// Adopt fills in the application, the shard and the start time of an orphan.
func (s *Store) Adopt(ctx context.Context, e schema.Execute, start int64) (bool, error) {
	return s.unheld(ctx, "QRTZ_EXECUTE", e.ID, `UPDATE QRTZ_EXECUTE SET APPLICATION = ?, SHARD = ?, START_TIME = ?
		WHERE ID = ? AND APPLICATION IS NULL AND START_TIME = ? AND COALESCE(NEXT_FIRE_TIME, 0) = ? AND COALESCE(VERSION, 0) = ?`,
		s.app, schema.PlaceOf(e.ID, e.RunOn), start, e.ID, e.StartTime, e.NextFireTime, e.Version)
}

// Summary counts the executes of a job by state.
type Summary struct {
	JobID    int64
	State    schema.State
	Executes int64
	Complete int64
	Failed   int64 // in ERROR
	Enabled  int64 // EXECUTING
	Idle     int64 // of these, without a next fire and with none in flight
}

// Summaries counts the executes of the next jobs behind afterID.
func (s *Store) Summaries(ctx context.Context, afterID int64, limit int) ([]Summary, error) {
	ctx, cancel := s.call(ctx)
	defer cancel()
	var out []Summary
	err := s.db.Each(ctx, func(rows *sql.Rows) error {
		var m Summary
		err := rows.Scan(&m.JobID, &m.State, sqldb.Null(&m.Executes), sqldb.Null(&m.Complete), sqldb.Null(&m.Failed),
			sqldb.Null(&m.Enabled), sqldb.Null(&m.Idle))
		out = append(out, m)
		return err
	}, `SELECT j.ID, j.STATE, COUNT(e.ID),
			SUM(CASE WHEN e.STATE = 'COMPLETE' THEN 1 ELSE 0 END),
			SUM(CASE WHEN e.STATE = 'ERROR' THEN 1 ELSE 0 END),
			SUM(CASE WHEN e.STATE = 'EXECUTING' THEN 1 ELSE 0 END),
			SUM(CASE WHEN e.STATE = 'EXECUTING' AND COALESCE(e.NEXT_FIRE_TIME, 0) < 1 AND e.FIRE_TIME IS NULL THEN 1 ELSE 0 END)
		FROM (SELECT ID, STATE FROM QRTZ_JOB WHERE APPLICATION = ? AND ID > ? ORDER BY ID {limit}) j
		LEFT JOIN QRTZ_EXECUTE e ON e.PID = j.ID AND e.ORIGIN IS NULL
		GROUP BY j.ID, j.STATE ORDER BY j.ID`, s.app, afterID, limit)
	return out, err
}

// Summarise sets the state of a job to what its executes add up to, if they
// still do.
func (s *Store) Summarise(ctx context.Context, m Summary, to schema.State) (bool, error) {
	unless := "e.STATE <> 'COMPLETE'"
	switch to {
	case schema.Error:
		unless = "e.STATE NOT IN ('COMPLETE', 'ERROR')"
	case schema.Executing:
		unless = "" // guarded by its own row alone: an enabled job stops nothing
	}
	query, args := "UPDATE QRTZ_JOB SET STATE = ? WHERE ID = ? AND STATE = ?", []any{to, m.JobID, m.State}
	if unless != "" {
		query += " AND NOT EXISTS (SELECT 1 FROM QRTZ_EXECUTE e WHERE e.PID = QRTZ_JOB.ID AND e.ORIGIN IS NULL AND " + unless + ")"
	}
	return s.unheld(ctx, "QRTZ_JOB", m.JobID, query, args...)
}

// Unscheduled returns enabled executes of the jobs that have no next fire and
// none in flight: somebody enabled them without computing one.
func (s *Store) Unscheduled(ctx context.Context, jobs []int64, limit int) ([]schema.Execute, error) {
	ctx, cancel := s.call(ctx)
	defer cancel()
	return sqldb.Select[schema.Execute](ctx, s.db, `SELECT `+sqldb.Columns[schema.Execute]("")+` FROM QRTZ_EXECUTE
		WHERE PID IN ? AND STATE = 'EXECUTING' AND COALESCE(NEXT_FIRE_TIME, 0) < 1 AND FIRE_TIME IS NULL AND ORIGIN IS NULL ORDER BY ID {limit}`, jobs, limit)
}

// Schedule gives an unscheduled execute its next fire, or completes it where
// next is 0.
func (s *Store) Schedule(ctx context.Context, e schema.Execute, next int64) (bool, error) {
	columns, args := "NEXT_FIRE_TIME = ?", []any{next}
	if next == 0 {
		columns, args = "STATE = 'COMPLETE', LAST_END_TIME = {now}", nil
	}
	return s.unheld(ctx, "QRTZ_EXECUTE", e.ID, `UPDATE QRTZ_EXECUTE SET `+columns+`, LAST_ERROR = NULL
		WHERE ID = ? AND COALESCE(VERSION, 0) = ? AND STATE = 'EXECUTING' AND COALESCE(NEXT_FIRE_TIME, 0) < 1 AND FIRE_TIME IS NULL`,
		append(args, e.ID, e.Version)...)
}

// ended is when an execute was completed: the Java edition wrote that into
// END_TIME.
const ended = "COALESCE(LAST_END_TIME, END_TIME)"

// Expired returns completed executes of the jobs that ended before the time, and of
// which no fire runs or waits in a child.
func (s *Store) Expired(ctx context.Context, jobs []int64, before int64, limit int) ([]schema.Execute, error) {
	ctx, cancel := s.call(ctx)
	defer cancel()
	return sqldb.Select[schema.Execute](ctx, s.db, `SELECT `+sqldb.Columns[schema.Execute]("")+` FROM QRTZ_EXECUTE
		WHERE PID IN ? AND STATE = 'COMPLETE' AND `+ended+` > 0 AND `+ended+` < ? AND ORIGIN IS NULL AND `+finished+` ORDER BY ID {limit}`, jobs, before, limit)
}

// finished holds for an execute no fire of which runs or waits in a child, or is
// still to come from a copy for a single node. The last instant may have failed and
// wait for its next attempt although nothing is left of the schedule.
const finished = `NOT EXISTS (SELECT 1 FROM QRTZ_EXECUTE c WHERE c.ORIGIN_ID = QRTZ_EXECUTE.ID
	AND (c.ORIGIN <> 'ALL' OR c.STATE <> 'COMPLETE' OR c.FIRE_TIME IS NOT NULL
		OR EXISTS (SELECT 1 FROM QRTZ_EXECUTE k WHERE k.ORIGIN_ID = c.ID)))`

// Forget deletes a completed execute that nobody changed since it was read, and
// that nothing is left of. Whoever adds a child holds its row, so that under the
// lock none comes; MySQL takes no sub-select on the table that it deletes from.
func (s *Store) Forget(ctx context.Context, e schema.Execute) (forgotten bool, err error) {
	ctx, cancel := s.call(ctx)
	defer cancel()
	err = s.db.TxOnce(ctx, func(tx *sqldb.DB) error {
		forgotten = false
		if _, free, err := lockExecute(ctx, tx, e.ID); err != nil || !free {
			return err
		}
		var id int64
		if over, err := tx.One(ctx, []any{&id}, "SELECT ID FROM QRTZ_EXECUTE WHERE ID = ? AND "+finished, e.ID); err != nil || !over {
			return err
		}
		n, err := tx.Exec(ctx, `DELETE FROM QRTZ_EXECUTE
			WHERE ID = ? AND STATE = 'COMPLETE' AND COALESCE(VERSION, 0) = ? AND COALESCE(LAST_END_TIME, 0) = ? AND FIRE_TIME IS NULL`,
			e.ID, e.Version, e.LastEndTime)
		forgotten = n == 1
		return err
	})
	return forgotten && err == nil, err
}
