package opendb_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/quartz-cluster/quartz/examples/opendb"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestSQLiteFileIsFitForSeveralProcesses(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a folder with spaces", "..", "quartz.db")
	db, err := opendb.Open(path)
	require.NoError(t, err)
	for pragma, want := range map[string]string{"busy_timeout": "10000", "journal_mode": "wal", "synchronous": "1"} {
		var got string
		require.NoError(t, db.Raw("PRAGMA "+pragma).Scan(&got).Error)
		require.Equal(t, want, got, pragma)
	}
	require.FileExists(t, filepath.Clean(path))
	require.NoError(t, opendb.Close(db))
}

func TestDSNThatCannotBeUsedIsNamed(t *testing.T) {
	t.Parallel()
	for dsn, want := range map[string]string{
		"":                         "the DSN is empty",
		":memory:":                 `":memory:"`,
		"mongodb://localhost/jobs": `"mongodb://"`,
		filepath.Join(t.TempDir(), "missing", "quartz.db"):     "unable to open database file",
		"postgres://nobody@127.0.0.1:1/none?connect_timeout=1": "open the database",
		"nobody@tcp(127.0.0.1:1)/none":                         "open the database",
	} {
		db, err := opendb.Open(dsn)
		require.ErrorContains(t, err, want, dsn)
		require.Nil(t, db, dsn)
	}
}

func TestCloseOfNothing(t *testing.T) {
	t.Parallel()
	require.NoError(t, opendb.Close(nil))
}
