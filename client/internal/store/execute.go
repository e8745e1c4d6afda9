package store

import (
	"context"
	"slices"

	"github.com/quartz-cluster/quartz/internal/sqldb"
	"github.com/quartz-cluster/quartz/schema"
)

var (
	executeColumns = sqldb.Columns[schema.Execute]("")
	selectExecute  = "SELECT " + executeColumns + " FROM QRTZ_EXECUTE"
)

// Execute returns an execute.
func (s Store) Execute(ctx context.Context, id int64) (schema.Execute, bool, error) {
	return first[schema.Execute](ctx, s, selectExecute+" WHERE ID = ?", id)
}

// ExecuteByName returns the execute of a job that has the name.
func (s Store) ExecuteByName(ctx context.Context, job int64, name string) (schema.Execute, bool, error) {
	return first[schema.Execute](ctx, s, selectExecute+" WHERE PID = ? AND NAME = ?", job, name)
}

// NamedExecutes returns the executes of a job that have a name, by name.
func (s Store) NamedExecutes(ctx context.Context, job int64) (map[string]schema.Execute, error) {
	rows, err := sqldb.Select[schema.Execute](ctx, s.DB, selectExecute+" WHERE PID = ? AND NAME IS NOT NULL", job)
	out := make(map[string]schema.Execute, len(rows))
	for _, row := range rows {
		out[row.Name] = row
	}
	return out, err
}

// ExecuteNow returns an execute together with the database's clock, locked if
// that is asked for.
func (s Store) ExecuteNow(ctx context.Context, id int64, locked bool) (row schema.Execute, now int64, found bool, err error) {
	query := "SELECT " + executeColumns + ", {now} FROM QRTZ_EXECUTE WHERE ID = ?"
	if locked {
		query += " {for update}"
	}
	found, err = s.One(ctx, append(sqldb.Dest(&row), sqldb.Null(&now)), query, id)
	return row, now, found, err
}

// InsertExecutes adds executes.
func (s Store) InsertExecutes(ctx context.Context, rows ...schema.Execute) error {
	return sqldb.Insert(ctx, s.DB, "QRTZ_EXECUTE", rows...)
}

// editable are the columns that a client may edit without touching the schedule.
const editable = `NAME = ?, DATA = ?, MISFIRE = ?, CATCH_UP = ?, DEADLINE = ?, OVERLAP = ?, OVERLAP_MAX = ?, TIMEOUT = ?, PRIORITY = ?,
	RETRY_MAX = ?, RETRY_DELAY = ?, RETRY_CAP = ?, PAUSE_AFTER = ?, RECOVER = ?, RUN_ON = ?, TARGETS = ?, SHARD = ?,
	HOST_IP = ?, HOST_NAME = ?, VERSION = VERSION + 1, UPDATE_TIME = {now}, UPDATED_BY = ?`

func edited(row schema.Execute, by Writer) []any {
	return []any{
		null(row.Name), null(row.Data), null(string(row.Misfire)), null(row.CatchUp), null(row.Deadline),
		null(string(row.Overlap)), null(row.OverlapMax), null(row.Timeout), row.Priority,
		null(row.RetryMax), null(row.RetryDelay), null(row.RetryCap), null(row.PauseAfter), null(row.Recover),
		null(string(row.RunOn)), null(row.Targets), row.Shard,
		by.HostIP, by.HostName, null(by.Actor),
	}
}

// UpdateExecute writes what a client may edit without touching the schedule,
// guarded by the version in row alone, so that fires do not get in its way.
func (s Store) UpdateExecute(ctx context.Context, row schema.Execute, by Writer) (int64, error) {
	return s.Exec(ctx, "UPDATE QRTZ_EXECUTE SET "+editable+" WHERE ID = ? AND VERSION = ?",
		append(edited(row, by), row.ID, row.Version)...)
}

