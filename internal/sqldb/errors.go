package sqldb

import (
	"errors"
	"net"
	"regexp"
	"strings"
)

// Retryable reports whether the database gave up on a statement in a way that
// another try may mend, and has changed nothing: a deadlock, a lock timeout, a
// serialization failure, a busy SQLite file, a statement that was prepared
// before a column was widened.
func Retryable(err error) bool {
	switch code(err) {
	case "40001", "40P01", "55P03", stalePlan, // PostgreSQL
		"1213", "1205", "1020", "3572", // MySQL: deadlock, lock wait, record changed since last read (MariaDB), NOWAIT
		"ORA-00060", "ORA-00054", "ORA-08177", "ORA-30006",
		"ORA-04020", "ORA-04021", "ORA-14411", // another session changes the same table
		"SQLITE_BUSY":
		return true
	}
	return false
}

// Duplicate reports whether a unique key refused the row.
func Duplicate(err error) bool {
	switch code(err) {
	case "23505", "1062", "ORA-00001", "SQLITE_UNIQUE":
		return true
	}
	return false
}

// Rejected reports whether the database turned a statement down for what it
// would have written: a value, a constraint, a trigger. It has changed nothing,
// and will not take the same another time. What it says of the user, of his
// connections or of the statement as such is none of that: it holds for every row.
func Rejected(err error) bool {
	c := code(err)
	if m := mysqlState.FindStringSubmatch(c + errorText(err)); m != nil && !rejected.MatchString(c) {
		c = m[1]
	}
	if c == "42501" { // the policies of PostgreSQL's row security, or a right that the user lacks
		return !strings.Contains(errorText(err), "permission denied")
	}
	return rejected.MatchString(c)
}

var (
	mysqlState = regexp.MustCompile(`^\d{4}.*?Error \d{4} \((\w{5})\)`)
	// Of MySQL: a character that the column cannot hold, SIGNAL whatever its state, CHECK.
	rejected = regexp.MustCompile(`^(22|23|44|45|P0)\w{3}$|^(1366|1644|3819)$|^ORA-(00001|01400|01407|01438|02290|12899|20\d{3})$|^SQLITE_(CONSTRAINT|UNIQUE)$`)
)

// timedOut reports whether a deadline of the connection's passed.
func timedOut(err error) bool {
	var timeout net.Error
	return errors.As(err, &timeout) && timeout.Timeout()
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// MissingTable reports whether a table or a column was not there.
func MissingTable(err error) bool {
	switch code(err) {
	case "42P01", "42703", "1146", "1054", "ORA-00942", "ORA-00904", "SQLITE_MISSING":
		return true
	}
	return false
}

// Exists reports whether a table, a column or an index was there already, or a
// column was already as it is to be.
func Exists(err error) bool {
	switch code(err) {
	case "42P07", "42701", "42710", "1050", "1060", "1061", "ORA-00955", "ORA-01430", "ORA-01408", "ORA-01451", "SQLITE_EXISTS":
		return true
	}
	return false
}

// stalePlan stands for the one error of PostgreSQL's class "feature not
// supported" that goes away by itself.
const stalePlan = "0A000 cached plan"

var (
	mysqlError  = regexp.MustCompile(`^Error (\d{4})\b`)
	oracleError = regexp.MustCompile(`^ORA-\d{5}\b`)
)

// code names a driver's error without linking the driver: PostgreSQL's by
// SQLState, the others' by the text that their drivers begin with.
func code(err error) string {
	if err == nil {
		return ""
	}
	var state interface{ SQLState() string }
	if errors.As(err, &state) {
		if state.SQLState() == "0A000" && strings.Contains(err.Error(), "cached plan must not change result type") {
			return stalePlan
		}
		return state.SQLState()
	}
	if c := codeAtStart(err); c != "" {
		return c
	}
	text := err.Error()
	switch {
	case strings.Contains(text, "SQLITE_BUSY"), strings.Contains(text, "database is locked"), strings.Contains(text, "database table is locked"):
		return "SQLITE_BUSY"
	case strings.Contains(text, "UNIQUE constraint failed"):
		return "SQLITE_UNIQUE"
	case strings.Contains(text, "constraint failed"):
		return "SQLITE_CONSTRAINT"
	case strings.Contains(text, "no such table"), strings.Contains(text, "no such column"), strings.Contains(text, "has no column named"):
		return "SQLITE_MISSING"
	case strings.Contains(text, "already exists"), strings.Contains(text, "duplicate column name"):
		return "SQLITE_EXISTS"
	}
	return ""
}

// codeAtStart looks at err and at everything that it wraps. A driver's code is
// where the driver's own text begins: further on may be a value of the user's.
func codeAtStart(err error) string {
	text := err.Error()
	if m := mysqlError.FindStringSubmatch(text); m != nil {
		return m[1]
	}
	if m := oracleError.FindString(text); m != "" {
		return m
	}
	switch e := err.(type) { //nolint:errorlint // it walks the chain itself
	case interface{ Unwrap() error }:
		if inner := e.Unwrap(); inner != nil {
			return codeAtStart(inner)
		}
	case interface{ Unwrap() []error }:
		for _, inner := range e.Unwrap() {
			if c := codeAtStart(inner); c != "" {
				return c
			}
		}
	}
	return ""
}
