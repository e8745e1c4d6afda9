package schedule

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// kind is the position of a field in the seven of an expression. It is also
// the position by which gronx knows it.
type kind int

const (
	second kind = iota
	minute
	hour
	dayOfMonth
	month
	dayOfWeek
	year
)

var names = [...]string{"second", "minute", "hour", "day-of-month", "month", "day-of-week", "year"}

// dialect is how a form differs from the other in its fields.
type dialect int

const (
	quartz dialect = iota
	unix
)

const firstYear, lastYear = 1970, 2199

var monthNames = strings.Fields("JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC")
var dayNames = strings.Fields("SUN MON TUE WED THU FRI SAT")

// field is one field of an expression.
type field struct {
	// terms are what gronx is asked, once for each; LW, L-n and L-nW stand as
	// they are written, since they are rewritten for each length of month.
	terms []string
	// all says that the field restricts nothing, unspecified that it says so
	// with a question mark.
	all, unspecified bool
}

// String is the field as gronx reads it.
func (f field) String() string { return strings.Join(f.terms, ",") }

// bounds of the values as they are written.
func (d dialect) bounds(k kind) (low, high int) {
	switch k {
	case hour:
		return 0, 23
	case dayOfMonth:
		return 1, 31
	case month:
		return 1, 12
	case dayOfWeek:
		if d == unix {
			return 0, 7
		}
		return 1, 7
	case year:
		return firstYear, lastYear
	}
	return 0, 59
}

func (d dialect) parse(k kind, text string) (field, error) {
	if text == "?" {
		if d == unix {
			return field{}, errors.New(`"?" belongs to the form with 6 or 7 fields, which begins with the second: write * instead`)
		}
		if k != dayOfMonth && k != dayOfWeek {
			return field{}, errors.New(`cannot be "?": only the two day fields can, write * instead`)
		}
		return field{terms: []string{"*"}, all: true, unspecified: true}, nil
	}
	var f field
	for item := range strings.SplitSeq(text, ",") {
		terms, err := d.term(k, item)
		if err != nil {
			return field{}, err
		}
		if len(terms) == 1 && terms[0] == "*" {
			f.all = true
		}
		f.terms = append(f.terms, terms...)
	}
	if f.all {
		f.terms = []string{"*"}
	}
	return f, nil
}

// term reads one item of a list and rewrites it for gronx.
func (d dialect) term(k kind, item string) ([]string, error) {
	if item == "" {
		return nil, errors.New("has an empty place in its list")
	}
	if d == quartz {
		switch k {
		case dayOfMonth:
			if t, ok, err := dayOfMonthMarker(item); ok {
				return []string{t}, err
			}
		case dayOfWeek:
			if t, ok, err := d.dayOfWeekMarker(item); ok {
				return []string{t}, err
			}
		}
	}
	terms, err := d.span(k, item)
	if err != nil && d == unix && (k == dayOfMonth || k == dayOfWeek) {
		if _, known := quartz.term(k, item); known == nil && strings.ContainsAny(item, "LW#") {
			return nil, fmt.Errorf("%q belongs to the form with 6 or 7 fields, which begins with the second", item)
		}
	}
	return terms, err
}

// span reads *, a, a-b and their steps. It gives gronx nothing but *, */n and
// single values: it wraps ranges, or knows what an open end means, in its own
// way or not at all.
func (d dialect) span(k kind, item string) ([]string, error) {
	low, high := d.bounds(k)
	body, stepText, stepped := strings.Cut(item, "/")
	step := 1
	if stepped {
		var err error
		if step, err = d.step(k, item, stepText); err != nil {
			return nil, err
		}
	}
	if body == "*" || body == "" && stepped && d == quartz {
		if step == 1 {
			return []string{"*"}, nil
		}
		if k != year {
			return []string{"*/" + strconv.Itoa(step)}, nil
		}
		return d.expand(k, low, high, step), nil
	}

	fromText, toText, ranged := strings.Cut(body, "-")
	from, err := d.value(k, item, fromText)
	if err != nil {
		return nil, err
	}
	to := from
	switch {
	case ranged:
		if to, err = d.value(k, item, toText); err != nil {
			return nil, err
		}
	case stepped:
		to = high
		if k == dayOfWeek && d == unix {
			to = 6
		}
	}
	if to < from {
		if k == year {
			return nil, fmt.Errorf("%q ends before it begins", item)
		}
		to += modulus(k)
	}
	return d.expand(k, from, to, step), nil
}

// expand lists every step-th value of a range, in gronx's numbers.
func (d dialect) expand(k kind, from, to, step int) []string {
	var terms []string
	for v := from; v <= to; v += step {
		terms = append(terms, strconv.Itoa(d.number(k, v)))
	}
	return terms
}

// number maps a value, which may lie beyond the end of its cycle, to gronx's.
func (d dialect) number(k kind, v int) int {
	switch k {
	case year:
		return v
	case dayOfMonth, month:
		return (v-1)%modulus(k) + 1
	case dayOfWeek:
		if d == quartz {
			v--
		}
	}
	return v % modulus(k)
}

// modulus is how many values the cycle of a field has.
func modulus(k kind) int {
	return [...]int{second: 60, minute: 60, hour: 24, dayOfMonth: 31, month: 12, dayOfWeek: 7}[k]
}

// value reads a number or a name.
func (d dialect) value(k kind, item, text string) (int, error) {
	low, high := d.bounds(k)
	switch k {
	case month:
		if i := indexOf(monthNames, text); i >= 0 {
			return i + 1, nil
		}
	case dayOfWeek:
		if i := indexOf(dayNames, text); i >= 0 {
			return i + low, nil
		}
	}
	n, err := digits(text)
	if err != nil {
		return 0, fmt.Errorf("%q is not understood", item)
	}
	if n < low || n > high {
		if k == dayOfWeek && n >= firstYear && n <= lastYear {
			return 0, fmt.Errorf("%q is out of range %d-%d: a year is the seventh field", item, low, high)
		}
		if k == dayOfWeek && n == 0 {
			return 0, fmt.Errorf("%q is out of range %d-%d: in this form 1 is SUN", item, low, high)
		}
		return 0, fmt.Errorf("%q is out of range %d-%d", item, low, high)
	}
	return n, nil
}

// step reads what stands after a slash: as Quartz has it, no more than the
// highest value of the field.
func (d dialect) step(k kind, item, text string) (int, error) {
	low, high := d.bounds(k)
	if k == year {
		high -= low
	}
	n, err := digits(text)
	if err != nil {
		return 0, fmt.Errorf("%q has no number as its step", item)
	}
	if n < 1 || n > high {
		return 0, fmt.Errorf("%q has a step out of range 1-%d", item, high)
	}
	return n, nil
}

func indexOf(list []string, s string) int {
	for i, e := range list {
		if e == s {
			return i
		}
	}
	return -1
}

// digits reads an unsigned number without signs or spaces.
func digits(text string) (int, error) {
	if text == "" || len(text) > 4 || strings.Trim(text, "0123456789") != "" {
		return 0, errors.New("no number")
	}
	return strconv.Atoi(text)
}
