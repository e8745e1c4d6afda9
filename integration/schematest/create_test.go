package schematest

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/integration/internal/testdb"
	"github.com/quartz-cluster/quartz/internal/sqldb"
	"github.com/quartz-cluster/quartz/schema"
)

func TestMigrateCreatesTheTables(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		ctx := t.Context()
		requireProblem(t, schema.Verify(ctx, db.Gorm, quiet()), "there is no table QRTZ_EXECUTE: run Migrate")
		require.NoError(t, schema.Migrate(ctx, db.Gorm, quiet()))
		require.NoError(t, schema.Verify(ctx, db.Gorm, quiet()))

		// Again: nothing to do, and nothing done.
		var log bytes.Buffer
		opts := schema.Options{Logger: slog.New(slog.NewTextHandler(&log, nil))}
		statements, err := schema.UpgradeDDL(ctx, db.Gorm, opts)
		require.NoError(t, err)
		require.Empty(t, statements)
		require.NoError(t, schema.Migrate(ctx, db.Gorm, opts))
		require.Empty(t, log.String())
	})
}

// What a DBA prints and runs by hand is what Migrate makes.
func TestThePrintedStatementsMakeTheSame(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		ddl, err := schema.DDL(db.Gorm.Dialector.Name(), quiet())
		require.NoError(t, err)
		runScript(t, db.Gorm, ddl)
		require.NoError(t, schema.Verify(t.Context(), db.Gorm, quiet()))
	})
}

func TestRowsComeBackAsTheyWere(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		ctx := t.Context()
		require.NoError(t, schema.Migrate(ctx, db.Gorm, quiet()))
		d, err := sqldb.New(db.Gorm, sqldb.Config{})
		require.NoError(t, err)

		app := schema.App{Application: "billing", State: schema.On, TimeNext: 1, Mode: schema.MasterOnly, Events: strings.Repeat("e", 70_000)}
		node := schema.Node{Application: "billing", Key: "n1", HostName: "h", State: schema.On, NodeID: schema.MaxID, Handlers: strings.Repeat("h", 70_000)}
		job := schema.Job{ID: schema.MaxID, Application: "billing", State: schema.Executing, Class: "c", Data: wide(schema.MaxData)}
		execute := schema.Execute{
			ID: schema.MaxID, PID: job.ID, JobType: schema.Simple, State: schema.Executing, Cron: wide(schema.MaxCron), ZoneID: "UTC",
			RepeatCount: 1<<31 - 1, RepeatInterval: 1 << 40, TimeTriggered: 1 << 40, HostIP: "h", HostName: "h", EndTime: -1,
			Application: "billing", Shard: 7, Name: "grün", Data: wide(schema.MaxData), Checkpoint: wide(schema.MaxData),
			LastError: wide(schema.MaxError), Recent: wide(schema.MaxRecent), ChildKey: "k",
		}
		bare := schema.Execute{ID: 1, PID: job.ID, JobType: schema.Cron, State: schema.Init, HostIP: "h", HostName: "h"}
		require.NoError(t, sqldb.Insert(ctx, d, "QRTZ_APP", app))
		require.NoError(t, sqldb.Insert(ctx, d, "QRTZ_NODE", node))
		require.NoError(t, sqldb.Insert(ctx, d, "QRTZ_JOB", job))
		require.NoError(t, sqldb.Insert(ctx, d, "QRTZ_EXECUTE", bare, execute))

		apps, err := sqldb.Select[schema.App](ctx, d, "SELECT "+sqldb.Columns[schema.App]("")+" FROM QRTZ_APP")
		require.NoError(t, err)
		require.Equal(t, []schema.App{app}, apps)
		nodes, err := sqldb.Select[schema.Node](ctx, d, "SELECT "+sqldb.Columns[schema.Node]("")+" FROM QRTZ_NODE")
		require.NoError(t, err)
		require.Equal(t, []schema.Node{node}, nodes)
		jobs, err := sqldb.Select[schema.Job](ctx, d, "SELECT "+sqldb.Columns[schema.Job]("")+" FROM QRTZ_JOB")
		require.NoError(t, err)
		require.Equal(t, []schema.Job{job}, jobs)
		executes, err := sqldb.Select[schema.Execute](ctx, d, "SELECT "+sqldb.Columns[schema.Execute]("")+" FROM QRTZ_EXECUTE ORDER BY ID")
		require.NoError(t, err)
		require.Equal(t, []schema.Execute{bare, execute}, executes)
	})
}

