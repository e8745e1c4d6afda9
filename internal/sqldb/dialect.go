package sqldb

import "fmt"

// Dialect is a family of databases that take the same statements.
type Dialect string

// The dialects, by the name that their gorm dialector gives.
const (
	Postgres Dialect = "postgres"
	MySQL    Dialect = "mysql" // MariaDB too
	Oracle   Dialect = "oracle"
	SQLite   Dialect = "sqlite"
)

// Dialects lists what is supported, in the order in which docs name it.
var Dialects = []Dialect{Postgres, MySQL, Oracle, SQLite}

// ParseDialect returns the dialect with that name.
func ParseDialect(name string) (Dialect, error) {
	for _, d := range Dialects {
		if string(d) == name {
			return d, nil
		}
	}
	return "", fmt.Errorf("sqldb: dialect %q is not supported: use a gorm dialector named postgres, mysql, oracle or sqlite", name)
}

// now is the database's UTC clock in epoch milliseconds, as it stands when the
// expression is evaluated: PostgreSQL's now() would be the transaction's start.
// It is cut, not rounded: half a millisecond too much would start runs early.
func (d Dialect) now() string {
	switch d {
	case Postgres:
		return "CAST(FLOOR(DATE_PART('epoch', clock_timestamp()) * 1000) AS BIGINT)"
	case MySQL:
		return "(TIMESTAMPDIFF(MICROSECOND, '1970-01-01 00:00:00', UTC_TIMESTAMP(6)) DIV 1000)"
	case Oracle:
		const elapsed = "(SYS_EXTRACT_UTC(SYSTIMESTAMP) - TIMESTAMP '1970-01-01 00:00:00')"
		return "(EXTRACT(DAY FROM " + elapsed + ") * 86400000 + EXTRACT(HOUR FROM " + elapsed + ") * 3600000" +
			" + EXTRACT(MINUTE FROM " + elapsed + ") * 60000 + FLOOR(EXTRACT(SECOND FROM " + elapsed + ") * 1000))"
	default:
		return "CAST(ROUND((julianday('now') - 2440587.5) * 86400000) AS INTEGER)"
	}
}

// tokens pairs each token of the package comment with this dialect's words.
// {now} is not among them: a test clock replaces it at every use.
func (d Dialect) tokens() []string {
	forUpdate, skipLocked, limit, behind, dual, mode := "FOR UPDATE", "FOR UPDATE SKIP LOCKED", "LIMIT ?", "LIMIT 1 OFFSET ?", "", "MODE"
	switch d {
	case Postgres:
		// Leaves alone who locks a row only against its deletion, as clients do
		// with the application's row.
		forUpdate, skipLocked = "FOR NO KEY UPDATE", "FOR NO KEY UPDATE SKIP LOCKED"
	case SQLite:
		forUpdate, skipLocked = "", ""
	case Oracle:
		limit, behind, dual, mode = "FETCH NEXT ? ROWS ONLY", "OFFSET ? ROWS FETCH NEXT 1 ROWS ONLY", " FROM DUAL", `"MODE"`
	}
	return []string{
		"{for update}", forUpdate, "{skip locked}", skipLocked,
		"{limit}", limit, "{behind}", behind, "{dual}", dual, "{MODE}", mode,
	}
}