// Reschedule is UpdateExecute with another schedule. It also names the state
// and the instants from which row's next fire was computed, and adds the
// instants that the edit passes over to what was skipped.
func (s Store) Reschedule(ctx context.Context, read, row schema.Execute, skipped int64, by Writer) (int64, error) {
	return s.Exec(ctx, `UPDATE QRTZ_EXECUTE SET JOB_TYPE = ?, CRON = ?, ZONE_ID = ?, REPEAT_COUNT = ?, REPEAT_INTERVAL = ?,
		START_TIME = ?, END_TIME = ?, TIME_TRIGGERED = ?, NEXT_FIRE_TIME = ?, STATE = ?, LAST_ERROR = ?, TRACE = ?, SKIP_COUNT = SKIP_COUNT + ?,
		`+editable+`
		WHERE ID = ? AND VERSION = ? AND STATE = ? AND COALESCE(NEXT_FIRE_TIME, 0) = ? AND COALESCE(HIGH_TIME, 0) = ?`,
		slices.Concat([]any{
			string(row.JobType), null(row.Cron), null(row.ZoneID), null(row.RepeatCount), null(row.RepeatInterval),
			row.StartTime, row.EndTime, row.TimeTriggered, null(row.NextFireTime), string(row.State), null(row.LastError), null(row.Trace), skipped,
		}, edited(row, by), []any{read.ID, read.Version, string(read.State), read.NextFireTime, read.HighTime})...)
}

// SetExecuteState writes a client's word on an execute. Fires do not get in its
// way.
func (s Store) SetExecuteState(ctx context.Context, read schema.Execute, to schema.State, lastError string, by Writer) (int64, error) {
	return s.Exec(ctx, `UPDATE QRTZ_EXECUTE SET STATE = ?, LAST_ERROR = ?,
		HOST_IP = ?, HOST_NAME = ?, VERSION = VERSION + 1, UPDATE_TIME = {now}, UPDATED_BY = ?
		WHERE ID = ? AND VERSION = ? AND STATE = ?`,
		string(to), null(lastError), by.HostIP, by.HostName, null(by.Actor), read.ID, read.Version, string(read.State))
}

// RestartExecute is SetExecuteState to EXECUTING, with the next fire that was
// computed from the instants in read.
func (s Store) RestartExecute(ctx context.Context, read schema.Execute, next int64, lastError string, by Writer) (int64, error) {
	return s.Exec(ctx, `UPDATE QRTZ_EXECUTE SET STATE = 'EXECUTING', NEXT_FIRE_TIME = ?, LAST_ERROR = ?,
		HOST_IP = ?, HOST_NAME = ?, VERSION = VERSION + 1, UPDATE_TIME = {now}, UPDATED_BY = ?
		WHERE ID = ? AND VERSION = ? AND STATE = ? AND COALESCE(NEXT_FIRE_TIME, 0) = ? AND COALESCE(HIGH_TIME, 0) = ?`,
		next, null(lastError), by.HostIP, by.HostName, null(by.Actor),
		read.ID, read.Version, string(read.State), read.NextFireTime, read.HighTime)
}

// ResetExecute is RestartExecute with the start and the counts of a beginning, and
// adds the instants that it passes over to what was skipped.
func (s Store) ResetExecute(ctx context.Context, read, row schema.Execute, skipped int64, by Writer) (int64, error) {
	return s.Exec(ctx, `UPDATE QRTZ_EXECUTE SET STATE = ?, START_TIME = ?, NEXT_FIRE_TIME = ?, TIME_TRIGGERED = ?, FAIL_STREAK = ?, LAST_ERROR = ?,
		SKIP_COUNT = COALESCE(SKIP_COUNT, 0) + ?, TRACE = ?,
		HOST_IP = ?, HOST_NAME = ?, VERSION = VERSION + 1, UPDATE_TIME = {now}, UPDATED_BY = ?
		WHERE ID = ? AND VERSION = ? AND STATE = ? AND COALESCE(NEXT_FIRE_TIME, 0) = ? AND COALESCE(HIGH_TIME, 0) = ?`,
		string(row.State), row.StartTime, row.NextFireTime, row.TimeTriggered, row.FailStreak, null(row.LastError), skipped, null(row.Trace),
		by.HostIP, by.HostName, null(by.Actor),
		read.ID, read.Version, string(read.State), read.NextFireTime, read.HighTime)
}

