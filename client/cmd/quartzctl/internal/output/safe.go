package output

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Safe escapes what is not printable in a text, as Go writes it: \n, \x1b,
// \u202e. The text stays on one line, and in the order in which it is read.
func Safe(text string) string {
	return escape(text, func(out *strings.Builder, r rune, raw string) {
		if r == utf8.RuneError && len(raw) == 1 {
			fmt.Fprintf(out, `\x%02x`, raw[0])
			return
		}
		quoted := strconv.QuoteRune(r)
		out.WriteString(quoted[1 : len(quoted)-1])
	})
}

// safeJSON escapes what is not printable in a JSON text but line breaks, which
// stand between its parts; all else is inside strings.
func safeJSON(text string) string {
	return escape(text, func(out *strings.Builder, r rune, raw string) {
		high, low := utf16.EncodeRune(r)
		switch {
		case r == '\n':
			out.WriteString(raw)
		case high != utf8.RuneError:
			fmt.Fprintf(out, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(out, `\u%04x`, r)
		}
	})
}

// printable reports whether a text needs no escape.
func printable(text string) bool {
	for _, r := range text {
		if !strconv.IsPrint(r) || r == utf8.RuneError {
			return false
		}
	}
	return true
}

func escape(text string, write func(out *strings.Builder, r rune, raw string)) string {
	if printable(text) {
		return text
	}
	var out strings.Builder
	for len(text) > 0 {
		r, n := utf8.DecodeRuneInString(text)
		if strconv.IsPrint(r) && (r != utf8.RuneError || n > 1) {
			out.WriteString(text[:n])
		} else {
			write(&out, r, text[:n])
		}
		text = text[n:]
	}
	return out.String()
}
