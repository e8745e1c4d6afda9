package store

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/quartz-cluster/quartz/schema"
)

// array is a PostgreSQL array in its text form, which every driver can send.
type array[T int64 | string] []T

func (a array[T]) text() string {
	b := append(make([]byte, 0, 16*len(a)), '{')
	for i, v := range a {
		if i > 0 {
			b = append(b, ',')
		}
		switch v := any(v).(type) {
		case int64:
			b = strconv.AppendInt(b, v, 10)
		case string:
			b = append(b, '"')
			b = append(b, arrayEscapes.Replace(v)...)
			b = append(b, '"')
		}
	}
	return string(append(b, '}'))
}

var arrayEscapes = strings.NewReplacer(`\`, `\\`, `"`, `\"`)

// Clip makes text fit LAST_ERROR: valid UTF-8 without NUL, which PostgreSQL
// refuses.
func Clip(text string) string {
	const n = schema.MaxError
	text = strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\x00", "")
	if len(text) <= n {
		return text
	}
	cut := n - len("…")
	for cut > 0 && !utf8.RuneStart(text[cut]) {
		cut--
	}
	return text[:cut] + "…"
}

// text and number turn the id of a node into what TARGETS holds of it and back.
func text(id int64) string { return strconv.FormatInt(id, 10) }

func number(text string) int64 {
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0
	}
	return id
}
