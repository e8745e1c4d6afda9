package database

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const password = "p@ss/w:rd%?"

// Whatever is wrong, nothing that is said has the password in it.
func TestNoErrorHasThePassword(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	const escaped = "p%40ss%2Fw:rd%25%3F"
	for _, dsn := range []string{
		"postgres://ada:" + escaped + "@127.0.0.1:1/db?sslmode=disable",
		"postgres://ada:" + escaped + "@127.0.0.1:1/db?sslmode=sideways",
		"postgres://ada@127.0.0.1:1/db?sslmode=disable&password=" + escaped,
		"postgres://ada:" + escaped + "@127.0.0.1:port/db",
		"postgres://ada:" + password + "@127.0.0.1:1/db",
		"postgres:ada:" + password,
		"mysql://ada:" + escaped + "@127.0.0.1:1/db",
		"mysql://ada:" + escaped + "@127.0.0.1:1/db?timeout=soon",
		"mariadb://ada:" + password + "@127.0.0.1:1/db",
		"ada:" + password + "@tcp(127.0.0.1:1)/db",
		"ada:" + password + "@tcp(127.0.0.1:1",
		"oracle://ada:" + escaped + "@127.0.0.1:1/db",
		"oracle://ada:" + password + "@127.0.0.1:1/db",
		"oracle://ada:" + escaped + "@127.0.0.1:1/db?TIMEOUT=soon",
		"sqlserver://ada:" + escaped + "@127.0.0.1:1/db",
		"ada:" + password + "@127.0.0.1/db",
		password,
	} {
		_, err := Open(ctx, dsn, Options{Patience: time.Second})
		require.Error(t, err, dsn)
		var away *AwayError
		require.True(t, errors.Is(err, ErrDSN) || errors.As(err, &away), "%v", err)
		for _, secret := range []string{password, escaped, "p@ss", "p%40ss"} {
			require.NotContains(t, err.Error(), secret, dsn)
		}
	}
}

func TestAURLOfMySQLIsWrittenInTheDriversWay(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]string{
		"mysql://ada:p%40ss%2F@db:3307/jobs":                "ada:p@ss/@tcp(db:3307)/jobs",
		"mariadb://ada@db/jobs?tls=true&timeout=5s":         "ada@tcp(db:3306)/jobs?tls=true&timeout=5s",
		"mysql://ada:x@[::1]:3306/my%20jobs?readTimeout=1s": "ada:x@tcp([::1]:3306)/my%20jobs?readTimeout=1s",
	} {
		p, err := parse(url)
		require.NoError(t, err)
		same, err := parse(want)
		require.NoError(t, err)
		require.Equal(t, same.config(t), p.config(t), url)
	}
}

func TestASQLiteFileIsFitForSeveralProcesses(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a folder with spaces", "..", "quartz.db")
	for _, dsn := range []string{"sqlite:" + path, "sqlite://" + path + "?_pragma=foreign_keys(1)"} {
		db, err := Open(t.Context(), dsn, Options{Create: true})
		require.NoError(t, err)
		for pragma, want := range map[string]string{"busy_timeout": "10000", "journal_mode": "wal", "synchronous": "1"} {
			var got string
			require.NoError(t, db.Raw("PRAGMA "+pragma).Scan(&got).Error)
			require.Equal(t, want, got, pragma)
		}
		require.NoError(t, Close(db))
	}
}

func TestADSNWithAMistakeLeavesNoFileBehind(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "quartz.db")
	_, err := Open(t.Context(), "sqlite:"+path, Options{})
	require.ErrorIs(t, err, ErrNoFile)
	require.NoFileExists(t, path)
	require.NoError(t, Close(nil))
}

// A server that takes the connection and says nothing is not waited for.
func TestAServerThatSaysNothingIsAway(t *testing.T) {
	t.Parallel()
	silent := listen(t)
	for _, dsn := range []string{
		"postgres://ada:x@" + silent + "/db?sslmode=disable",
		"mysql://ada:x@" + silent + "/db",
		"oracle://ada:x@" + silent + "/db",
	} {
		_, err := Open(t.Context(), dsn, Options{Patience: 100 * time.Millisecond})
		var away *AwayError
		require.ErrorAs(t, err, &away, dsn)
	}
}
