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
	var b strings.Builder
	b.WriteByte('{')
	for i, v := range a {
		if i > 0 {
			b.WriteByte(',')
		}
		switch v := any(v).(type) {
		case int64:
			b.WriteString(strconv.FormatInt(v, 10))
		case string:
			b.WriteByte('"')
			b.WriteString(arrayEscapes.Replace(v))
			b.WriteByte('"')
		}
	}
	b.WriteByte('}')
	return b.String()
}

var arrayEscapes = strings.NewReplacer(`\`, `\\`, `"`, `\"`)

// clip makes text fit LAST_ERROR: valid UTF-8 without NUL, which PostgreSQL
// refuses.
func clip(text string) string {
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
