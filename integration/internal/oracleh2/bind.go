package oracleh2

import (
	"database/sql/driver"
	"fmt"
	"reflect"
	"strconv"
	"strings"
)

// CheckNamedValue implements driver.NamedValueChecker: it takes what go-ora
// takes. A named string type is not among it, a named integer type is.
func (c *conn) CheckNamedValue(v *driver.NamedValue) error {
	if v.Name != "" {
		return fmt.Errorf("bind %q: binds are positional", v.Name)
	}
	if _, ok := v.Value.(driver.Valuer); ok {
		return driver.ErrSkip
	}
	value := reflect.ValueOf(v.Value)
	for value.Kind() == reflect.Pointer && !value.IsNil() {
		value = value.Elem()
	}
	switch {
	case !value.IsValid() || value.Kind() == reflect.Pointer:
		v.Value = nil
	case value.CanInt():
		v.Value = value.Int()
	case value.CanUint():
		v.Value = int64(value.Uint()) // none above the largest id is ever bound
	case value.Type() == reflect.TypeFor[string](), value.Type() == reflect.TypeFor[bool]():
		v.Value = value.Interface()
	default:
		return fmt.Errorf("unsupported go type: %v", value.Type().Name())
	}
	return nil
}

// literal writes a bind as H2 reads it.
func literal(bind any) (string, error) {
	switch v := bind.(type) {
	case nil:
		return "NULL", nil
	case int64:
		if v < 0 { // a minus before it would begin a comment
			return "(" + strconv.FormatInt(v, 10) + ")", nil
		}
		return strconv.FormatInt(v, 10), nil
	case string:
		if v == "" {
			return "NULL", nil
		}
		if strings.ContainsRune(v, 0) {
			return "", fmt.Errorf("bind %.40q: a literal cannot hold a zero byte", v)
		}
		return "'" + strings.ReplaceAll(v, "'", "''") + "'", nil
	}
	return "", fmt.Errorf("bind of type %T has no literal", bind)
}

// inline puts the binds in their places. Literals and quoted names of the
// statement stay as they are.
func inline(query string, binds []any) (string, error) {
	var b strings.Builder
	for i := 0; i < len(query); {
		switch c := query[i]; {
		case c == '\'' || c == '"':
			end := strings.IndexByte(query[i+1:], c)
			if end < 0 {
				return "", fmt.Errorf("unclosed %c in %s", c, query)
			}
			b.WriteString(query[i : i+end+2])
			i += end + 2
		case c == ':' && i+1 < len(query) && '0' <= query[i+1] && query[i+1] <= '9':
			n := i + 1
			for n < len(query) && '0' <= query[n] && query[n] <= '9' {
				n++
			}
			number, err := strconv.Atoi(query[i+1 : n])
			if err != nil || number < 1 || number > len(binds) {
				return "", fmt.Errorf("ORA-01008: bind %s of %d", query[i:n], len(binds))
			}
			text, err := literal(binds[number-1])
			if err != nil {
				return "", err
			}
			b.WriteString(text)
			i = n
		default:
			b.WriteByte(c)
			i++
		}
	}
	return b.String(), nil
}
