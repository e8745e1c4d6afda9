package sqldb

import (
	"context"
	"database/sql"
	"fmt"
	"reflect"
	"strings"
	"sync"
)

// Null wraps a *int64, *int, *string or *bool for Scan: NULL becomes the zero
// value, so that an empty string and NULL, which Oracle cannot tell apart, read
// alike.
func Null[T any](dest *T) sql.Scanner { return &nullable[T]{dest} }

type nullable[T any] struct{ dest *T }

// Scan takes what drivers give without a detour: a scan reads some forty columns of
// every row that is due.
func (n *nullable[T]) Scan(value any) error {
	switch dest := any(n.dest).(type) {
	case *int64:
		if v, ok := value.(int64); ok || value == nil {
			*dest = v
			return nil
		}
	case *int:
		if v, ok := value.(int64); ok || value == nil {
			*dest = int(v)
			return nil
		}
	case *string:
		if v, ok := value.(string); ok || value == nil {
			*dest = v
			return nil
		}
	}
	var v sql.Null[T]
	if err := v.Scan(value); err != nil {
		return err
	}
	*n.dest = v.V
	return nil
}

// A row type is a struct whose fields carry a gorm column tag. Zero means NULL,
// in both directions, except in fields tagged "notnull" by a quartz tag.
type rowType struct {
	columns []string
	fields  []int
	notNull []bool
}

var rowTypes sync.Map // reflect.Type -> *rowType

func rowTypeOf(t reflect.Type) *rowType {
	if rt, ok := rowTypes.Load(t); ok {
		return rt.(*rowType)
	}
	rt := &rowType{}
	for i := range t.NumField() {
		f := t.Field(i)
		column, ok := columnTag(f.Tag.Get("gorm"))
		if !ok {
			continue
		}
		rt.columns = append(rt.columns, column)
		rt.fields = append(rt.fields, i)
		rt.notNull = append(rt.notNull, f.Tag.Get("quartz") == "notnull")
	}
	rowTypes.Store(t, rt)
	return rt
}

func columnTag(tag string) (string, bool) {
	for part := range strings.SplitSeq(tag, ";") {
		if name, ok := strings.CutPrefix(part, "column:"); ok {
			return name, true
		}
	}
	return "", false
}

// Columns lists the columns of row type T for a SELECT, qualified by alias
// unless that is empty, in the order in which Select scans them.
func Columns[T any](alias string) string {
	rt := rowTypeOf(reflect.TypeFor[T]())
	if alias != "" {
		alias += "."
	}
	out := make([]string, len(rt.columns))
	for i, c := range rt.columns {
		if c == "MODE" {
			c = "{MODE}"
		}
		out[i] = alias + c
	}
	return strings.Join(out, ", ")
}

// Dest returns the scan destinations of row, in the order of Columns.
func Dest[T any](row *T) []any {
	v := reflect.ValueOf(row).Elem()
	rt := rowTypeOf(v.Type())
	dest := make([]any, len(rt.fields))
	for i, f := range rt.fields {
		dest[i] = nullDest(v.Field(f))
	}
	return dest
}

func nullDest(field reflect.Value) any {
	switch field.Kind() {
	case reflect.Int64:
		return Null((*int64)(field.Addr().UnsafePointer()))
	case reflect.Int:
		return Null((*int)(field.Addr().UnsafePointer()))
	case reflect.String:
		return Null((*string)(field.Addr().UnsafePointer()))
	}
	panic(fmt.Sprintf("sqldb: a row type cannot have a field of kind %s", field.Kind()))
}

// Select returns the rows of a query that begins with SELECT and Columns[T].
func Select[T any](ctx context.Context, d *DB, query string, args ...any) ([]T, error) {
	var out []T
	err := d.Each(ctx, func(rows *sql.Rows) error {
		var row T
		if err := rows.Scan(Dest(&row)...); err != nil {
			return err
		}
		out = append(out, row)
		return nil
	}, query, args...)
	return out, err
}

// Insert adds rows to the table named with the default prefix.
func Insert[T any](ctx context.Context, d *DB, table string, rows ...T) error {
	const batch = 100 // 100 rows of the widest table stay below every limit on binds
	step := batch
	if d.dialect == Oracle { // has no multi-row VALUES
		step = 1
	}
	rt := rowTypeOf(reflect.TypeFor[T]())
	one := "(" + strings.TrimSuffix(strings.Repeat("?, ", len(rt.columns)), ", ") + ")"
	for len(rows) > 0 {
		part := rows[:min(step, len(rows))]
		rows = rows[len(part):]
		args := make([]any, 0, len(part)*len(rt.columns))
		for i := range part {
			args = append(args, values(rt, reflect.ValueOf(&part[i]).Elem())...)
		}
		query := "INSERT INTO " + table + " (" + Columns[T]("") + ") VALUES " +
			strings.TrimSuffix(strings.Repeat(one+", ", len(part)), ", ")
		if _, err := d.Exec(ctx, query, args...); err != nil {
			return err
		}
	}
	return nil
}

func values(rt *rowType, row reflect.Value) []any {
	out := make([]any, len(rt.fields))
	for i, f := range rt.fields {
		field := row.Field(f)
		if field.IsZero() && !rt.notNull[i] {
			continue
		}
		if field.Kind() == reflect.String {
			out[i] = field.String()
		} else {
			out[i] = field.Int()
		}
	}
	return out
}
