package schedule

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// read is a sentence of Explain as a person understands it. It shares no code with
// what made the sentence.
type read struct {
	times func(at int) bool // seconds of the day
	day   func(y int, m time.Month, d int) bool
	year  func(y int) bool
}

func oneOrMore(item string) string {
	return "(?:" + item + "(?:(?:, " + item + ")* and " + item + ")?)"
}

func unitForm(unit string) string {
	return fmt.Sprintf(`(?:every %[1]s|%[1]s \d+|every \d+\w\w %[1]s from \d+ to \d+|%[1]ss %[2]s)`, unit, oneOrMore(`\d+(?: to \d+)?`))
}

var (
	clockForm   = `\d\d:\d\d:\d\d`
	monthName   = `(?:January|February|March|April|May|June|July|August|September|October|November|December)`
	dayName     = `(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day)`
	dayOfMonthF = `(?:` + unitForm("day") + `|the last day|the last weekday|the \d+\w\w day before the last)`
	monthDays   = oneOrMore(`(?:the weekday nearest to )?` + dayOfMonthF + ` of the month`)
	weekDays    = oneOrMore(`(?:every ` + dayName + `|` + oneOrMore(dayName+`(?: to `+dayName+`)?`) + `|the (?:last|\d\w\w) ` + dayName + ` of the month)`)
	sentence    = regexp.MustCompile(`^(?P<at>` + strings.Join([]string{
		`Every [a-z0-9 ]+?(?: at minute \d+(?:, second \d+)?| at second \d+| ` + oneOrMore("from "+clockForm+" to "+clockForm) + `)?`,
		`At ` + oneOrMore(clockForm),
		`At (?:` + unitForm("second") + ` of )?` + unitForm("minute") + `(?: of ` + unitForm("hour") + `)?`,
	}, "|") + `)` +
		`(?:, (?P<every>every day)|, (?:on )?(?P<or>` + monthDays + `) or (?:on )?(?P<orWeek>` + weekDays + `)` +
		`|, (?:on )?(?P<week>` + weekDays + `)(?:, only on (?P<only>` + monthDays + `))?|, on (?P<month>` + monthDays + `))?` +
		`(?:, in (?P<months>` + oneOrMore(monthName+"(?: to "+monthName+")?") + `))?` +
		`(?:, in (?P<years>every \d+\w\w year from \d+ to \d+|` + oneOrMore(`\d{4}(?: to \d{4})?`) + `))?, UTC$`)
	timesForm = regexp.MustCompile(clockForm)
	monthPart = regexp.MustCompile(`(.+?) of the month(?:, | and |$)`)
)

func readSentence(t testing.TB, text string) read {
	t.Helper()
	found := sentence.FindStringSubmatch(text)
	if found == nil {
		t.Fatalf("%q is no sentence", text)
	}
	group := func(name string) string { return found[sentence.SubexpIndex(name)] }
	r := read{
		times: readTimes(group("at")),
		day:   func(int, time.Month, int) bool { return true },
		year:  func(int) bool { return true },
	}
	week, month := readWeek(group("week")), readMonth(group("month"))
	switch {
	case group("or") != "":
		either, or := readMonth(group("or")), readWeek(group("orWeek"))
		r.day = func(y int, m time.Month, d int) bool { return either(y, m, d) || or(y, m, d) }
	case group("only") != "":
		only := readMonth(group("only"))
		r.day = func(y int, m time.Month, d int) bool { return week(y, m, d) && only(y, m, d) }
	case group("week") != "":
		r.day = week
	case group("month") != "":
		r.day = month
	}
	if months := group("months"); months != "" {
		day, in := r.day, readSpans(months, func(name string) int {
			return 1 + slices.IndexFunc(monthNames, func(short string) bool { return strings.HasPrefix(strings.ToUpper(name), short) })
		})
		r.day = func(y int, m time.Month, d int) bool { return in(int(m)) && day(y, m, d) }
	}
	if years := group("years"); years != "" {
		r.year = readUnits(years, "year")
	}
	return r
}

