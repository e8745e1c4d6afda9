package testdb

import (
	"fmt"
	"testing"

	driver "github.com/go-sql-driver/mysql"
)

// Through returns a DSN that leads to the same place by way of another address,
// as that of a proxy, and the address that it led to before.
func Through(kind Kind, dsn, address string) (through, target string, err error) {
	switch kind {
	case Postgres:
		u, err := parseURL(dsn)
		if err != nil {
			return "", "", err
		}
		target, u.Host = u.Host, address
		return u.String(), target, nil
	case MariaDB, MySQL:
		config, err := driver.ParseDSN(dsn)
		if err != nil {
			return "", "", err
		}
		target, config.Addr = config.Addr, address
		return config.FormatDSN(), target, nil
	default:
		return "", "", fmt.Errorf("%s has no server that is reached by an address", kind)
	}
}

// NewOn is [New] on a server of the test's own, given by its DSN. The place goes
// with the server.
func NewOn(t testing.TB, kind Kind, server string) DB {
	t.Helper()
	var dsn string
	var err error
	switch kind {
	case Postgres:
		dsn, _, err = createPostgres(server)
	case MariaDB, MySQL:
		dsn, _, err = createMySQL(kind, server)
	default:
		err = fmt.Errorf("a test has no %s server of its own", kind)
	}
	if err != nil {
		t.Fatal(err)
	}
	return opened(t, kind, dsn)
}

// NewBeside is [New] on another place than the test's own.
func NewBeside(t testing.TB, kind Kind) DB {
	t.Helper()
	dsn, drop, err := kind.create(t)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := drop(); err != nil {
			t.Errorf("remove the place beside the test's own on %s: %v", kind, err)
		}
	})
	return opened(t, kind, dsn)
}

func opened(t testing.TB, kind Kind, dsn string) DB {
	t.Helper()
	db, err := OpenDSN(kind, dsn)
	if err != nil {
		t.Fatal(err)
	}
	pool, err := db.DB()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = pool.Close() })
	return DB{Gorm: db, Kind: kind, DSN: dsn}
}
