package schedule

import (
	"fmt"
	"strconv"
	"strings"
)

// dayOfMonthMarker reads L, LW, L-n, L-nW and nW. ok is false where the item is
// something else.
func dayOfMonthMarker(item string) (term string, ok bool, err error) {
	rest, fromLast := strings.CutPrefix(item, "L")
	rest, weekday := strings.CutSuffix(rest, "W")
	if !fromLast && !weekday {
		return "", false, nil
	}
	if !fromLast {
		n, err := digits(rest)
		if err != nil {
			return "", true, fmt.Errorf("%q is not understood: write W after a day of the month, as in 15W", item)
		}
		if n < 1 || n > 31 {
			return "", true, fmt.Errorf("%q is out of range 1W-31W", item)
		}
		return strconv.Itoa(n) + "W", true, nil
	}
	if rest == "" {
		return item, true, nil
	}
	offset, dashed := strings.CutPrefix(rest, "-")
	n, err := digits(offset)
	if !dashed || err != nil {
		return "", true, fmt.Errorf("%q is not understood: write L, LW, L-3 or L-3W", item)
	}
	if n > 30 {
		return "", true, fmt.Errorf("%q is out of range L-0 to L-30", item)
	}
	return item, true, nil
}

// inMonth rewrites the terms that depend on the length of the month. gronx
// knows L and nW; LW, L-n and L-nW are days that are known once the length is.
// The result is empty where no term names a day of such a month.
func (f field) inMonth(length int) field {
	terms := make([]string, 0, len(f.terms))
	for _, term := range f.terms {
		rest, fromLast := strings.CutPrefix(term, "L")
		if !fromLast {
			terms = append(terms, term)
			continue
		}
		rest, weekday := strings.CutSuffix(rest, "W")
		day := length
		if offset, ok := strings.CutPrefix(rest, "-"); ok {
			n, _ := strconv.Atoi(offset)
			day -= n
		}
		if day < 1 {
			continue
		}
		term = strconv.Itoa(day)
		if weekday {
			term += "W"
		}
		terms = append(terms, term)
	}
	return field{terms: terms, all: f.all, unspecified: f.unspecified}
}

// dayOfWeekMarker reads L, xL and x#n, where x is a number or a name. A lone L
// is the last day of the week, Saturday.
func (d dialect) dayOfWeekMarker(item string) (term string, ok bool, err error) {
	if item == "L" {
		return "6", true, nil
	}
	if day, nth, found := strings.Cut(item, "#"); found {
		v, err := d.value(dayOfWeek, item, day)
		if err != nil {
			return "", true, err
		}
		n, err := digits(nth)
		if err != nil || n < 1 || n > 5 {
			return "", true, fmt.Errorf("%q is out of range: the number after # is 1-5", item)
		}
		return fmt.Sprintf("%d#%d", d.number(dayOfWeek, v), n), true, nil
	}
	if day, found := strings.CutSuffix(item, "L"); found {
		v, err := d.value(dayOfWeek, item, day)
		if err != nil {
			return "", true, err
		}
		return fmt.Sprintf("%dL", d.number(dayOfWeek, v)), true, nil
	}
	return "", false, nil
}
