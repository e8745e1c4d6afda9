package oralint

// nullRules are about binds of NULL, which are of type VARCHAR2.
var nullRules = []Rule{
	{
		Name: "null-beside-a-number",
		Why:  "ORA-00932: a NULL that is bound is a VARCHAR2, which CASE, COALESCE and NULLIF do not mix with numbers; write NULL",
		Bad: []Example{
			{`UPDATE T SET A = CASE ID WHEN :1 THEN :2 WHEN :3 THEN :4 END`, []any{int64(1), nil, int64(2), int64(3)}},
			{`UPDATE T SET A = CASE WHEN B = 1 THEN 0 ELSE :1 END`, []any{nil}},
			{`UPDATE T SET A = COALESCE(:1, 0)`, []any{nil}},
			{`SELECT NULLIF(:1, :2) FROM T`, []any{nil, int64(0)}},
		},
		Good: []Example{
			{`UPDATE T SET A = CASE ID WHEN :1 THEN :2 WHEN :3 THEN :4 END, B = :5`, []any{int64(1), nil, int64(2), "x", nil}},
			{`UPDATE T SET A = COALESCE(:1, 'x'), B = CASE WHEN C = 1 THEN NULL ELSE :2 END`, []any{nil, int64(1)}},
		},
		check: func(s *statement) {
			for n, v := range s.binds {
				if i := s.bind(n); v == nil && s.numberBeside(i) {
					s.found(i)
				}
			}
		},
	},
}

// numberBeside reports whether the value at i is one of several, of which
// another is a number.
func (s *statement) numberBeside(i int) bool {
	switch before := s.at(i - 1); {
	case before.is("THEN", "ELSE"):
		from, to := s.caseAround(i)
		for j := from; j < to; j++ {
			if s.at(j).is("THEN", "ELSE") && j+1 != i && s.isNumber(j+1) {
				return true
			}
		}
	case before.is("(", ","):
		open := s.open(i)
		if open < 1 || !s.at(open-1).is("COALESCE", "NULLIF", "DECODE", "GREATEST", "LEAST") {
			return false
		}
		for j := open + 1; j < s.close(open); j++ {
			if s.at(j).depth == s.at(open).depth+1 && s.at(j-1).is("(", ",") && j != i && s.isNumber(j) {
				return true
			}
		}
	}
	return false
}

// isNumber reports whether the token is a number, or a bind of one.
func (s *statement) isNumber(i int) bool {
	if s.at(i).kind == number {
		return true
	}
	n, ok := s.nth[i]
	if !ok || n >= len(s.binds) {
		return false
	}
	_, ok = s.binds[n].(int64)
	return ok
}

// caseAround returns where the CASE around token i begins and ends.
func (s *statement) caseAround(i int) (from, to int) {
	nested := 0
	for from = i; from > 0; from-- {
		if s.at(from).is("END") {
			nested++
		}
		if s.at(from).is("CASE") {
			if nested == 0 {
				break
			}
			nested--
		}
	}
	nested = 0
	for to = from + 1; to < len(s.tokens); to++ {
		if s.at(to).is("CASE") {
			nested++
		}
		if s.at(to).is("END") {
			if nested == 0 {
				break
			}
			nested--
		}
	}
	return from, to
}