// SetExecuteStates moves those of the executes that are in one of the states to
// another.
func (s Store) SetExecuteStates(ctx context.Context, ids []int64, from []schema.State, to schema.State, by Writer) (int64, error) {
	var w where
	w.add("ID IN ?", ids)
	in(&w, "STATE", from)
	return s.Exec(ctx, `UPDATE QRTZ_EXECUTE SET STATE = ?, HOST_IP = ?, HOST_NAME = ?,
		VERSION = VERSION + 1, UPDATE_TIME = {now}, UPDATED_BY = ?`+w.String(),
		append([]any{string(to), by.HostIP, by.HostName, null(by.Actor)}, w.args...)...)
}

// DeleteExecute removes an execute that is no child, and its children.
func (s Store) DeleteExecute(ctx context.Context, id int64) (int64, error) {
	return s.DeleteFamilies(ctx, []int64{id})
}

// DeleteFamilies removes executes that are no children, and their children.
// Themselves first: whoever adds a child holds the origin's row, so that afterwards
// nobody can.
func (s Store) DeleteFamilies(ctx context.Context, ids []int64) (int64, error) {
	n, err := s.Exec(ctx, "DELETE FROM QRTZ_EXECUTE WHERE ID IN ? AND ORIGIN IS NULL", ids)
	if err != nil || n == 0 {
		return n, err
	}
	return n, s.deleteBelow(ctx, ids, "")
}

// deleteBelow removes the children of executes that more holds for, and the
// children of their copies.
func (s Store) deleteBelow(ctx context.Context, origins []int64, more string) error {
	query := "SELECT ID FROM QRTZ_EXECUTE WHERE ORIGIN_ID IN ? AND ORIGIN = 'ALL' ORDER BY ID"
	if s.Dialect() == sqldb.MySQL {
		query += " FOR UPDATE" // what is, not what a snapshot of the caller's has seen
	}
	copies, err := s.ids(ctx, query, origins)
	if err != nil {
		return err
	}
	if _, err := s.Exec(ctx, "DELETE FROM QRTZ_EXECUTE WHERE ORIGIN_ID IN ?"+more, origins); err != nil {
		return err
	}
	for chunk := range slices.Chunk(copies, Chunk) {
		if _, err := s.Exec(ctx, "DELETE FROM QRTZ_EXECUTE WHERE ORIGIN_ID IN ?", chunk); err != nil {
			return err
		}
	}
	return nil
}

// DeleteCopies removes the copies of an execute for single nodes, with their
// children.
func (s Store) DeleteCopies(ctx context.Context, origin int64) error {
	return s.deleteBelow(ctx, []int64{origin}, " AND ORIGIN = 'ALL'")
}

// DeleteExecutes removes executes by id.
func (s Store) DeleteExecutes(ctx context.Context, ids []int64) (int64, error) {
	return s.Exec(ctx, "DELETE FROM QRTZ_EXECUTE WHERE ID IN ?", ids)
}

// DeleteChildren removes the children below a job. Once its executes are gone,
// nobody can add another.
func (s Store) DeleteChildren(ctx context.Context, job int64) error {
	_, err := s.Exec(ctx, "DELETE FROM QRTZ_EXECUTE WHERE PID = ? AND ORIGIN IS NOT NULL", job)
	return err
}

// ExecuteIDs returns the ids of the executes of a job that is locked, without
// children, in order.
func (s Store) ExecuteIDs(ctx context.Context, job int64) ([]int64, error) {
	query := "SELECT ID FROM QRTZ_EXECUTE WHERE PID = ? AND ORIGIN IS NULL ORDER BY ID"
	if s.Dialect() == sqldb.MySQL {
		query += " FOR UPDATE" // what is, not what a snapshot of the caller's has seen
	}
	return s.ids(ctx, query, job)
}
