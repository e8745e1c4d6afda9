package sqldbtest

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/integration/internal/testdb"
	"github.com/quartz-cluster/quartz/internal/sqldb"
)

// is checks that err is of one class and of no other.
func is(t *testing.T, err error, class string) {
	t.Helper()
	require.Error(t, err)
	require.Equal(t, class == "retryable", sqldb.Retryable(err), "%v", err)
	require.Equal(t, class == "duplicate", sqldb.Duplicate(err), "%v", err)
	require.Equal(t, class == "duplicate" || class == "rejected", sqldb.Rejected(err), "%v", err)
	require.Equal(t, class == "missing", sqldb.MissingTable(err), "%v", err)
	require.Equal(t, class == "exists", sqldb.Exists(err), "%v", err)
}

func TestErrorClassesAsServersAnswer(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		ctx := t.Context()
		d := open(t, db.Gorm)
		_, err := sqldb.Select[struct {
			ID int64 `gorm:"column:ID"`
		}](ctx, d, "SELECT ID FROM QRTZ_JOB")
		is(t, err, "missing")

		migrated(t, db, 1)
		is(t, sqldb.Insert(ctx, d, "QRTZ_JOB", job(1)), "duplicate")
		_, err = d.Exec(ctx, "UPDATE QRTZ_JOB SET NO_SUCH_COLUMN = 1")
		is(t, err, "missing")
		is(t, d.ExecAsIs(ctx, "CREATE TABLE QRTZ_JOB (ID INTEGER)"), "exists")
		is(t, d.ExecAsIs(ctx, "ALTER TABLE QRTZ_JOB ADD VERSION INTEGER"), "exists")
		is(t, d.ExecAsIs(ctx, "CREATE INDEX QRTZ_JOB_APP ON QRTZ_JOB (JOB_CLASS)"), "exists")
		stateless := job(2)
		stateless.State = ""
		is(t, sqldb.Insert(ctx, d, "QRTZ_JOB", stateless), "rejected")
		_, err = d.Exec(ctx, "SELEKT")
		is(t, err, "none")
	})
}

// What a trigger or a policy says of a row is told from what the database says of the
// user, or of the statement.
func TestARejectedRow(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		const rejected = "UPDATE QRTZ_JOB SET JOB_CLASS = 'bad'"
		var guards, user []string
		denied := "CALL nobody()"
		switch db.Kind {
		case testdb.Postgres:
			guards = []string{
				"ALTER TABLE QRTZ_JOB ENABLE ROW LEVEL SECURITY",
				"CREATE POLICY good ON QRTZ_JOB FOR UPDATE USING (true) WITH CHECK (JOB_CLASS <> 'bad')",
			}
			user, denied = []string{"SET LOCAL ROLE pg_write_all_data"}, "SELECT ID FROM QRTZ_JOB"
		case testdb.MariaDB, testdb.MySQL:
			guards = []string{"CREATE TRIGGER good BEFORE UPDATE ON QRTZ_JOB FOR EACH ROW SIGNAL SQLSTATE '42000'"}
		default:
			return
		}
		d := migrated(t, db, 1)
		for _, statement := range guards {
			require.NoError(t, d.ExecAsIs(t.Context(), statement))
		}
		for statement, class := range map[string]string{rejected: "rejected", denied: "none"} {
			err := d.Tx(t.Context(), func(tx *sqldb.DB) error {
				for _, become := range user {
					require.NoError(t, tx.ExecAsIs(t.Context(), become))
				}
				return tx.ExecAsIs(t.Context(), statement)
			})
			is(t, err, class)
		}
	})
}

// What a unique key quotes is the user's, and says nothing about the error.
func TestAValueThatLooksLikeAnError(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		d := migrated(t, db, 0)
		for i, name := range []string{"ORA-00060", "Error 1213 (40001)", "database is locked", "no such table"} {
			j := job(int64(i + 1))
			j.Name = name
			require.NoError(t, sqldb.Insert(t.Context(), d, "QRTZ_JOB", j))
			j.ID = 100
			is(t, sqldb.Insert(t.Context(), d, "QRTZ_JOB", j), "duplicate")
		}
	})
}

func TestALockedRowIsRetryable(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		d := migrated(t, db, 1)
		var impatient *sqldb.DB
		switch db.Kind {
		case testdb.SQLite:
			impatient = another(t, db, testdb.Param("_pragma", "busy_timeout(1)"))
		case testdb.MariaDB, testdb.MySQL:
			impatient = another(t, db, testdb.Param("innodb_lock_wait_timeout", "1"))
		case testdb.Postgres:
			impatient = another(t, db, testdb.Param("lock_timeout", "50"))
		default:
			impatient = another(t, db)
		}
		err := d.Tx(t.Context(), func(tx *sqldb.DB) error {
			if _, err := set(t, tx, 1, "held"); err != nil {
				return err
			}
			statement := "UPDATE QRTZ_JOB SET JOB_CLASS = 'wanted' WHERE ID = 1"
			if impatient.Dialect() == sqldb.Oracle { // waits for ever, unless told so in the statement
				statement = "SELECT ID FROM QRTZ_JOB WHERE ID = 1 FOR UPDATE NOWAIT"
			}
			_, err := impatient.Exec(t.Context(), statement)
			is(t, err, "retryable")
			return nil
		})
		require.NoError(t, err)
		require.Equal(t, "held", jobs(t, d)[0].Class)
	})
}

// Two transactions take two rows in opposite order: the database gives one up,
// and Tx runs it again, so that both come through.
func TestADeadlockIsRepeated(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		if db.Kind == testdb.SQLite {
			return // its writers are alone from the start of a transaction
		}
		d := migrated(t, db, 2)
		var met, done sync.WaitGroup
		met.Add(2)
		errs := make([]error, 2)
		runs := make([][]error, 2)
		for i := range 2 {
			mine, theirs := int64(i+1), int64(2-i)
			done.Go(func() {
				errs[i] = d.Tx(t.Context(), func(tx *sqldb.DB) error {
					if _, err := set(t, tx, mine, "first"); err != nil {
						return err
					}
					if len(runs[i]) == 0 {
						met.Done()
						met.Wait()
					}
					_, err := set(t, tx, theirs, "second")
					runs[i] = append(runs[i], err)
					return err
				})
			})
		}
		done.Wait()
		require.NoError(t, errs[0])
		require.NoError(t, errs[1])
		var lost []error
		for _, err := range append(runs[0], runs[1]...) {
			if err != nil {
				lost = append(lost, err)
			}
		}
		require.NotEmpty(t, lost, "one was given up")
		for _, err := range lost {
			is(t, err, "retryable")
		}
	})
}
