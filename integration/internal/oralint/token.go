package oralint

import (
	"slices"
	"strings"
)

type kind int

const (
	word   kind = iota // an unquoted name or keyword, in upper case
	quoted             // a name in double quotes
	text               // a string literal, without its quotes
	number
	bind // :1
	sign // an operator or punctuation
)

// token is a word of the statement. depth counts the parentheses around it; a
// parenthesis itself has the depth outside.
type token struct {
	kind  kind
	text  string
	depth int
}

func (t token) is(words ...string) bool {
	if t.kind != word && t.kind != sign {
		return false
	}
	return slices.Contains(words, t.text)
}

// name reports whether the token may be an identifier.
func (t token) name() bool { return t.kind == quoted || t.kind == word }

var longSigns = []string{"<=>", "||", "<=", ">=", "<>", "!=", "::", ":=", "->", "=>"}

// scan splits a statement. Comments vanish.
func scan(sql string) []token {
	var out []token
	depth := 0
	for i := 0; i < len(sql); {
		rest := sql[i:]
		c := sql[i]
		add := func(k kind, s string, n int) {
			out = append(out, token{k, s, depth})
			i += n
		}
		switch {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			i++
		case strings.HasPrefix(rest, "--"):
			i += upTo(rest, "\n")
		case strings.HasPrefix(rest, "/*"):
			i += upTo(rest, "*/")
		case c == '\'':
			s, n := literal(rest, '\'')
			add(text, s, n)
		case c == '"':
			s, n := literal(rest, '"')
			add(quoted, s, n)
		case c == ':' && len(rest) > 1 && letterOrDigit(rest[1]):
			n := 1 + nameLength(rest[1:])
			add(bind, rest[:n], n)
		case c >= '0' && c <= '9':
			n := numberLength(rest)
			add(number, rest[:n], n)
		case letterOrDigit(c) || c >= 0x80:
			n := nameLength(rest)
			add(word, strings.ToUpper(rest[:n]), n)
		case c == '(':
			add(sign, "(", 1)
			depth++
		case c == ')':
			depth--
			add(sign, ")", 1)
		default:
			s := rest[:1]
			for _, long := range longSigns {
				if strings.HasPrefix(rest, long) {
					s = long
					break
				}
			}
			add(sign, s, len(s))
		}
	}
	return out
}

// upTo returns the length of s up to and including end, or all of it.
func upTo(s, end string) int {
	if n := strings.Index(s, end); n >= 0 {
		return n + len(end)
	}
	return len(s)
}

// literal reads what stands between quotes, in which a doubled quote is one.
func literal(s string, quote byte) (content string, length int) {
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		if s[i] != quote {
			b.WriteByte(s[i])
			continue
		}
		if i+1 < len(s) && s[i+1] == quote {
			b.WriteByte(quote)
			i++
			continue
		}
		return b.String(), i + 1
	}
	return b.String(), len(s)
}

func letterOrDigit(c byte) bool {
	return c == '_' || c == '$' || c == '#' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

func nameLength(s string) int {
	n := 0
	for n < len(s) && (letterOrDigit(s[n]) || s[n] >= 0x80) {
		n++
	}
	return n
}

func numberLength(s string) int {
	n := 0
	for n < len(s) && ('0' <= s[n] && s[n] <= '9' || s[n] == '.') {
		n++
	}
	return n
}
