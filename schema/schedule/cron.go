package schedule

import (
	"fmt"
	"strings"
)

// maxCron is the longest expression, as long as its column.
const maxCron = 250

var macros = map[string]string{
	"@yearly":   "0 0 1 1 *",
	"@annually": "0 0 1 1 *",
	"@monthly":  "0 0 1 * *",
	"@weekly":   "0 0 * * 0",
	"@daily":    "0 0 * * *",
	"@midnight": "0 0 * * *",
	"@hourly":   "0 * * * *",
}

// expression is a cron expression that was understood: seven fields, each a
// list of terms in the words of gronx.
type expression struct {
	second, minute, hour, month, year field
	dayOfMonth, dayOfWeek             field
}

// parseExpression reads an expression of any form. What it lets pass, gronx
// reads as it was meant.
func parseExpression(text string) (*expression, error) {
	refuse := func(format string, args ...any) error {
		return &FieldError{"cron", text, fmt.Sprintf(format, args...)}
	}
	if len(text) > maxCron {
		return nil, refuse("is longer than %d characters", maxCron)
	}
	plain := strings.TrimSpace(text)
	if plain == "" {
		return nil, refuse("is empty: a CRON schedule needs an expression such as 0 0 8 ? * MON-FRI")
	}
	for _, r := range plain {
		if r > 126 || r < 32 && r != '\t' {
			return nil, refuse("holds the character %q, which no cron expression has", r)
		}
	}
	if plain[0] == '@' {
		expanded, err := expandMacro(plain)
		if err != nil {
			return nil, refuse("%v", err)
		}
		plain = expanded
	}

	words := strings.Fields(strings.ToUpper(plain))
	var d dialect
	switch len(words) {
	case 5:
		d = unix
		words = append([]string{"0"}, words...)
	case 6, 7:
		d = quartz
	default:
		return nil, refuse("has %d fields: write 6 or 7 (second minute hour day-of-month month day-of-week [year]) "+
			"or 5 (minute hour day-of-month month day-of-week)", len(words))
	}
	if len(words) == 6 {
		words = append(words, "*")
	}

	e := new(expression)
	for i, into := range []*field{&e.second, &e.minute, &e.hour, &e.dayOfMonth, &e.month, &e.dayOfWeek, &e.year} {
		f, err := d.parse(kind(i), words[i])
		if err != nil {
			return nil, refuse("is not valid: %s %v", names[i], err)
		}
		*into = f
	}
	if d == quartz {
		if err := e.checkDays(); err != nil {
			return nil, refuse("%v", err)
		}
	}
	return e, nil
}

// checkDays holds the Quartz form to one restricted day field.
func (e *expression) checkDays() error {
	if e.dayOfMonth.unspecified && e.dayOfWeek.unspecified {
		return fmt.Errorf("has ? in both day fields: write * in one of them")
	}
	if !e.dayOfMonth.all && !e.dayOfWeek.all {
		return fmt.Errorf("restricts both day-of-month and day-of-week: write ? in one of them")
	}
	return nil
}

func expandMacro(text string) (string, error) {
	lower := strings.ToLower(text)
	if e, ok := macros[lower]; ok {
		return e, nil
	}
	if word, _, _ := strings.Cut(lower, " "); word == "@every" {
		return "", fmt.Errorf("is no cron expression: a fixed interval is a SIMPLE schedule with a repeatInterval")
	}
	return "", fmt.Errorf("is none of @yearly, @annually, @monthly, @weekly, @daily, @midnight, @hourly")
}
