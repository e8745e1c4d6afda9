package main

import (
	"bytes"
	"crypto/rand"
	"os"
	"regexp"
	"strings"
	"testing"

	driver "github.com/go-sql-driver/mysql"
	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"github.com/quartz-cluster/quartz/examples/opendb"
)

// TestShowOnServers runs the show on each server that the environment names;
// `make test` names PostgreSQL and MariaDB.
func TestShowOnServers(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"POSTGRES", "MARIADB", "MYSQL", "ORACLE"} {
		server := os.Getenv("QUARTZ_TEST_" + name + "_DSN")
		if server == "" || testing.Short() {
			continue
		}
		t.Run(strings.ToLower(name), func(t *testing.T) {
			t.Parallel()
			if name == "MARIADB" || name == "MYSQL" {
				server = newDatabase(t, server)
			}
			var out bytes.Buffer
			var stderr locked
			code := quickstart(t.Context(), append([]string{"-dsn", server}, shortShow...), &out, &stderr)
			require.Zero(t, code, "%s\n%s", &out, &stderr)

			prefix := regexp.MustCompile(`QUICK_\w{5}_`).FindString(out.String())
			require.NotEmpty(t, prefix)
			db := open(t, server)
			for _, table := range []string{"APP", "NODE", "JOB", "EXECUTE"} {
				require.Error(t, db.Exec("SELECT 1 FROM "+prefix+table).Error, "%s%s is still there", prefix, table)
			}
		})
	}
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
	config.DBName = "quickstart_" + strings.ToLower(rand.Text()[:10])
	db := open(t, server)
	require.NoError(t, db.Exec("CREATE DATABASE "+config.DBName).Error)
	t.Cleanup(func() { require.NoError(t, db.Exec("DROP DATABASE "+config.DBName).Error) })
	return config.FormatDSN()
}
