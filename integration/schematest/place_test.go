package schematest

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"github.com/quartz-cluster/quartz/integration/internal/javaedition"
	"github.com/quartz-cluster/quartz/integration/internal/testdb"
	"github.com/quartz-cluster/quartz/internal/sqldb"
	"github.com/quartz-cluster/quartz/schema"
)

func runScript(t *testing.T, db *gorm.DB, sql string) {
	t.Helper()
	javaedition.Script(t, db, sql)
}

func TestTheLongestPrefix(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		opts := quiet()
		opts.TablePrefix = "my_" + strings.Repeat("Q", 12) + "_"
		require.NoError(t, schema.Migrate(t.Context(), db.Gorm, opts))
		require.NoError(t, schema.Verify(t.Context(), db.Gorm, opts))
		requireProblem(t, schema.Verify(t.Context(), db.Gorm, quiet()), "there is no table QRTZ_APP: run Migrate")
		// Beside others.
		require.NoError(t, schema.Migrate(t.Context(), db.Gorm, quiet()))
		require.NoError(t, schema.Verify(t.Context(), db.Gorm, quiet()))
		require.EqualValues(t, 0, count(t, db.Gorm, "SELECT COUNT(*) FROM "+opts.TablePrefix+"EXECUTE"))
	})
}

func TestAnotherSchema(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		if db.Kind.IsOracle() {
			// A schema is a user there, and this one is its own.
			var own string
			require.NoError(t, db.Gorm.Raw("SELECT SYS_CONTEXT('USERENV', 'CURRENT_SCHEMA') FROM DUAL").Row().Scan(&own))
			requireSchema(t, db.Gorm, own)
			return
		}
		other := otherSchema(t, db)
		require.NoError(t, schema.Migrate(t.Context(), db.Gorm, quiet()))
		require.NoError(t, db.Gorm.Exec("DROP TABLE QRTZ_JOB").Error)
		requireSchema(t, db.Gorm, other)
		requireProblem(t, schema.Verify(t.Context(), db.Gorm, quiet()), "there is no table QRTZ_JOB: run Migrate")
	})
}

func requireSchema(t *testing.T, db *gorm.DB, name string) {
	t.Helper()
	opts := quiet()
	opts.DatabaseSchema = name
	requireProblem(t, schema.Verify(t.Context(), db, opts), "there is no table "+name+".QRTZ_JOB: run Migrate")
	require.NoError(t, schema.Migrate(t.Context(), db, opts))
	require.NoError(t, schema.Verify(t.Context(), db, opts))
	d, err := sqldb.New(db, sqldb.Config{Schema: name})
	require.NoError(t, err)
	require.NoError(t, sqldb.Insert(t.Context(), d, "QRTZ_JOB", schema.Job{ID: 1, Application: "a", State: schema.Init, Class: "c"}))
	require.EqualValues(t, 1, count(t, db, "SELECT COUNT(*) FROM "+name+".QRTZ_JOB"))
}

// otherSchema makes a second schema (a database on MySQL, an attached one on
// SQLite) and returns its name.
func otherSchema(t *testing.T, db testdb.DB) string {
	t.Helper()
	switch db.Kind {
	case testdb.SQLite:
		conns, err := db.Gorm.DB()
		require.NoError(t, err)
		conns.SetMaxOpenConns(1) // what is attached is the connection's
		require.NoError(t, db.Gorm.Exec("ATTACH DATABASE ':memory:' AS ops").Error)
		return "ops"
	case testdb.Postgres:
		require.NoError(t, db.Gorm.Exec("CREATE SCHEMA ops").Error)
		return "ops"
	default:
		var own string
		require.NoError(t, db.Gorm.Raw("SELECT DATABASE()").Row().Scan(&own))
		name := strings.Replace(own, "quartz_test_", "quartz_ops_", 1)
		require.NoError(t, db.Gorm.Exec("CREATE DATABASE "+name).Error)
		t.Cleanup(func() { require.NoError(t, db.Gorm.Exec("DROP DATABASE "+name).Error) })
		return name
	}
}
