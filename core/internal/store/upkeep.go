package store

import (
	"context"
	"database/sql"

	"github.com/quartz-cluster/quartz/internal/sqldb"
	"github.com/quartz-cluster/quartz/schema"
)

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
