package testdb

import (
	"errors"
	"os"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"github.com/quartz-cluster/quartz/integration/internal/leak"
)

func TestMain(m *testing.M) { leak.Main(m) }

func TestEachTestHasAPlaceOfItsOwn(t *testing.T) {
	Each(t, func(t *testing.T, db DB) {
		require.NoError(t, db.Gorm.Exec("CREATE TABLE mine (id INTEGER)").Error)

		t.Run("another test does not see it", func(t *testing.T) {
			other := New(t, db.Kind)
			require.NotEqual(t, db.DSN, other.DSN)
			require.False(t, hasMine(other.Gorm))
		})
		t.Run("a second pool of the same test does", func(t *testing.T) {
			again, err := OpenDSN(db.Kind, db.DSN)
			require.NoError(t, err)
			defer closePool(t, again)
			require.True(t, hasMine(again))
		})
		require.True(t, hasMine(Open(t, db.Kind)))
		require.Equal(t, db.DSN, DSN(t, db.Kind))
	})
}

// hasMine asks by a statement: the names in the catalogs differ in case.
func hasMine(db *gorm.DB) bool { return db.Exec("DELETE FROM mine").Error == nil }

func TestThePlaceIsGoneAfterTheTest(t *testing.T) {
	for _, kind := range Kinds(t) {
		if kind == SQLite { // its file goes with the test's folder
			continue
		}
		var dsn string
		t.Run(string(kind), func(t *testing.T) {
			dsn = New(t, kind).DSN
		})
		db, err := OpenDSN(kind, dsn)
		if err == nil {
			closePool(t, db)
		}
		require.Error(t, err)
	}
}

func TestParamReachesTheDriver(t *testing.T) {
	for _, kind := range Kinds(t) {
		if kind != MariaDB && kind != MySQL {
			continue
		}
		t.Run(string(kind), func(t *testing.T) {
			changed := New(t, kind)
			found := New(t, kind, Param("clientFoundRows", "true"))
			require.NoError(t, changed.Gorm.Exec("CREATE TABLE t (v INTEGER)").Error)
			require.NoError(t, changed.Gorm.Exec("INSERT INTO t VALUES (1)").Error)
			require.EqualValues(t, 0, changed.Gorm.Exec("UPDATE t SET v = 1").RowsAffected)
			require.EqualValues(t, 1, found.Gorm.Exec("UPDATE t SET v = 1").RowsAffected)
		})
	}
}

func TestSQLiteWaitsForALockedFile(t *testing.T) {
	db := Open(t, SQLite)
	for pragma, want := range map[string]string{
		"busy_timeout": "10000", "journal_mode": "wal", "synchronous": "1",
	} {
		var got string
		require.NoError(t, db.Raw("PRAGMA "+pragma).Row().Scan(&got))
		require.Equal(t, want, got, pragma)
	}
}

// A full run without a server must fail, and say how to get one.
func TestAMissingServerIsAFailure(t *testing.T) {
	if os.Getenv("QUARTZ_TEST_INNER") != "" {
		Open(t, Postgres)
		return
	}
	t.Parallel()
	for _, c := range []struct {
		name, short, kinds, want string
		fails                    bool
	}{
		{"full run", "-test.short=false", "", "QUARTZ_TEST_POSTGRES_DSN is empty", true},
		{"asked for", "-test.short=true", "sqlite,postgres", "QUARTZ_TEST_POSTGRES_DSN is empty", true},
		{"short run", "-test.short=true", "", "SKIP: TestAMissingServerIsAFailure", false},
		{"narrowed run", "-test.short=false", "mysql", "SKIP: TestAMissingServerIsAFailure", false},
	} {
		run := exec.CommandContext(t.Context(), os.Args[0], "-test.v", "-test.run=^TestAMissingServerIsAFailure$", c.short)
		run.Env = append(os.Environ(), "QUARTZ_TEST_INNER=1", "QUARTZ_TEST_POSTGRES_DSN=", "QUARTZ_TEST_KINDS="+c.kinds)
		output, err := run.CombinedOutput()
		var exit *exec.ExitError
		require.Equal(t, c.fails, errors.As(err, &exit), "%s: %s", c.name, output)
		require.Contains(t, string(output), c.want, c.name)
	}
}

func TestKindsRefusesAnUnknownName(t *testing.T) {
	t.Parallel()
	kinds, err := parseKinds("mysql, sqlite")
	require.NoError(t, err)
	require.Equal(t, []Kind{MySQL, SQLite}, kinds)
	_, err = parseKinds("postgres,mssql")
	require.ErrorContains(t, err, `QUARTZ_TEST_KINDS: "mssql" is no kind of database`)
}

func closePool(t *testing.T, db *gorm.DB) {
	t.Helper()
	pool, err := db.DB()
	require.NoError(t, err)
	require.NoError(t, pool.Close())
}
