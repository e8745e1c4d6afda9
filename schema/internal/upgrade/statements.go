package upgrade

import (
	"strings"

	"github.com/quartz-cluster/quartz/internal/sqldb"
	"github.com/quartz-cluster/quartz/schema/internal/layout"
)

// Statements returns what mends the problems of one table, in order, under the
// configured names. All changes of columns are one statement where the database
// allows it: each may copy the table, and each has to wait for its lock.
func Statements(names layout.Names, want *layout.Table, problems []Problem) []string {
	var out []string
	for _, p := range problems {
		if p.kind == noTable {
			out = append(out, want.Create)
			for _, index := range want.Indexes {
				out = append(out, index.Create)
			}
			return applied(names, out)
		}
	}
	switch names.Dialect {
	case sqldb.Postgres:
		out = alterPostgres(want, problems)
	case sqldb.MySQL:
		out = alterMySQL(want, problems)
	case sqldb.Oracle:
		out = alterOracle(want, problems)
	default:
		out = alterSQLite(want, problems)
	}
	for _, p := range problems {
		if p.kind == noIndex {
			out = append(out, p.index.Create)
		}
	}
	return applied(names, out)
}

func applied(names layout.Names, statements []string) []string {
	for i, s := range statements {
		statements[i] = names.Apply(s)
	}
	return statements
}

func alterPostgres(want *layout.Table, problems []Problem) []string {
	var changes []string
	grows := false
	for _, p := range problems {
		if p.kind == noColumn {
			changes = append(changes, "ADD COLUMN "+p.column.Definition())
			grows = true
		}
		if p.retype {
			changes = append(changes, "ALTER COLUMN "+p.column.Quoted+" TYPE "+p.column.Type)
		}
		if p.relax {
			changes = append(changes, "ALTER COLUMN "+p.column.Quoted+" DROP NOT NULL")
		}
	}
	var out []string
	if len(changes) > 0 {
		out = append(out, alter(want)+strings.Join(changes, ", "))
	}
	// Only beside new columns: an option that the owner changes later is theirs.
	if options, ok := strings.CutPrefix(want.Options, "WITH "); ok && grows {
		out = append(out, alter(want)+"SET "+options)
	}
	return out
}

func alterMySQL(want *layout.Table, problems []Problem) []string {
	var changes, options []string
	for _, p := range problems {
		switch {
		case p.engine:
			options = append(options, "ENGINE = InnoDB", "ROW_FORMAT = DYNAMIC")
		case p.collate:
			options = append(options, "CONVERT TO CHARACTER SET utf8mb4 COLLATE "+collation)
		case p.kind == noColumn:
			changes = append(changes, "ADD COLUMN "+p.column.Definition())
		case p.kind == wrongColumn:
			changes = append(changes, "MODIFY COLUMN "+p.column.Definition())
		}
	}
	if changes = append(options, changes...); len(changes) == 0 {
		return nil
	}
	return []string{alter(want) + strings.Join(changes, ", ")}
}

func alterOracle(want *layout.Table, problems []Problem) []string {
	var adds, changes []string
	for _, p := range problems {
		switch p.kind {
		case noColumn:
			adds = append(adds, p.column.Definition())
		case wrongColumn:
			change := p.column.Quoted
			if p.retype {
				change += " " + p.column.Type
			}
			if p.relax {
				change += " NULL"
			}
			changes = append(changes, change)
		}
	}
	var out []string
	if len(adds) > 0 {
		out = append(out, alter(want)+"ADD ("+strings.Join(adds, ", ")+")")
	}
	if len(changes) > 0 {
		out = append(out, alter(want)+"MODIFY ("+strings.Join(changes, ", ")+")")
	}
	return out
}

func alterSQLite(want *layout.Table, problems []Problem) []string {
	var out []string
	for _, p := range problems {
		if p.kind == noColumn {
			out = append(out, alter(want)+"ADD COLUMN "+p.column.Definition())
		}
	}
	return out
}

func alter(want *layout.Table) string { return "ALTER TABLE QRTZ_" + want.Name + " " }