func readTimes(text string) func(at int) bool {
	if rest, ok := strings.CutPrefix(text, "At "); ok {
		if timesForm.MatchString(rest) {
			var listed []int
			for _, text := range timesForm.FindAllString(rest, -1) {
				listed = append(listed, secondOf(text))
			}
			return func(at int) bool { return slices.Contains(listed, at) }
		}
		units := strings.Split(rest+" of every hour", " of ") // what goes without saying
		seconds := func(s int) bool { return s == 0 }
		if strings.Contains(units[0], "second") {
			seconds, units = readUnits(units[0], "second"), units[1:]
		}
		minutes, hours := readUnits(units[0], "minute"), readUnits(units[1], "hour")
		return func(at int) bool { return seconds(at%60) && minutes(at/60%60) && hours(at/3600) }
	}
	words := strings.Fields(strings.TrimPrefix(text, "Every "))
	step, n := 0, 1
	spans := [][2]int{{0, 86399}}
	for i := 0; i < len(words) && words[i] != "from" && words[i] != "at"; i++ {
		if v, err := strconv.Atoi(words[i]); err == nil {
			n = v
			continue
		}
		step += n * map[string]int{"hour": 3600, "minute": 60, "second": 1}[strings.TrimSuffix(words[i], "s")]
	}
	if times := timesForm.FindAllString(text, -1); len(times) > 0 {
		spans = nil
		for pair := range slices.Chunk(times, 2) {
			spans = append(spans, [2]int{secondOf(pair[0]), secondOf(pair[1])})
		}
	} else if _, at, ok := strings.Cut(text, " at "); ok {
		var m, s int
		if _, err := fmt.Sscanf(at, "minute %d, second %d", &m, &s); err != nil {
			if _, err := fmt.Sscanf(at, "second %d", &s); err != nil {
				_, _ = fmt.Sscanf(at, "minute %d", &m)
			}
		}
		spans[0][0] = m*60 + s
	}
	return func(at int) bool {
		return slices.ContainsFunc(spans, func(s [2]int) bool { return s[0] <= at && at <= s[1] && (at-s[0])%step == 0 })
	}
}

func secondOf(text string) int {
	at, _ := time.Parse(time.TimeOnly, text)
	return at.Hour()*3600 + at.Minute()*60 + at.Second()
}

// readUnits reads "every minute", "minute 5", "every 7th minute from 0 to 56" and
// "minutes 0 to 4 and 30"; a year goes without its unit.
func readUnits(text, unit string) func(int) bool {
	if text == "every "+unit {
		return func(int) bool { return true }
	}
	if rest, ok := strings.CutPrefix(text, "every "); ok {
		var step, from, to int
		var suffix, name string
		if _, err := fmt.Sscanf(rest, "%d%2s %s from %d to %d", &step, &suffix, &name, &from, &to); err != nil {
			panic(text)
		}
		return func(v int) bool { return from <= v && v <= to && (v-from)%step == 0 }
	}
	text = strings.TrimPrefix(strings.TrimPrefix(text, unit+"s "), unit+" ")
	return readSpans(text, func(n string) int { v, _ := strconv.Atoi(n); return v })
}

func items(text string) []string { return strings.Split(strings.ReplaceAll(text, " and ", ", "), ", ") }

func readSpans(text string, value func(string) int) func(int) bool {
	in := map[int]bool{}
	for _, item := range items(text) {
		from, to, ranged := strings.Cut(item, " to ")
		if !ranged {
			to = from
		}
		for v := value(from); v <= value(to); v++ {
			in[v] = true
		}
	}
	return func(v int) bool { return in[v] }
}

func readWeek(text string) func(y int, m time.Month, d int) bool {
	number := func(name string) int { // from Monday on
		return (slices.IndexFunc(dayNames, func(short string) bool { return strings.HasPrefix(strings.ToUpper(name), short) }) + 6) % 7
	}
	var some []func(y int, m time.Month, d int) bool
	for _, item := range items(text) {
		words := strings.Fields(item)
		if len(words) < 3 || words[0] != "the" {
			in := readSpans(strings.TrimPrefix(item, "every "), number)
			some = append(some, func(y int, m time.Month, d int) bool { return in((int(weekday(y, m, d)) + 6) % 7) })
			continue
		}
		n, _ := strconv.Atoi(words[1][:1])
		day := number(words[2])
		some = append(some, func(y int, m time.Month, d int) bool {
			right := (d-1)/7+1 == n
			if words[1] == "last" {
				right = d+7 > lengthOf(y, m)
			}
			return right && day == (int(weekday(y, m, d))+6)%7
		})
	}
	return func(y int, m time.Month, d int) bool {
		return slices.ContainsFunc(some, func(on func(int, time.Month, int) bool) bool { return on(y, m, d) })
	}
}

func readMonth(text string) func(y int, m time.Month, d int) bool {
	var some []func(d, length int, nearest func(day int) bool) bool
	for _, part := range monthPart.FindAllStringSubmatch(text, -1) {
		item, nearest := strings.CutPrefix(part[1], "the weekday nearest to ")
		n, _ := strconv.Atoi(regexp.MustCompile(`\d+|$`).FindString(item))
		switch {
		case item == "the last weekday":
			nearest, n = true, 0
		case item == "the last day", strings.HasSuffix(item, " day before the last"):
		case nearest:
			some = append(some, func(_, _ int, nearest func(day int) bool) bool { return nearest(n) })
			continue
		default:
			in := readUnits(item, "day")
			some = append(some, func(d, _ int, _ func(day int) bool) bool { return in(d) })
			continue
		}
		some = append(some, func(d, length int, isNearest func(day int) bool) bool {
			if day := length - n; nearest {
				return day > 0 && isNearest(day)
			}
			return d == length-n
		})
	}
	return func(y int, m time.Month, d int) bool {
		nearest := func(day int) bool { return d == nearestWeekday(y, m, day) }
		return slices.ContainsFunc(some, func(on func(int, int, func(int) bool) bool) bool { return on(d, daysIn(y, m), nearest) })
	}
}
