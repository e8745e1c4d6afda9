package stagetest

import (
	"bytes"
	"context"
	"crypto/rand"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	driver "github.com/go-sql-driver/mysql"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"gorm.io/gorm"

	"github.com/quartz-cluster/quartz/examples/internal/stage"
	"github.com/quartz-cluster/quartz/examples/opendb"
)

// Main is the TestMain of a program: it makes the test binary what the program
// is, as that starts itself.
func Main(m *testing.M, p stage.Program) {
	p.NodeMain()
	goleak.VerifyTestMain(m)
}

// Shows performs the show on SQLite and on each server that the environment names,
// and demands that it ends well and prints what these expressions match. `make
// test` names PostgreSQL and MariaDB.
func Shows(t *testing.T, p stage.Program, lease string, expressions ...string) {
	t.Helper()
	for _, name := range []string{"SQLITE", "POSTGRES", "MARIADB", "MYSQL", "ORACLE"} {
		dsn := os.Getenv("QUARTZ_TEST_" + name + "_DSN")
		if name != "SQLITE" && (dsn == "" || testing.Short()) {
			continue
		}
		t.Run(strings.ToLower(name), func(t *testing.T) {
			t.Parallel()
			switch name {
			case "SQLITE":
				dsn = filepath.Join(t.TempDir(), "shared.db")
			case "MARIADB", "MYSQL":
				dsn = newDatabase(t, dsn)
			}
			code, text, stderr := Play(t.Context(), t, p, lease, dsn)
			require.Zero(t, code, "%s\n%s", text, stderr)
			require.Empty(t, stderr)
			require.NotContains(t, text, "\x1b[", "colour where there is no terminal")
			for _, e := range expressions {
				require.Regexp(t, e, text)
			}
		})
	}
}

// Lease is not so short that a busy machine loses it.
const Lease = "8s"

// Play performs a show of some seconds and demands that nothing of it is left in the
// database. What it prints is also written to watch.
func Play(ctx context.Context, t *testing.T, p stage.Program, lease, dsn string, watch ...io.Writer) (code int, stdout, stderr string) {
	t.Helper()
	var out bytes.Buffer
	var errs Buffer
	code = p.Run(ctx, []string{"-dsn", dsn, "-duration", "8s", "-lease", lease}, io.MultiWriter(append(watch, &out)...), &errs)

	prefix := regexp.MustCompile(p.Prefix + `\w{5}_`).FindString(out.String())
	require.NotEmpty(t, prefix, "%s\n%s", &out, &errs)
	tables, err := open(t, dsn).Migrator().GetTables()
	require.NoError(t, err)
	require.NotContains(t, strings.ToUpper(strings.Join(tables, " ")), prefix)
	return code, out.String(), errs.String()
}

// Buffer is a buffer that several processes write to.
type Buffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

// Write implements io.Writer.
func (b *Buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *Buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

func open(t *testing.T, dsn string) *gorm.DB {
	t.Helper()
	db, err := opendb.Open(dsn)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, opendb.Close(db)) })
	return db
}

// newDatabase makes a database on a MySQL or MariaDB server, as its DSN has none.
func newDatabase(t *testing.T, server string) string {
	t.Helper()
	config, err := driver.ParseDSN(server)
	require.NoError(t, err)
	config.DBName = "example_" + strings.ToLower(rand.Text()[:10])
	db := open(t, server)
	require.NoError(t, db.Exec("CREATE DATABASE "+config.DBName).Error)
	t.Cleanup(func() { require.NoError(t, db.Exec("DROP DATABASE "+config.DBName).Error) })
	return config.FormatDSN()
}
