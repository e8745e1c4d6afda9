package schedule

import (
	"fmt"
	"math/bits"
	"strings"
	"time"
)

// Explain says in plain English what a schedule means:
//
//	At 08:00:00, Monday to Friday, Europe/Berlin
//	Every 15 minutes from 09:00:00 to 17:45:00, on the last day of the month, in March, UTC
//	Every 5 seconds, 10 times, starting 2027-03-01 12:00:00 UTC
//
// It reads what [Parse] has made of the schedule, not its text: expressions that
// fire alike read alike. Times of day are those of the zone at the end. Both ends
// of "from … to …" are included, and are times that fire.
func Explain(spec Spec) (string, error) {
	s, err := Parse(spec)
	if err != nil {
		return "", err
	}
	parts, zone := explainSimple(spec), " UTC"
	if c, ok := s.rule.(*cron); ok {
		parts, zone = append(c.calendar.explain(), s.loc.String()), "" // the last part names it
	}
	instant := func(ms int64) string { return time.UnixMilli(ms).In(s.loc).Format("2006-01-02 15:04:05.999") + zone }
	if spec.Start > 0 {
		word := "starting "
		if parts[0] == once {
			word = "at "
		}
		parts = append(parts, word+instant(spec.Start))
	}
	if spec.End > 0 {
		parts = append(parts, "until "+instant(spec.End))
	}
	return strings.Join(parts, ", "), nil
}

const once = "Once"

func explainSimple(spec Spec) []string {
	if spec.RepeatCount == 1 {
		return []string{once}
	}
	parts := []string{"Every " + distance(time.Duration(spec.RepeatInterval)*time.Millisecond)}
	switch {
	case spec.RepeatCount < 1:
	case spec.End > 0:
		parts = append(parts, fmt.Sprintf("at most %d times", spec.RepeatCount))
	default:
		parts = append(parts, fmt.Sprintf("%d times", spec.RepeatCount))
	}
	return parts
}

// distance is a duration in words: "minute", "15 minutes", "1 hour 30 minutes".
func distance(d time.Duration) string {
	var parts []string
	for _, unit := range []struct {
		size time.Duration
		name string
	}{{time.Hour, "hour"}, {time.Minute, "minute"}, {time.Second, "second"}, {time.Millisecond, "millisecond"}} {
		switch n := d / unit.size; {
		case d == unit.size && parts == nil:
			return unit.name
		case n == 1:
			parts = append(parts, "1 "+unit.name)
		case n > 1:
			parts = append(parts, fmt.Sprintf("%d %ss", n, unit.name))
		}
		d %= unit.size
	}
	return strings.Join(parts, " ")
}

// explain returns the parts of a sentence: the times of day, the days, the months
// and the years, without those that restrict nothing.
func (c *calendar) explain() []string {
	at, allDay := c.explainTimes()
	parts := []string{at}
	days := c.dates.explain()
	if days == "" && !allDay {
		days = "every day"
	}
	if days != "" {
		parts = append(parts, days)
	}
	if months := values(c.months, 1, 12); len(months) < 12 {
		parts = append(parts, "in "+list(months, func(m int) string { return time.Month(m).String() }))
	}
	var years []int
	for y := firstYear; y <= lastYear; y++ {
		if c.years.has(y) {
			years = append(years, y)
		}
	}
	if len(years) <= lastYear-firstYear {
		if text, ok := stepped(years, "year"); ok {
			return append(parts, "in "+text)
		}
		parts = append(parts, "in "+list(years, number))
	}
	return parts
}

// few is up to how many times of day are listed.
const few = 6

