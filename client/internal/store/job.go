package store

import (
	"context"

	"github.com/quartz-cluster/quartz/internal/sqldb"
	"github.com/quartz-cluster/quartz/schema"
)

var selectJob = "SELECT " + sqldb.Columns[schema.Job]("") + " FROM QRTZ_JOB"

// Job returns a job.
func (s Store) Job(ctx context.Context, id int64) (schema.Job, bool, error) {
	return first[schema.Job](ctx, s, selectJob+" WHERE ID = ?", id)
}

// JobByName returns the job of an app that has the name.
func (s Store) JobByName(ctx context.Context, app, name string) (schema.Job, bool, error) {
	return first[schema.Job](ctx, s, selectJob+" WHERE APPLICATION = ? AND NAME = ?", app, name)
}

// InsertJobs adds jobs.
func (s Store) InsertJobs(ctx context.Context, rows ...schema.Job) error {
	return sqldb.Insert(ctx, s.DB, "QRTZ_JOB", rows...)
}

// UpdateJob writes what a client may edit, guarded by the version in row.
func (s Store) UpdateJob(ctx context.Context, row schema.Job, by Writer) (int64, error) {
	return s.Exec(ctx, `UPDATE QRTZ_JOB SET JOB_CLASS = ?, JOB_DATA = ?, JOB_DESCRIPTION = ?, NAME = ?,
		VERSION = VERSION + 1, UPDATE_TIME = {now}, UPDATED_BY = ?
		WHERE ID = ? AND VERSION = ?`,
		row.Class, null(row.Data), null(row.Description), null(row.Name), null(by.Actor), row.ID, row.Version)
}

// SetJobState writes a client's word on a job.
func (s Store) SetJobState(ctx context.Context, read schema.Job, to schema.State, by Writer) (int64, error) {
	return s.Exec(ctx, `UPDATE QRTZ_JOB SET STATE = ?, VERSION = VERSION + 1, UPDATE_TIME = {now}, UPDATED_BY = ?
		WHERE ID = ? AND STATE = ? AND VERSION = ?`,
		string(to), null(by.Actor), read.ID, string(read.State), read.Version)
}

// WakeJob takes back the summary of a job whose executes have something to
// fire again. It is no edit: version and time stay.
func (s Store) WakeJob(ctx context.Context, id int64, from schema.State) (int64, error) {
	return s.Exec(ctx, "UPDATE QRTZ_JOB SET STATE = 'EXECUTING' WHERE ID = ? AND STATE = ?", id, string(from))
}

// WakeJobs is WakeJob for all of the jobs that have such a summary.
func (s Store) WakeJobs(ctx context.Context, ids []int64) error {
	_, err := s.Exec(ctx, "UPDATE QRTZ_JOB SET STATE = 'EXECUTING' WHERE ID IN ? AND STATE IN ('COMPLETE', 'ERROR')", ids)
	return err
}

// SetJobStates moves those of the jobs that are in one of the states to another.
func (s Store) SetJobStates(ctx context.Context, ids []int64, from []schema.State, to schema.State, by Writer) (int64, error) {
	var w where
	w.add("ID IN ?", ids)
	in(&w, "STATE", from)
	return s.Exec(ctx, "UPDATE QRTZ_JOB SET STATE = ?, VERSION = VERSION + 1, UPDATE_TIME = {now}, UPDATED_BY = ?"+w.String(),
		append([]any{string(to), null(by.Actor)}, w.args...)...)
}

// DeleteJob removes the row of a job.
func (s Store) DeleteJob(ctx context.Context, id int64) (int64, error) {
	return s.Exec(ctx, "DELETE FROM QRTZ_JOB WHERE ID = ?", id)
}

// JobFilter narrows a list of jobs.
type JobFilter struct {
	App        string
	IDs        []int64
	States     []schema.State
	Class      string
	NamePrefix string
	Text       string
	After      int64 // the last id already seen
	Until      int64 // the last id to look at; 0: all
}

func (f JobFilter) lane() (w where) {
	w.equal("APPLICATION", f.App)
	return w
}

// searches reports whether the list may have to look at many rows for one.
func (f JobFilter) searches() bool {
	return f.IDs == nil && (len(f.States) > 0 || f.Class != "" || f.NamePrefix != "" || f.Text != "")
}

// Jobs lists jobs by id.
func (s Store) Jobs(ctx context.Context, f JobFilter, span Span) ([]schema.Job, error) {
	_, direction := span.order()
	w := f.lane()
	if f.IDs != nil {
		w.add("ID IN ?", f.IDs)
	}
	in(&w, "STATE", f.States)
	w.equal("JOB_CLASS", f.Class)
	w.prefix("NAME", f.NamePrefix)
	w.text(f.Text, "NAME", "JOB_CLASS", "JOB_DESCRIPTION")
	s.within(&w, "QRTZ_JOB", f.lane(), f.After, f.Until, span)
	return sqldb.Select[schema.Job](ctx, s.DB, selectJob+w.String()+" ORDER BY ID"+direction+" {limit}", append(w.args, span.Limit)...)
}
