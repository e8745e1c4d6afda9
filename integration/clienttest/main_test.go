package clienttest

import (
	"context"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/integration/internal/leak"
	"github.com/quartz-cluster/quartz/integration/internal/testdb"
	"github.com/quartz-cluster/quartz/internal/sqldb"
	"github.com/quartz-cluster/quartz/schema"
)

func TestMain(m *testing.M) { leak.Main(m) }

// noon is what the clock of a fixture says at first.
var noon = time.Date(2027, 3, 1, 12, 0, 0, 0, time.UTC)

// fixture is a client on tables of its own, with a database clock that the test
// moves.
type fixture struct {
	*testing.T
	*client.Client
	ctx  context.Context
	kind testdb.Kind
	db   *gorm.DB
	sql  *sqldb.DB
	now  atomic.Int64
}

// each runs a test on every database, with the app "billing" in the tables.
func each(t *testing.T, test func(f *fixture)) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		t.Parallel()
		f := &fixture{T: t, ctx: t.Context(), kind: db.Kind, db: db.Gorm}
		f.setNow(noon)
		require.NoError(t, schema.Migrate(f.ctx, f.db, schema.Options{Logger: slog.New(slog.DiscardHandler)}))
		require.NoError(t, f.db.Use(sqldb.Clock(f.now.Load)))
		f.Client = f.another(client.Config{Actor: "tester", CallTimeout: -1}) // slow machines are no failures
		var err error
		f.sql, err = sqldb.New(f.db, sqldb.Config{})
		require.NoError(t, err)
		_, err = f.AddApp(f.ctx, client.App{Name: "billing"})
		require.NoError(t, err)
		test(f)
	})
}

func (f *fixture) another(config client.Config) *client.Client {
	c, err := client.New(f.db, config)
	require.NoError(f, err)
	return c
}

func (f *fixture) setNow(t time.Time) { f.now.Store(t.UnixMilli()) }

func (f *fixture) pass(d time.Duration) { f.now.Add(d.Milliseconds()) }

// job adds a job to the app.
func (f *fixture) job() *client.JobInfo {
	f.Helper()
	job, err := f.AddJob(f.ctx, client.Job{App: "billing", Class: "invoice.send"})
	require.NoError(f, err)
	return job
}

// execute adds an execute to a job of its own.
func (f *fixture) execute(s client.Schedule, options ...client.ExecuteOption) *client.ExecuteInfo {
	f.Helper()
	e, err := f.AddExecute(f.ctx, f.job().ID, s, options...)
	require.NoError(f, err)
	return e
}

// exec sends a statement of the engine's, or of another program's, and expects
// it to touch one row.
func (f *fixture) exec(query string, args ...any) {
	f.Helper()
	n, err := f.sql.Exec(f.ctx, query, args...)
	require.NoError(f, err)
	require.EqualValues(f, 1, n, query)
}

// claimed moves an execute as a claim of its next fire does: high is the instant
// that is claimed, next the one after it; 0 is none.
func (f *fixture) claimed(id client.ID, high, next time.Time) {
	f.Helper()
	if next.IsZero() {
		f.exec("UPDATE QRTZ_EXECUTE SET HIGH_TIME = ?, PREV_FIRE_TIME = ?, NEXT_FIRE_TIME = NULL WHERE ID = ?",
			high.UnixMilli(), high.UnixMilli(), int64(id))
		return
	}
	f.exec("UPDATE QRTZ_EXECUTE SET HIGH_TIME = ?, PREV_FIRE_TIME = ?, NEXT_FIRE_TIME = ? WHERE ID = ?",
		high.UnixMilli(), high.UnixMilli(), next.UnixMilli(), int64(id))
}

func (f *fixture) setExecuteState(id client.ID, state schema.State) {
	f.Helper()
	f.exec("UPDATE QRTZ_EXECUTE SET STATE = ? WHERE ID = ?", string(state), int64(id))
}

func (f *fixture) setJobState(id client.ID, state schema.State) {
	f.Helper()
	f.exec("UPDATE QRTZ_JOB SET STATE = ? WHERE ID = ?", string(state), int64(id))
}

func (f *fixture) row(id client.ID) schema.Execute {
	f.Helper()
	var row schema.Execute
	found, err := f.sql.One(f.ctx, sqldb.Dest(&row), "SELECT "+sqldb.Columns[schema.Execute]("")+" FROM QRTZ_EXECUTE WHERE ID = ?", int64(id))
	require.NoError(f, err)
	require.True(f, found)
	return row
}

// child gives an execute a child as the engine makes it, changed by more.
func (f *fixture) child(origin client.ID, kind schema.Origin, which int64, more func(row *schema.Execute)) client.ID {
	f.Helper()
	row := f.childRow(origin, kind, which, more)
	require.NoError(f, sqldb.Insert(f.ctx, f.sql, "QRTZ_EXECUTE", row))
	return client.ID(row.ID)
}

func (f *fixture) childRow(origin client.ID, kind schema.Origin, which int64, more func(row *schema.Execute)) schema.Execute {
	f.Helper()
	of := f.row(origin)
	row := schema.Execute{
		ID: schema.NewID(), PID: of.PID, JobType: schema.Simple, State: schema.Executing, RepeatCount: 1,
		NextFireTime: which, StartTime: which, EndTime: -1, PrevFireTime: -1, HostIP: "10.0.0.9", HostName: "engine",
		Application: of.Application, Origin: kind, OriginID: of.ID, ChildKey: schema.ChildKey(of.ID, kind, which),
	}
	row.Shard = schema.ShardOf(row.ID)
	if more != nil {
		more(&row)
	}
	return row
}

// fires puts a fire in flight on an execute or a child.
func (f *fixture) fires(id client.ID, nominal time.Time, attempt int, node int64) {
	f.Helper()
	f.exec("UPDATE QRTZ_EXECUTE SET FIRE_TIME = ?, FIRE_ATTEMPT = ?, FIRE_NODE = ?, FIRE_START = ?, CANCEL = NULL WHERE ID = ?",
		nominal.UnixMilli(), attempt, node, f.now.Load(), int64(id))
}

func (f *fixture) jobState(id client.ID) schema.State {
	f.Helper()
	job, err := f.GetJob(f.ctx, id)
	require.NoError(f, err)
	return job.State
}

func (f *fixture) count(query string, args ...any) int64 {
	f.Helper()
	var n int64
	_, err := f.sql.One(f.ctx, []any{&n}, query, args...)
	require.NoError(f, err)
	return n
}

func requireField(t require.TestingT, err error, field string) {
	var wrong *client.FieldError
	require.ErrorAs(t, err, &wrong)
	require.Equal(t, field, wrong.Field, wrong.Error())
}

// requireConflict returns the reason of a conflict.
func requireConflict(t require.TestingT, err error, kind client.Kind) string {
	var conflict *client.StateConflictError
	require.ErrorAs(t, err, &conflict)
	require.Equal(t, kind, conflict.Kind, conflict.Error())
	return conflict.Reason
}