// explainTimes tells the times of day. allDay says that they go round the clock,
// so that it goes without saying that they do so every day.
func (c *calendar) explainTimes() (text string, allDay bool) {
	runs, step, total := c.runs()
	switch {
	case len(runs) == 1 && c.interval:
		text := "Every " + distance(time.Duration(step)*time.Second)
		switch first := runs[0].first; {
		case step == 3600:
			text += " at minute " + number(first/60)
			if s := first % 60; s != 0 {
				text += ", second " + number(s)
			}
		case first == 0:
		case step == 60:
			text += " at second " + number(first)
		default:
			text += " from " + clock(first) + " to " + clock(runs[0].last)
		}
		return text, true
	case len(runs) == 1 && total > few/2:
		return everyFromTo(runs, step), false
	case total > 0 && total <= few:
		var times []string
		for at, ok := c.clock(0); ok; at, ok = c.clock(at + 1) {
			times = append(times, clock(at))
		}
		return "At " + join(times), false
	case total > 0:
		return everyFromTo(runs, step), false
	}
	text = "At "
	if c.seconds != 1 {
		text += units(c.seconds, "second", 60) + " of "
	}
	text += units(c.minutes, "minute", 60)
	if c.interval && bits.OnesCount64(c.minutes) == 60 {
		return text, true
	}
	return text + " of " + units(c.hours, "hour", 24), c.interval
}

// run is times of day at one distance, in seconds.
type run struct{ first, last, n int }

// runs returns the times of day as runs of one step, and how many they are; none
// where they are more than a few in more than a few runs.
func (c *calendar) runs() (runs []run, step, total int) {
	at, _ := c.clock(0)
	now := run{at, at, 0}
	for ok := true; ok; at, ok = c.clock(at + 1) {
		if total++; total == 2 {
			step = at - now.first
		}
		if at-now.last != step && total > 1 {
			runs, now = append(runs, now), run{at, at, 0}
		}
		now.last, now.n = at, now.n+1
		if total > few && len(runs) >= few/2 {
			return nil, 0, 0
		}
	}
	runs = append(runs, now)
	for _, r := range runs {
		if total > few && r.n < few/2 {
			return nil, 0, 0
		}
	}
	return runs, step, total
}

func everyFromTo(runs []run, step int) string {
	spans := make([]string, len(runs))
	for i, r := range runs {
		spans[i] = "from " + clock(r.first) + " to " + clock(r.last)
	}
	return "Every " + distance(time.Duration(step)*time.Second) + " " + join(spans)
}

// clock is a time of day, in seconds, as a clock shows it.
func clock(at int) string { return fmt.Sprintf("%02d:%02d:%02d", at/3600, at/60%60, at%60) }

// units names the members of a set: "every minute", "minute 5", "minutes 0 to 4 and
// 30", "every 7th minute from 0 to 56".
func units(set uint64, unit string, size int) string {
	members := values(set, 0, size-1)
	switch len(members) {
	case size:
		return "every " + unit
	case 1:
		return unit + " " + number(members[0])
	}
	if text, ok := stepped(members, unit); ok {
		return text
	}
	return unit + "s " + list(members, number)
}

// stepped names at least four numbers at one distance that is not 1.
func stepped(numbers []int, unit string) (string, bool) {
	if len(numbers) < 4 {
		return "", false
	}
	step := numbers[1] - numbers[0]
	for i, n := range numbers {
		if step == 1 || n != numbers[0]+i*step {
			return "", false
		}
	}
	return fmt.Sprintf("every %s %s from %d to %d", ordinal(step), unit, numbers[0], numbers[len(numbers)-1]), true
}

// values lists the members of a set.
func values(set uint64, from, to int) (members []int) {
	for v := from; v <= to; v++ {
		if set>>v&1 != 0 {
			members = append(members, v)
		}
	}
	return members
}

// list names numbers in their order, three and more without a gap as a range.
func list(numbers []int, name func(int) string) string {
	var items []string
	for i := 0; i < len(numbers); i++ {
		end := i
		for end+1 < len(numbers) && numbers[end+1] == numbers[end]+1 {
			end++
		}
		item := name(numbers[i])
		if end >= i+2 {
			item += " to " + name(numbers[end])
			i = end
		}
		items = append(items, item)
	}
	return join(items)
}

func number(n int) string { return fmt.Sprint(n) }

// join makes a list as people write it.
func join(items []string) string {
	if len(items) == 1 {
		return items[0]
	}
	return strings.Join(items[:len(items)-1], ", ") + " and " + items[len(items)-1]
}

func ordinal(n int) string {
	switch {
	case n/10%10 == 1:
	case n%10 == 1:
		return fmt.Sprintf("%dst", n)
	case n%10 == 2:
		return fmt.Sprintf("%dnd", n)
	case n%10 == 3:
		return fmt.Sprintf("%drd", n)
	}
	return fmt.Sprintf("%dth", n)
}
