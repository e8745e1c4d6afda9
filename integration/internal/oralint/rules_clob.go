package oralint

import "slices"

// clobs are the columns of the four tables that are CLOB on Oracle.
var clobs = set(`EVENTS HANDLERS`)

// clobRules are about the columns in [clobs].
var clobRules = []Rule{
	{
		Name: "clob-as-text",
		Why:  "ORA-00932: a CLOB is neither compared nor sorted nor grouped, and CASE, COALESCE and the like mix it with no other type (TO_CLOB makes one)",
		Bad: sqls(`SELECT 1 FROM QRTZ_NODE WHERE HANDLERS = :1`, `UPDATE T SET A = 1 WHERE :1 <> N.HANDLERS`, `SELECT EVENTS FROM T ORDER BY EVENTS`,
			`UPDATE T SET EVENTS = CASE WHEN A = 1 THEN :1 ELSE EVENTS END`, `SELECT COALESCE(E.EVENTS, 'x') FROM T E`, `SELECT DISTINCT HANDLERS FROM T`,
			`SELECT HANDLERS, COUNT(*) FROM T GROUP BY HANDLERS`),
		Good: sqls(`UPDATE T SET EVENTS = :1, A = 1 WHERE EVENTS IS NULL AND B = 2`, `UPDATE T SET EVENTS = EVENTS`, `SELECT NVL(EVENTS, 'x') FROM T ORDER BY ID`,
			`UPDATE T SET EVENTS = CASE WHEN A = 1 THEN TO_CLOB(:1) ELSE EVENTS END`, `INSERT INTO T (A, EVENTS) VALUES (:1, :2)`, `SELECT DBMS_LOB.COMPARE(EVENTS, :1) FROM T`),
		check: func(s *statement) {
			s.every(func(i int, t token) {
				if !t.name() || !clobs[t.text] || s.ddl() {
					return
				}
				first := i // of the qualified name
				for s.at(first - 1).is(".") {
					first -= 2
				}
				if s.asText(first, i) {
					s.found(i)
				}
			})
		},
	},
}

// asText reports whether the CLOB whose name begins and ends there is used like
// a VARCHAR2.
func (s *statement) asText(first, last int) bool {
	before, after := s.at(first-1), s.at(last+1)
	compares := func(t token) bool { return t.is(comparisons...) && !t.is("LIKE") }
	assigned := s.assigned()
	switch {
	case compares(after):
		return !slices.Contains(assigned, last)
	case compares(before):
		return !slices.Contains(assigned, first-2)
	case after.is("IN", "BETWEEN"):
		return true
	case before.is("THEN", "ELSE"):
		return !s.has("TO_CLOB")
	}
	if open := s.open(first); open > 0 && s.at(open-1).is("COALESCE", "NULLIF", "DECODE", "GREATEST", "LEAST", "MIN", "MAX") {
		return true
	}
	for i := first - 1; i >= 0 && s.at(i).depth >= s.at(first).depth; i-- {
		if s.at(i).depth == s.at(first).depth && (s.follow(i, "ORDER", "BY") || s.follow(i, "GROUP", "BY") || s.at(i).is("DISTINCT")) {
			return true
		}
	}
	return false
}

// has reports whether a word stands anywhere in the statement.
func (s *statement) has(w string) bool {
	return slices.ContainsFunc(s.tokens, func(t token) bool { return t.is(w) })
}
