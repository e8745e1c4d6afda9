package layout

import (
	"regexp"
	"strings"

	"github.com/quartz-cluster/quartz/internal/sqldb"
)

// Names puts configured names in the place of those that the files use.
type Names struct {
	Dialect sqldb.Dialect
	Config  sqldb.Config
}

var name = regexp.MustCompile(`(\bON )?\bQRTZ_([A-Z]+)(_[A-Z]+)?\b`)

// Apply renames tables, constraints and indexes in a statement or in a file.
func (n Names) Apply(sql string) string {
	var b strings.Builder
	at := 0
	for _, m := range name.FindAllStringSubmatchIndex(sql, -1) {
		b.WriteString(sql[at:m[0]])
		at = m[1]
		on, table, rest := sub(sql, m, 1), sub(sql, m, 2), sub(sql, m, 3)
		switch {
		case rest == "" && on != "":
			b.WriteString(on + n.on(table))
		case rest == "":
			b.WriteString(n.Config.Table(table))
		case rest == "_PK":
			b.WriteString(on + n.Config.Prefix + table + rest)
		default:
			b.WriteString(on + n.Index(table+rest))
		}
	}
	return b.String() + sql[at:]
}

// Index returns the name by which an index is created.
func (n Names) Index(name string) string {
	switch n.Dialect {
	case sqldb.Oracle, sqldb.SQLite:
		return n.Config.Table(name)
	default: // an index is in the schema of its table
		return n.Config.Prefix + name
	}
}

// on returns the name of the table after ON in CREATE INDEX: SQLite takes it
// from the schema of the index.
func (n Names) on(table string) string {
	if n.Dialect == sqldb.SQLite {
		return n.Config.Prefix + table
	}
	return n.Config.Table(table)
}

func sub(s string, m []int, group int) string {
	if m[2*group] < 0 {
		return ""
	}
	return s[m[2*group]:m[2*group+1]]
}
