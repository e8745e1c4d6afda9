package schedule

import (
	"fmt"
	"strings"
	"time"

	"pgregory.net/rapid"
)

// oracle answers by brute force: it looks at every minute of real time, reads
// the wall clock there, and knows an expression as the predicates from which
// its text was drawn. It shares no code with what it checks: not the parser, not
// the engine, not the segments of a zone.
type oracle struct {
	text                  string
	second, minute, hour  func(int) bool
	month, year           func(int) bool
	dayOfMonth, dayOfWeek func(y int, m time.Month, d int) bool
	eitherDay             bool // Unix, both day fields restricted
	seconds               []int
	everyHour             bool
}

func (o *oracle) day(y int, m time.Month, d int) bool {
	if !o.year(y) || !o.month(int(m)) {
		return false
	}
	if o.eitherDay {
		return o.dayOfMonth(y, m, d) || o.dayOfWeek(y, m, d)
	}
	return o.dayOfMonth(y, m, d) && o.dayOfWeek(y, m, d)
}

// shows tells whether a minute of the wall clock, counted from the epoch,
// matches but for its second.
func (o *oracle) shows(wall int64) bool {
	w := time.Unix(wall*60, 0).UTC()
	if !o.minute(w.Minute()) || !o.hour(w.Hour()) {
		return false
	}
	return o.day(w.Date())
}

// instants lists, in epoch seconds, what fires in (from, to]; both are whole
// minutes. It begins two days earlier to know what the clock has shown before.
func (o *oracle) instants(loc *time.Location, from, to int64) (list []int64) {
	add := func(t int64) {
		if t > from && t <= to {
			list = append(list, t)
		}
	}
	var highest int64
	for t := from - 2*86400; t <= to; t += 60 {
		_, offset := time.Unix(t, 0).In(loc).Zone()
		wall := (t + int64(offset)) / 60
		if o.everyHour {
			if o.shows(wall) {
				for _, s := range o.seconds {
					add(t + int64(s))
				}
			}
			continue
		}
		if highest == 0 {
			highest = wall - 1
		}
		made := false
		for skipped := highest + 1; skipped < wall && !made; skipped++ {
			made = o.shows(skipped)
		}
		if made {
			add(t)
		}
		if wall > highest {
			if o.shows(wall) {
				for _, s := range o.seconds {
					if s != 0 || !made {
						add(t + int64(s))
					}
				}
			}
			highest = wall
		}
	}
	return list
}

// drawOracle draws an expression of any form.
func drawOracle(t *rapid.T) *oracle {
	o := &oracle{}
	isUnix := rapid.Bool().Draw(t, "unix")
	var words []string
	add := func(text string, match func(int) bool) func(int) bool {
		words = append(words, text)
		return match
	}
	o.second = func(s int) bool { return s == 0 }
	if !isUnix {
		o.second = add(drawField(t, "second", 0, 59, nil, rapid.IntRange(0, 9).Draw(t, "sparse") > 0))
	}
	o.minute = add(drawField(t, "minute", 0, 59, nil, false))
	o.hour = add(drawField(t, "hour", 0, 23, nil, false))
	var monthText string
	monthText, o.month = drawField(t, "month", 1, 12, monthNames, false)
	if rapid.IntRange(0, 3).Draw(t, "months") > 0 {
		monthText, o.month = "*", func(int) bool { return true }
	}
	dom, dow, domStar, dowStar := drawDays(t, o, isUnix)
	words = append(words, dom, monthText, dow)
	o.eitherDay = isUnix && !domStar && !dowStar
	o.year = func(int) bool { return true }
	if !isUnix && rapid.IntRange(0, 5).Draw(t, "years") == 0 {
		o.year = add(drawField(t, "year", 1970, 2199, nil, false))
	}
	o.text = strings.Join(words, " ")
	if rapid.Bool().Draw(t, "lower") {
		o.text = strings.ToLower(o.text)
	}
	for s := range 60 {
		if o.second(s) {
			o.seconds = append(o.seconds, s)
		}
	}
	o.everyHour = true
	for h := range 24 {
		o.everyHour = o.everyHour && o.hour(h)
	}
	return o
}

