package oralint

import (
	"slices"
	"strings"
)

// comparisons are the operators whose result is a truth value.
var comparisons = []string{"=", "<", ">", "<=", ">=", "<>", "!=", "LIKE"}

var foreignFunctions = set(`IFNULL IF ISNULL SUBSTRING LEFT RIGHT CONCAT_WS GROUP_CONCAT STRING_AGG UNIX_TIMESTAMP FROM_UNIXTIME
	CLOCK_TIMESTAMP DATE_TRUNC STRFTIME JULIANDAY JSON_EXTRACT JSONB_BUILD_OBJECT POSITION STRPOS RANDOM UUID GEN_RANDOM_UUID
	UTC_TIMESTAMP TIMESTAMPDIFF LAST_INSERT_ID CHAR_LENGTH OCTET_LENGTH HEX UNHEX GREATEST_LEAST PG_ADVISORY_LOCK GET_LOCK
	UNNEST GENERATE_SERIES DATABASE CURRENT_SCHEMA VERSION`)

// notFunctions are keywords that a parenthesis may follow without being called.
var notFunctions = set(`AND OR NOT WHERE ON WHEN THEN ELSE IN SELECT SET BY HAVING VALUES FROM JOIN USING AS BETWEEN UNION ALL CASE`)

func set(words string) map[string]bool {
	out := map[string]bool{}
	for w := range strings.FieldsSeq(words) {
		out[w] = true
	}
	return out
}

// commas writes a list of n numbers.
func commas(n int) string { return strings.TrimSuffix(strings.Repeat("1,", n), ",") }

// bind returns the token of the nth bind, counted from 0, or -1.
func (s *statement) bind(n int) int {
	if n < len(s.placed) {
		return s.placed[n]
	}
	return -1
}

// compared reports whether the value at i is compared with something, as
// opposed to stored.
func (s *statement) compared(i int) bool {
	if s.at(i - 1).is(comparisons...) {
		return !slices.Contains(s.assigned(), i-2)
	}
	if s.at(i + 1).is(comparisons...) {
		return true
	}
	open := s.open(i)
	return open > 0 && s.at(open-1).is("IN")
}

// opening returns the parenthesis that the one at i closes, or -1.
func (s *statement) opening(i int) int {
	for j := i - 1; j >= 0; j-- {
		if s.tokens[j].is("(") && s.tokens[j].depth == s.tokens[i].depth {
			return j
		}
	}
	return -1
}

// call reports whether the parenthesis at i holds a function's arguments.
func (s *statement) call(i int) bool {
	before := s.at(i - 1)
	return before.kind == word && !notFunctions[before.text]
}

// conditionsAsValues reports conditions in select lists and in what SET assigns,
// outside CASE.
func (s *statement) conditionsAsValues() {
	s.every(func(i int, t token) {
		if !t.is("SELECT") {
			return
		}
		end := s.find(i+1, t.depth, "FROM")
		if end < 0 {
			end = len(s.tokens)
		}
		s.conditionsBetween(i+1, end)
	})
	for _, i := range s.assigned() {
		if !s.at(i + 1).is("=") {
			continue // a column of an INSERT
		}
		end := s.find(i+2, 0, ",", "WHERE", "WHEN", "RETURNING")
		if end < 0 {
			end = len(s.tokens)
		}
		s.conditionsBetween(i+2, end)
	}
}

func (s *statement) conditionsBetween(from, to int) {
	cases := 0
	for i := from; i < min(to, len(s.tokens)); i++ {
		t := s.tokens[i]
		switch {
		case t.is("(") && s.at(i+1).is("SELECT") && !s.at(i-1).is("EXISTS"):
			i = s.close(i) // looked at on its own
		case t.is("CASE"):
			cases++
		case t.is("END"):
			cases--
		case cases == 0 && (t.is(comparisons...) || t.is("AND", "OR", "NOT", "IS", "EXISTS", "BETWEEN", "IN")):
			s.found(i)
			return
		}
	}
}
