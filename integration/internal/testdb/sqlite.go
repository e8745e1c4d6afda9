package testdb

import (
	"net/url"
	"path/filepath"
	"testing"

	"github.com/glebarez/sqlite"
	"gorm.io/gorm"
)

// sqlitePragmas are what several processes on one file need. busy_timeout comes
// first, because the switch to WAL itself may find the file locked.
var sqlitePragmas = []string{"busy_timeout(10000)", "journal_mode(WAL)", "synchronous(NORMAL)"}

// createSQLite names a file below the test's own folder, which the test removes.
func createSQLite(t testing.TB) (string, func() error, error) {
	query := url.Values{
		// A transaction that reads before it writes would otherwise fail with
		// SQLITE_BUSY at its first write whatever the timeout is.
		"_txlock": {"immediate"},
		"_pragma": sqlitePragmas,
	}
	path := filepath.ToSlash(filepath.Join(t.TempDir(), "quartz.db"))
	return "file://" + path + "?" + query.Encode(), func() error { return nil }, nil
}

func openSQLite(dsn string) gorm.Dialector { return sqlite.Open(dsn) }
