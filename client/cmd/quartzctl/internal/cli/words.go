package cli

import (
	"strconv"
	"strings"
	"time"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/schema"
)

// formatTime is a time as a cell shows it, to the millisecond.
func formatTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02T15:04:05.999Z07:00")
}

// span is a duration, and nothing where there is none.
func span(d time.Duration) string {
	if d == 0 {
		return ""
	}
	return d.Round(time.Millisecond).String()
}

// number is a number, and nothing where it is 0.
func number[N int | int64](n N) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(int64(n), 10)
}

// counted is a number with its noun.
func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}

func yes(is bool) string {
	if is {
		return "yes"
	}
	return ""
}

func known(id client.ID) string { return number(int64(id)) }

// spoken joins the words that are there.
func spoken(separator string, parts ...string) string {
	var out []string
	for _, part := range parts {
		if part != "" {
			out = append(out, part)
		}
	}
	return strings.Join(out, separator)
}

// states are the words of a flag as states, in any case of letters.
func states(given []string) []schema.State {
	var out []schema.State
	for _, s := range given {
		out = append(out, schema.State(strings.ToUpper(s)))
	}
	return out
}

// wordsOf are values that a flag can have.
func wordsOf[T ~string](all []T) []string {
	out := make([]string, len(all))
	for i, v := range all {
		out[i] = string(v)
	}
	return out
}
