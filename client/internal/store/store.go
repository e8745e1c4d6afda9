package store

import (
	"context"
	"database/sql"
	"strings"
	"unicode/utf8"

	"github.com/quartz-cluster/quartz/internal/sqldb"
)

// Chunk is how many keys a statement names at most: Oracle takes 1,000.
const Chunk = 500

// Store sends the client's statements.
type Store struct{ *sqldb.DB }

// Writer is who writes a row: the machine and the actor.
type Writer struct {
	HostIP   string
	HostName string
	Actor    string
}

// null binds a zero value as NULL.
func null[T comparable](v T) any {
	var zero T
	if v == zero {
		return nil
	}
	return v
}

// first returns the only row of a query by key.
func first[T any](ctx context.Context, s Store, query string, args ...any) (row T, found bool, err error) {
	found, err = s.One(ctx, sqldb.Dest(&row), query, args...)
	return row, found, err
}

// exists reports whether a query returns a row.
func (s Store) exists(ctx context.Context, query string, args ...any) (bool, error) {
	found := false
	err := s.Each(ctx, func(*sql.Rows) error {
		found = true
		return nil
	}, query, args...)
	return found, err
}

// ids returns the ids that a query selects.
func (s Store) ids(ctx context.Context, query string, args ...any) ([]int64, error) {
	var out []int64
	err := s.Each(ctx, func(rows *sql.Rows) error {
		var id int64
		if err := rows.Scan(&id); err != nil {
			return err
		}
		out = append(out, id)
		return nil
	}, query, args...)
	return out, err
}

// where collects the conditions of a list.
type where struct {
	conditions []string
	args       []any
}

func (w *where) add(condition string, args ...any) {
	w.conditions = append(w.conditions, condition)
	w.args = append(w.args, args...)
}

// equal adds a condition unless the value is empty.
func (w *where) equal(column, value string) {
	if value != "" {
		w.add(column+" = ?", value)
	}
}

// prefix compares the beginning of a column, case by case: what LIKE makes of
// case differs between the databases.
func (w *where) prefix(column, value string) {
	if value != "" {
		w.add("SUBSTR("+column+", 1, ?) = ?", utf8.RuneCountInString(value), value)
	}
}

var likeEscapes = strings.NewReplacer("!", "!!", "%", "!%", "_", "!_")

// text looks for a text anywhere in the columns, whatever the case of those letters
// that the database knows cases of: SQLite, and PostgreSQL in the locale C, only of
// ASCII. So it is the database that lowers both sides.
func (w *where) text(value string, columns ...string) {
	if value == "" {
		return
	}
	pattern := "%" + likeEscapes.Replace(value) + "%"
	parts := make([]string, len(columns))
	args := make([]any, len(columns))
	for i, c := range columns {
		parts[i], args[i] = "LOWER("+c+") LIKE LOWER(?) ESCAPE '!'", pattern
	}
	w.add("("+strings.Join(parts, " OR ")+")", args...)
}

// in adds a condition unless the list is empty.
func in[T ~string](w *where, column string, values []T) {
	if len(values) == 0 {
		return
	}
	list := make([]string, len(values))
	for i, v := range values {
		list[i] = string(v)
	}
	w.add(column+" IN ?", list)
}

func (w *where) String() string {
	if len(w.conditions) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(w.conditions, " AND ")
}

// Span is a part of a list: rows past a key, in the order of the keys.
type Span struct {
	Limit      int
	Descending bool
	Within     int // how many rows a list that searches looks at, at most; 0: all
}

// order returns the words that compare with the last key and that sort by it.
func (s Span) order() (past, direction string) {
	if s.Descending {
		return " < ?", " DESC"
	}
	return " > ?", ""
}

// ids keeps the rows behind an id, up to another; 0 is no bound.
func (s Span) ids(w *where, after, until int64) {
	past, _ := s.order()
	if after != 0 {
		w.add("ID"+past, after)
	}
	if until != 0 {
		w.add("ID"+orAt(s.before()), until)
	}
}

// before returns the words that compare with the last key to look at.
func (s Span) before() string {
	before, _ := Span{Descending: !s.Descending}.order()
	return before
}

// orAt makes a comparison hold for the key itself as well.
func orAt(words string) string { return strings.Replace(words, " ?", "= ?", 1) }

// Savepoint marks a point in a transaction.
func (s Store) Savepoint(ctx context.Context, name string) error {
	_, err := s.Exec(ctx, "SAVEPOINT "+name)
	return err
}

// RollbackToSavepoint takes back what was written since Savepoint. It works
// although ctx may have ended: what is left must not be half a call.
func (s Store) RollbackToSavepoint(ctx context.Context, name string) error {
	ctx = context.WithoutCancel(ctx)
	if _, err := s.Exec(ctx, "ROLLBACK TO SAVEPOINT "+name); err != nil {
		return err
	}
	return s.ReleaseSavepoint(ctx, name)
}

// ReleaseSavepoint forgets the point. Oracle has no word for that and moves it
// at the next Savepoint.
func (s Store) ReleaseSavepoint(ctx context.Context, name string) error {
	if s.Dialect() == sqldb.Oracle {
		return nil
	}
	_, err := s.Exec(ctx, "RELEASE SAVEPOINT "+name)
	return err
}

// Version returns what the database says of itself.
func (s Store) Version(ctx context.Context) (version string, err error) {
	query := "SELECT VERSION()"
	switch s.Dialect() {
	case sqldb.Oracle:
		query = "select version from product_component_version where rownum = 1"
	case sqldb.SQLite:
		query = "SELECT sqlite_version()"
	case sqldb.Postgres, sqldb.MySQL:
	}
	_, err = s.One(ctx, []any{sqldb.Null(&version)}, query)
	return version, err
}
