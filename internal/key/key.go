package key

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Flaw returns what a key "must" or "must not", or "" where text can be one. Blanks around
// it are refused since MySQL takes "a" and "a " for the same, and control characters since
// nobody could type them or see them in a log.
func Flaw(text string) string {
	if !utf8.ValidString(text) {
		return "must be valid UTF-8"
	}
	for _, r := range text {
		if unicode.IsControl(r) {
			return fmt.Sprintf("must not hold the control character %U", r)
		}
	}
	if strings.TrimSpace(text) != text {
		return "must not begin or end with a blank"
	}
	return ""
}
