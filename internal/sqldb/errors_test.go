package sqldb

import (
	"database/sql"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

type stateError struct{ state, text string }

func (e stateError) Error() string    { return e.text + " (SQLSTATE " + e.state + ")" }
func (e stateError) SQLState() string { return e.state }

// What servers can be made to answer is tested against them; the rest is here.
func TestErrorClasses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		err  error
		want string
	}{
		{nil, ""},
		{sql.ErrNoRows, ""},
		{errors.New("something about a deadlock and a UNIQUE key"), ""},
		{stateError{"40001", "ERROR: could not serialize access"}, "retryable"},
		{stateError{"0A000", "ERROR: cached plan must not change result type"}, "retryable"},
		{stateError{"0A000", "ERROR: cross-database references are not implemented"}, ""},
		{stateError{"08006", "connection failure"}, ""},
		{stateError{"23514", "ERROR: new row violates check constraint"}, "rejected"},
		{stateError{"P0001", "ERROR: raised by a trigger"}, "rejected"},
		{stateError{"42501", "ERROR: new row violates row-level security policy for table qrtz_execute"}, "rejected"},
		{stateError{"42501", "ERROR: permission denied for table qrtz_execute"}, ""},
		{stateError{"42P05", `ERROR: prepared statement "x" already exists`}, ""},
		{stateError{"53300", "FATAL: too many connections for role"}, ""},
		{stateError{"42703", `column "x" does not exist`}, "missing"},
		{stateError{"42P07", `relation "x" already exists`}, "exists"},
		{errors.New("Error 1020 (HY000): Record has changed since last read"), "retryable"},
		{errors.New("Error 1213 (40001): Deadlock found"), "retryable"},
		{errors.New("Error 1062 (23000): Duplicate entry 'ORA-00060' for key 'x'"), "duplicate"},
		{errors.New("Error 1644 (42000): raised by a trigger"), "rejected"},
		{errors.New("Error 1366 (HY000): Incorrect string value"), "rejected"},
		{errors.New("Error 3819 (HY000): Check constraint 'x' is violated"), "rejected"},
		{errors.New("Error 4025 (23000): CONSTRAINT `x` failed"), "rejected"},
		{errors.New("Error 1203 (42000): User quartz already has more than 'max_user_connections' active connections"), ""},
		{errors.New("Error 1226 (42000): User 'quartz' has exceeded the 'max_updates_per_hour' resource"), ""},
		{errors.New("Error 1142 (42000): UPDATE command denied to user 'quartz'"), ""},
		{errors.New("query: Error 1213 in the text of somebody else"), ""},
		{errors.New("ORA-00001: unique constraint (X.Y) violated"), "duplicate"},
		{errors.New("ORA-00054: resource busy and acquire with NOWAIT specified"), "retryable"},
		{errors.New("ORA-14411: The DDL cannot be run concurrently with other DDLs"), "retryable"},
		{errors.New("ORA-00942: table or view does not exist"), "missing"},
		{errors.New("ORA-01430: column being added already exists in table"), "exists"},
		{errors.New("database is locked (5) (SQLITE_BUSY)"), "retryable"},
		{errors.New("constraint failed: UNIQUE constraint failed: QRTZ_JOB.ID (1555)"), "duplicate"},
		{errors.New("SQL logic error: no such table: QRTZ_JOB (1)"), "missing"},
		{errors.New("SQL logic error: duplicate column name: X (1)"), "exists"},
	} {
		for _, err := range []error{c.err, wrapped(c.err), joined(c.err)} {
			require.Equal(t, c.want == "retryable", Retryable(err), "%v", err)
			require.Equal(t, c.want == "duplicate", Duplicate(err), "%v", err)
			require.Equal(t, c.want == "duplicate" || c.want == "rejected", Rejected(err), "%v", err)
			require.Equal(t, c.want == "missing", MissingTable(err), "%v", err)
			require.Equal(t, c.want == "exists", Exists(err), "%v", err)
		}
	}
}

func wrapped(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("claim: %w", fmt.Errorf("batch 3: %w", err))
}

func joined(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("close: %w", errors.Join(err, errors.New("rows were closed")))
}