// wide is a text of n bytes in which not every character is one byte.
func wide(n int) string { return strings.Repeat("ü", n/2) }

func TestNamesAreUniqueWhereThereAreAny(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		ctx := t.Context()
		require.NoError(t, schema.Migrate(ctx, db.Gorm, quiet()))
		d, err := sqldb.New(db.Gorm, sqldb.Config{})
		require.NoError(t, err)
		job := func(id int64, app, name string) error {
			return sqldb.Insert(ctx, d, "QRTZ_JOB", schema.Job{ID: id, Application: app, Name: name, State: schema.Init, Class: "c"})
		}
		execute := func(id, pid int64, name, child string) error {
			return sqldb.Insert(ctx, d, "QRTZ_EXECUTE", schema.Execute{
				ID: id, PID: pid, Name: name, ChildKey: child, JobType: schema.Cron, State: schema.Init, HostIP: "h", HostName: "h",
			})
		}
		require.NoError(t, job(1, "a", "x"))
		require.True(t, sqldb.Duplicate(job(2, "a", "x")), "the same name in the same app")
		require.NoError(t, job(3, "b", "x"))
		require.NoError(t, job(4, "a", "X"), "names differ in case")
		require.NoError(t, job(5, "a", ""))
		require.NoError(t, job(6, "a", ""), "many jobs without a name")

		require.NoError(t, execute(1, 1, "x", "k"))
		require.True(t, sqldb.Duplicate(execute(2, 1, "x", "")), "the same name under the same job")
		require.NoError(t, execute(3, 2, "x", ""))
		require.NoError(t, execute(4, 1, "X", ""))
		require.NoError(t, execute(5, 1, "", ""))
		require.NoError(t, execute(6, 1, "", ""), "many executes without a name")
		require.True(t, sqldb.Duplicate(execute(7, 9, "", "k")), "the same child twice")
		require.True(t, sqldb.Duplicate(execute(1, 9, "", "")), "the same id twice")
	})
}

func TestTenAtOnceOnAnEmptyDatabase(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		atOnce(t, db, 10)
		require.NoError(t, schema.Migrate(t.Context(), db.Gorm, quiet()))
		require.NoError(t, schema.Verify(t.Context(), db.Gorm, quiet()))
	})
}

// atOnce migrates from n pools, each with a single connection, and returns how
// many of them changed anything.
func atOnce(t *testing.T, db testdb.DB, n int) (changed int) {
	t.Helper()
	if db.Kind == testdb.OracleH2 {
		return 0 // H2 fails when a session lists columns while another adds some
	}
	var wg sync.WaitGroup
	logs, errs := make([]bytes.Buffer, n), make([]error, n)
	for i := range n {
		pool := testdb.Open(t, db.Kind)
		conns, err := pool.DB()
		require.NoError(t, err)
		conns.SetMaxOpenConns(1)
		wg.Go(func() {
			errs[i] = schema.Migrate(context.Background(), pool, schema.Options{Logger: slog.New(slog.NewTextHandler(&logs[i], nil))})
		})
	}
	wg.Wait()
	for i := range n {
		require.NoError(t, errs[i])
		if strings.Contains(logs[i].String(), "statements=") {
			changed++
		}
	}
	if !db.Kind.IsOracle() { // has no lock that everybody may take
		require.Equal(t, 1, changed, "one works, the others wait")
	}
	return changed
}
