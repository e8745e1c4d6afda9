package catalog

import (
	"context"
	"database/sql"
	"strings"

	"github.com/quartz-cluster/quartz/internal/sqldb"
)

// Table is a table as the database has it.
type Table struct {
	Engine  string            // on MySQL: InnoDB
	Columns map[string]Column // by name in upper case
	Indexes []*Index
}

// Column is a column as the database has it.
type Column struct {
	Type      string // varchar(50), in the database's own words
	Nullable  bool
	Collation string // of a text on MySQL
}

// Index is an index, or a key, as the database has it.
type Index struct {
	Name    string
	Unique  bool
	Partial bool
	Columns []string // in upper case; an expression is an empty string
}

// Read returns the table of that name, given without its prefix, or nil.
func Read(ctx context.Context, db *sqldb.DB, name string) (*Table, error) {
	t := &Table{Columns: map[string]Column{}}
	words := queries[db.Dialect()]
	args, exact := words.args(db.Config(), name)

	err := db.Each(ctx, func(rows *sql.Rows) error {
		var table, column string
		var cased int64
		var nullable int64
		var c Column
		err := rows.Scan(sqldb.Null(&table), &column, sqldb.Null(&c.Type), &nullable, sqldb.Null(&c.Collation), sqldb.Null(&t.Engine), &cased)
		if err != nil || cased == 1 && table != exact {
			return err
		}
		c.Nullable = nullable == 1
		t.Columns[strings.ToUpper(column)] = c
		return nil
	}, words.columns, args...)
	if err != nil || len(t.Columns) == 0 {
		return nil, err
	}

	err = db.Each(ctx, func(rows *sql.Rows) error {
		var index, column string
		var unique, partial int64
		if err := rows.Scan(&index, &unique, &partial, sqldb.Null(&column)); err != nil {
			return err
		}
		if n := len(t.Indexes); n == 0 || t.Indexes[n-1].Name != index {
			t.Indexes = append(t.Indexes, &Index{Name: index, Unique: unique == 1, Partial: partial == 1})
		}
		last := t.Indexes[len(t.Indexes)-1]
		column = strings.ToUpper(column)
		if _, ok := t.Columns[column]; !ok {
			column = "" // an expression
		}
		last.Columns = append(last.Columns, column)
		return nil
	}, words.indexes, args...)
	if err != nil {
		return nil, err
	}
	return t, nil
}