// drawField draws a list of values, ranges (that may wrap) and steps.
func drawField(t *rapid.T, name string, low, high int, texts []string, single bool) (string, func(int) bool) {
	cycle := high - low + 1
	value := rapid.IntRange(low, high)
	word := func(v int) string {
		if texts != nil && rapid.Bool().Draw(t, name+" by name") {
			return texts[v-low]
		}
		return fmt.Sprint(v)
	}
	shape := rapid.IntRange(0, 6).Draw(t, name+" shape")
	if single {
		shape = 3
	}
	switch shape {
	case 0, 1:
		return "*", func(int) bool { return true }
	case 2:
		step := rapid.IntRange(1, min(cycle-1, 31)).Draw(t, name+" step")
		return fmt.Sprintf("*/%d", step), func(v int) bool { return (v-low)%step == 0 }
	case 3:
		a := value.Draw(t, name)
		return word(a), func(v int) bool { return v == a }
	case 4:
		a := value.Draw(t, name)
		step := rapid.IntRange(1, min(cycle-1, 31)).Draw(t, name+" step")
		return fmt.Sprintf("%d/%d", a, step), func(v int) bool { return v >= a && (v-a)%step == 0 }
	case 5:
		a, b := value.Draw(t, name), value.Draw(t, name+" to")
		if name == "year" && b < a {
			a, b = b, a
		}
		text, step := word(a)+"-"+word(b), 1
		if rapid.Bool().Draw(t, name+" stepped") {
			step = rapid.IntRange(1, min(cycle-1, 31)).Draw(t, name+" step")
			text += fmt.Sprintf("/%d", step)
		}
		span := (b - a + cycle) % cycle
		return text, func(v int) bool { d := (v - a + cycle) % cycle; return d <= span && d%step == 0 }
	}
	a, b, c := value.Draw(t, name), value.Draw(t, name+" or"), value.Draw(t, name+" or else")
	return word(a) + "," + word(b) + "," + word(c), func(v int) bool { return v == a || v == b || v == c }
}

// drawDays draws the two day fields and says which of them begin with *.
func drawDays(t *rapid.T, o *oracle, isUnix bool) (dom, dow string, domStar, dowStar bool) {
	always := func(int, time.Month, int) bool { return true }
	o.dayOfMonth, o.dayOfWeek = always, always
	plainMonth := func() {
		var match func(int) bool
		dom, match = drawField(t, "day of month", 1, 31, nil, false)
		o.dayOfMonth = func(_ int, _ time.Month, d int) bool { return match(d) }
	}
	plainWeek := func(low int) {
		var match func(int) bool
		dow, match = drawField(t, "day of week", low, low+6, dayNames, false)
		o.dayOfWeek = func(y int, m time.Month, d int) bool { return match(int(weekday(y, m, d)) + low) }
	}
	star := func(s string) bool { return strings.HasPrefix(s, "*") }
	if isUnix {
		plainMonth()
		plainWeek(0)
		return dom, dow, star(dom), star(dow)
	}
	which := rapid.IntRange(0, 7).Draw(t, "days")
	n := rapid.IntRange(1, 31).Draw(t, "n")
	wd := rapid.IntRange(0, 6).Draw(t, "weekday")
	nth := rapid.IntRange(1, 5).Draw(t, "nth")
	switch which {
	case 0:
		return "*", "?", true, false
	case 1:
		plainMonth()
		return dom, "?", star(dom), false
	case 2:
		plainWeek(1)
		return "?", dow, false, star(dow)
	case 3:
		o.dayOfMonth = func(y int, m time.Month, d int) bool { return d == nearestWeekday(y, m, n) }
		return fmt.Sprintf("%dW", n), "?", false, false
	case 4:
		n %= 10
		o.dayOfMonth = func(y int, m time.Month, d int) bool { return d == lengthOf(y, m)-n }
		return []string{fmt.Sprintf("L-%d", n), "L"}[btoi(n == 0)], "?", false, false
	case 5:
		n %= 4
		o.dayOfMonth = func(y int, m time.Month, d int) bool { return d == nearestWeekday(y, m, lengthOf(y, m)-n) }
		return []string{fmt.Sprintf("L-%dW", n), "LW"}[btoi(n == 0)], "?", false, false
	case 6:
		o.dayOfWeek = func(y int, m time.Month, d int) bool {
			return int(weekday(y, m, d)) == wd && d+7 > lengthOf(y, m)
		}
		return "?", fmt.Sprintf("%dL", wd+1), false, false
	}
	o.dayOfWeek = func(y int, m time.Month, d int) bool {
		return int(weekday(y, m, d)) == wd && d > 7*(nth-1) && d <= 7*nth
	}
	return "?", fmt.Sprintf("%s#%d", dayNames[wd], nth), false, false
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

func weekday(y int, m time.Month, d int) time.Weekday {
	return time.Date(y, m, d, 12, 0, 0, 0, time.UTC).Weekday()
}

func lengthOf(y int, m time.Month) int {
	d := 28
	for time.Date(y, m, d+1, 12, 0, 0, 0, time.UTC).Month() == m {
		d++
	}
	return d
}

// nearestWeekday is the working day next to a day, within its month; 0 where
// the month does not have the day.
func nearestWeekday(y int, m time.Month, d int) int {
	last := lengthOf(y, m)
	if d > last {
		return 0
	}
	switch weekday(y, m, d) {
	case time.Saturday:
		if d == 1 {
			return 3
		}
		return d - 1
	case time.Sunday:
		if d == last {
			return d - 2
		}
		return d + 1
	}
	return d
}
