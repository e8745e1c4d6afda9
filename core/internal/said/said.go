package said

import (
	"strings"
	"unicode"
)

// Errors are those that were told.
type Errors map[string]bool

// New reports whether an error was not told before, and takes it for told. Digits do
// not count: ports and times differ from one try to the next.
func (e Errors) New(err error) bool {
	text := strings.Map(func(r rune) rune {
		if unicode.IsDigit(r) {
			return -1
		}
		return r
	}, err.Error())
	told := e[text]
	e[text] = true
	return !told
}
