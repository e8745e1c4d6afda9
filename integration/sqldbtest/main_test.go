// Package sqldbtest checks the ground below the product's statements against
// real databases: sessions, transactions, exclusive sections, error classes.
package sqldbtest

import (
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"gorm.io/gorm"

	"github.com/quartz-cluster/quartz/integration/internal/leak"
	"github.com/quartz-cluster/quartz/integration/internal/testdb"
	"github.com/quartz-cluster/quartz/internal/sqldb"
	"github.com/quartz-cluster/quartz/schema"
)

func TestMain(m *testing.M) {
	// gorm's cache of prepared statements, of a caller that asked for one, has a
	// goroutine that nothing ends.
	leak.Main(m, goleak.IgnoreAnyFunction("gorm.io/gorm/internal/lru.NewLRU[...].func1"))
}

func open(t *testing.T, db *gorm.DB) *sqldb.DB {
	t.Helper()
	d, err := sqldb.New(db, sqldb.Config{})
	require.NoError(t, err)
	return d
}

// migrated is a database with the four tables and n jobs, whose ids are 1 to n.
func migrated(t *testing.T, db testdb.DB, n int) *sqldb.DB {
	t.Helper()
	require.NoError(t, schema.Migrate(t.Context(), db.Gorm, schema.Options{Logger: slog.New(slog.DiscardHandler)}))
	d := open(t, db.Gorm)
	for i := range n {
		require.NoError(t, sqldb.Insert(t.Context(), d, "QRTZ_JOB", job(int64(i+1))))
	}
	return d
}

func job(id int64) schema.Job {
	return schema.Job{ID: id, Application: "billing", State: schema.Executing, Class: "c"}
}

// another is one more pool on the same place.
func another(t *testing.T, db testdb.DB, options ...testdb.Option) *sqldb.DB {
	t.Helper()
	return open(t, testdb.Open(t, db.Kind, options...))
}

func single(t *testing.T, db *gorm.DB) {
	t.Helper()
	pool, err := db.DB()
	require.NoError(t, err)
	pool.SetMaxOpenConns(1)
}

func jobs(t *testing.T, d *sqldb.DB) []schema.Job {
	t.Helper()
	rows, err := sqldb.Select[schema.Job](t.Context(), d, "SELECT "+sqldb.Columns[schema.Job]("")+" FROM QRTZ_JOB ORDER BY ID")
	require.NoError(t, err)
	return rows
}

// set gives a job another class and returns how many rows that touched.
func set(t *testing.T, d *sqldb.DB, id int64, class string) (int64, error) {
	t.Helper()
	return d.Exec(t.Context(), "UPDATE QRTZ_JOB SET JOB_CLASS = ? WHERE ID = ?", class, id)
}
