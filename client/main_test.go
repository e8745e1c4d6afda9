package client

import (
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/glebarez/sqlite"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"

	"github.com/quartz-cluster/quartz/internal/sqldb"
	"github.com/quartz-cluster/quartz/schema"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var noon = time.Date(2027, 3, 1, 12, 0, 0, 0, time.UTC)

// openSQLite opens an embedded database in the folder, as a user's main does.
func openSQLite(folder string) (*gorm.DB, error) {
	params := url.Values{"_txlock": {"immediate"}, "_pragma": {"busy_timeout(10000)", "journal_mode(WAL)", "synchronous(NORMAL)"}}
	return gorm.Open(sqlite.Open("file:"+filepath.Join(folder, "quartz.db")+"?"+params.Encode()), &gorm.Config{Logger: logger.Discard})
}

// newTest returns a client with the app "billing", on a clock that stands at
// noon.
func newTest(t *testing.T) (*Client, *gorm.DB) {
	t.Helper()
	return newTestAt(t, noon.UnixMilli)
}

// newTestAt is newTest on another clock.
func newTestAt(t *testing.T, clock sqldb.Clock) (*Client, *gorm.DB) {
	t.Helper()
	db, err := openSQLite(t.TempDir())
	require.NoError(t, err)
	pool, err := db.DB()
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, pool.Close()) })
	require.NoError(t, schema.Migrate(t.Context(), db, schema.Options{Logger: slog.New(slog.DiscardHandler)}))
	require.NoError(t, db.Use(clock))
	c, err := New(db)
	require.NoError(t, err)
	_, err = c.AddApp(t.Context(), App{Name: "billing"})
	require.NoError(t, err)
	return c, db
}

// impatientSQLite opens the file of db once more, for one who, like an engine,
// does not wait for what others hold.
func impatientSQLite(t *testing.T, db *gorm.DB) *gorm.DB {
	t.Helper()
	var seq int
	var name, file string
	require.NoError(t, db.Raw("PRAGMA database_list").Row().Scan(&seq, &name, &file))
	again, err := gorm.Open(sqlite.Open("file:"+file+"?_txlock=immediate&_pragma=busy_timeout(0)"), &gorm.Config{Logger: logger.Discard})
	require.NoError(t, err)
	pool, err := again.DB()
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, pool.Close()) })
	return again
}

func addTestExecute(t *testing.T, c *Client, s Schedule) *ExecuteInfo {
	t.Helper()
	job, err := c.AddJob(t.Context(), Job{App: "billing", Class: "x"})
	require.NoError(t, err)
	e, err := c.AddExecute(t.Context(), job.ID, s)
	require.NoError(t, err)
	return e
}

// contents is everything in the four tables.
func contents(t *testing.T, db *gorm.DB) string {
	t.Helper()
	var out strings.Builder
	for _, table := range []string{"QRTZ_APP", "QRTZ_NODE", "QRTZ_JOB", "QRTZ_EXECUTE"} {
		var rows []map[string]any
		require.NoError(t, db.Raw("SELECT * FROM "+table+" ORDER BY 1, 2").Scan(&rows).Error)
		for _, row := range rows {
			fmt.Fprintln(&out, table, row) // maps print in the order of their keys
		}
	}
	return out.String()
}

func mustExec(t *testing.T, c *Client, query string, args ...any) {
	t.Helper()
	n, err := c.db.Exec(context.Background(), query, args...)
	require.NoError(t, err)
	require.EqualValues(t, 1, n)
}
