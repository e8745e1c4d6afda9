package store

import (
	"context"

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

// UpdateExecute writes what a client may edit without touching the schedule,
// guarded by the version in row alone, so that fires do not get in its way.
func (s Store) UpdateExecute(ctx context.Context, row schema.Execute, by Writer) (int64, error) {
	return s.Exec(ctx, `UPDATE QRTZ_EXECUTE SET NAME = ?, DATA = ?, MISFIRE = ?, CATCH_UP = ?,
		HOST_IP = ?, HOST_NAME = ?, VERSION = VERSION + 1, UPDATE_TIME = {now}, UPDATED_BY = ?
		WHERE ID = ? AND VERSION = ?`,
		null(row.Name), null(row.Data), null(string(row.Misfire)), null(row.CatchUp),
		by.HostIP, by.HostName, null(by.Actor), row.ID, row.Version)
}

// Reschedule is UpdateExecute with another schedule. It also names the state
// and the instants from which row's next fire was computed, and adds the
// instants that the edit passes over to what was skipped.
func (s Store) Reschedule(ctx context.Context, read, row schema.Execute, skipped int64, by Writer) (int64, error) {
	return s.Exec(ctx, `UPDATE QRTZ_EXECUTE SET JOB_TYPE = ?, CRON = ?, ZONE_ID = ?, REPEAT_COUNT = ?, REPEAT_INTERVAL = ?,
		START_TIME = ?, END_TIME = ?, TIME_TRIGGERED = ?, NEXT_FIRE_TIME = ?, STATE = ?, LAST_ERROR = ?, SKIP_COUNT = SKIP_COUNT + ?,
		NAME = ?, DATA = ?, MISFIRE = ?, CATCH_UP = ?,
		HOST_IP = ?, HOST_NAME = ?, VERSION = VERSION + 1, UPDATE_TIME = {now}, UPDATED_BY = ?
		WHERE ID = ? AND VERSION = ? AND STATE = ? AND COALESCE(NEXT_FIRE_TIME, 0) = ? AND COALESCE(HIGH_TIME, 0) = ?`,
		string(row.JobType), null(row.Cron), null(row.ZoneID), null(row.RepeatCount), null(row.RepeatInterval),
		row.StartTime, row.EndTime, row.TimeTriggered, null(row.NextFireTime), string(row.State), null(row.LastError), skipped,
		null(row.Name), null(row.Data), null(string(row.Misfire)), null(row.CatchUp),
		by.HostIP, by.HostName, null(by.Actor),
		read.ID, read.Version, string(read.State), read.NextFireTime, read.HighTime)
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

// DeleteExecute removes an execute and the children that it left, itself first.
func (s Store) DeleteExecute(ctx context.Context, id int64) (int64, error) {
	n, err := s.Exec(ctx, "DELETE FROM QRTZ_EXECUTE WHERE ID = ?", id)
	if err != nil || n == 0 {
		return n, err
	}
	_, err = s.Exec(ctx, "DELETE FROM QRTZ_EXECUTE WHERE ORIGIN_ID = ?", id)
	return n, err
}

// DeleteExecutes removes executes by id.
func (s Store) DeleteExecutes(ctx context.Context, ids []int64) (int64, error) {
	return s.Exec(ctx, "DELETE FROM QRTZ_EXECUTE WHERE ID IN ?", ids)
}

// ExecuteIDs returns the ids of all executes of a job that is locked, children
// too, in order.
func (s Store) ExecuteIDs(ctx context.Context, job int64) ([]int64, error) {
	query := "SELECT ID FROM QRTZ_EXECUTE WHERE PID = ? ORDER BY ID"
	if s.Dialect() == sqldb.MySQL {
		query += " FOR UPDATE" // what is, not what a snapshot of the caller's has seen
	}
	return s.ids(ctx, query, job)
}

// ExecuteFilter narrows a list of executes. Children are never listed.
type ExecuteFilter struct {
	App        string
	Job        int64
	States     []schema.State
	Class      string
	NamePrefix string
	Text       string
	DueBefore  int64
	After      int64 // the last id already seen
}

// Executes lists executes by id.
func (s Store) Executes(ctx context.Context, f ExecuteFilter, span Span) ([]schema.Execute, error) {
	past, direction := span.order()
	var w where
	w.add("ORIGIN IS NULL")
	w.equal("APPLICATION", f.App)
	if f.Job != 0 {
		w.add("PID = ?", f.Job)
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
	if f.After != 0 {
		w.add("ID"+past, f.After)
	}
	return sqldb.Select[schema.Execute](ctx, s.DB,
		selectExecute+w.String()+" ORDER BY ID"+direction+" {limit}", append(w.args, span.Limit)...)
}
