package schedule

import (
	"strconv"
	"strings"
	"time"
)

// explain tells the days, or nothing where all are admitted.
func (d *dates) explain() string {
	month, allMonth := d.dayOfMonth.explainMonthDays()
	week, allWeek := d.dayOfWeek.explainWeekDays()
	// As gronx has it, and cron: beside a field that begins with a star, both count.
	both := strings.HasPrefix(d.dayOfMonth.String(), "*") || strings.HasPrefix(d.dayOfWeek.String(), "*")
	switch {
	case allMonth && allWeek, !both && (allMonth || allWeek):
		return ""
	case allMonth:
		return week
	case allWeek:
		return month
	case both:
		return week + ", only " + month
	default:
		return month + " or " + week
	}
}

// explainMonthDays tells the days of the month that a field admits; all says that
// they are all.
func (f field) explainMonthDays() (text string, all bool) {
	plain, marked := f.members(dayOfMonth)
	days := values(plain, 1, 31)
	if len(days) == 31 {
		return "", true
	}
	var items []string
	if text, ok := stepped(days, "day"); ok {
		items = append(items, text+" of the month")
	} else if len(days) > 0 {
		unit := "days "
		if len(days) == 1 {
			unit = "day "
		}
		items = append(items, unit+list(days, number)+" of the month")
	}
	for _, term := range marked {
		rest, fromLast := strings.CutPrefix(term, "L")
		rest, weekday := strings.CutSuffix(rest, "W")
		n, _ := strconv.Atoi(strings.TrimPrefix(rest, "-"))
		day := "the last day"
		switch {
		case !fromLast:
			day = "day " + rest
		case n > 0:
			day = "the " + ordinal(n) + " day before the last"
		case weekday:
			day, weekday = "the last weekday", false
		}
		if weekday {
			day = "the weekday nearest to " + day
		}
		items = append(items, day+" of the month")
	}
	return "on " + join(items), false
}

// explainWeekDays is explainMonthDays for the days of the week.
func (f field) explainWeekDays() (text string, all bool) {
	plain, marked := f.members(dayOfWeek)
	plain |= plain & 1 << 7 // the week begins on Monday
	days := values(plain, 1, 7)
	name := func(day int) string { return time.Weekday(day % 7).String() }
	var items []string
	switch len(days) {
	case 0:
	case 1:
		items = append(items, "every "+name(days[0]))
	case 7:
		return "", true
	default:
		items = append(items, list(days, name))
	}
	for _, term := range marked {
		day, nth, _ := strings.Cut(term, "#")
		which := "the last "
		if n, err := strconv.Atoi(nth); err == nil {
			which = "the " + ordinal(n) + " "
		}
		n, _ := strconv.Atoi(strings.TrimSuffix(day, "L"))
		items = append(items, which+name(n)+" of the month")
	}
	text = join(items)
	if len(days) == 0 {
		text = "on " + text
	}
	return text, false
}

// members divides the terms of a day field into the values that they admit in any
// month and the others, which are markers.
func (f field) members(k kind) (plain uint64, marked []string) {
	for _, t := range f.terms {
		if strings.ContainsAny(t, "LW#") {
			marked = append(marked, t)
			continue
		}
		set, _ := termAdmits(term{k, t}) // the tokenizer has let it pass
		plain |= set
	}
	return plain, marked
}
