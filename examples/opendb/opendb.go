package opendb

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/glebarez/sqlite"
	oracle "github.com/godoes/gorm-oracle"
	"gorm.io/driver/mysql"
	"gorm.io/driver/postgres"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"
)

// Usage describes the DSNs, for the help of a -dsn flag.
const Usage = "database: postgres://user:pw@host/db, user:pw@tcp(host:3306)/db for MySQL\n" +
	"or MariaDB, oracle://user:pw@host:1521/service, or the path of a SQLite file"

// Open opens the database of a DSN as [Usage] describes it. Close the pool with
// [Close].
func Open(dsn string) (*gorm.DB, error) {
	dialector, err := dialectorOf(dsn)
	if err != nil {
		return nil, err
	}
	db, err := gorm.Open(dialector, &gorm.Config{Logger: logger.Discard})
	if err != nil {
		// gorm hands the pool back also when the first ping of it failed.
		return nil, errors.Join(fmt.Errorf("open the database: %w", err), Close(db))
	}
	return db, nil
}

// Close closes the pool of db; nil has none.
func Close(db *gorm.DB) error {
	if db == nil || db.Config == nil || db.ConnPool == nil {
		return nil
	}
	pool, err := db.DB()
	if err != nil {
		return err
	}
	return pool.Close()
}

func dialectorOf(dsn string) (gorm.Dialector, error) {
	scheme, _, isURL := strings.Cut(dsn, "://")
	switch {
	case dsn == "":
		return nil, errors.New("the DSN is empty")
	case isURL && (scheme == "postgres" || scheme == "postgresql"):
		return postgres.Open(dsn), nil
	case isURL && scheme == "oracle":
		return oracle.Open(dsn), nil
	case strings.Contains(dsn, "@tcp(") || strings.Contains(dsn, "@unix("):
		return mysql.Open(dsn), nil
	case isURL:
		return nil, fmt.Errorf("the DSN begins with %q: it can be postgres://, oracle://, user:pw@tcp(host:3306)/db or the path of a SQLite file", scheme+"://")
	case strings.Contains(dsn, ":memory:"):
		return nil, fmt.Errorf("the DSN is %q: a database in memory belongs to one process, and nodes and back office are several", dsn)
	default:
		return sqlite.Open(sqliteDSN(dsn)), nil
	}
}

// sqliteDSN adds to the path of a file what several processes on it need.
func sqliteDSN(path string) string {
	query := url.Values{
		// First the timeout, because the switch to WAL may find the file locked.
		"_pragma": {"busy_timeout(10000)", "journal_mode(WAL)", "synchronous(NORMAL)"},
		// A transaction that reads before it writes would otherwise fail at its
		// first write, whatever the timeout, when another has written meanwhile.
		"_txlock": {"immediate"},
	}
	return path + "?" + query.Encode()
}
