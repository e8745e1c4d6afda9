package oralint

import "slices"

func sqls(statements ...string) []Example {
	out := make([]Example, len(statements))
	for i, s := range statements {
		out[i].SQL = s
	}
	return out
}

// Rules are all rules, in no order.
var Rules = slices.Concat(queryRules, changeRules, valueRules, nameRules, tableRules, clobRules, nullRules)

// queryRules are about the shape of queries and what they lock.
var queryRules = []Rule{
	{
		Name: "lock-of-a-limited-query",
		Why:  "ORA-02014: FOR UPDATE cannot be combined with FETCH, OFFSET, DISTINCT, GROUP BY, a set operation or an inline view",
		Bad: sqls(
			`SELECT ID FROM T ORDER BY ID FETCH NEXT :1 ROWS ONLY FOR UPDATE SKIP LOCKED`,
			`SELECT DISTINCT PID FROM T FOR UPDATE`,
			`SELECT COUNT(*) FROM T FOR UPDATE`,
			`SELECT ID FROM (SELECT ID FROM T ORDER BY ID) FOR UPDATE`,
		),
		Good: sqls(
			`SELECT ID FROM T WHERE ID IN (SELECT ID FROM T ORDER BY ID FETCH NEXT :1 ROWS ONLY) FOR UPDATE SKIP LOCKED`,
			`SELECT ID FROM T ORDER BY ID FETCH NEXT :1 ROWS ONLY`,
		),
		check: func(s *statement) {
			lock := s.lock()
			if lock < 0 {
				return
			}
			for i, t := range s.tokens[:lock] {
				switch {
				case t.depth > 0:
				case t.is("FETCH", "OFFSET", "DISTINCT", "GROUP", "HAVING", "UNION", "INTERSECT", "MINUS"),
					t.is("COUNT", "SUM", "MIN", "MAX", "AVG") && s.at(i+1).is("("),
					t.is("FROM", "JOIN") && s.at(i+1).is("("):
					s.found(i)
				}
			}
		},
	},
	{
		Name: "lock-of-a-rownum-query",
		Why:  "ROWNUM counts before ORDER BY sorts and before SKIP LOCKED skips, so the rows that are wanted are not those that are locked",
		Bad:  sqls(`SELECT ID FROM T WHERE ROWNUM <= :1 ORDER BY ID FOR UPDATE SKIP LOCKED`),
		Good: sqls(`SELECT ID FROM T WHERE ROWNUM = 1`),
		check: func(s *statement) {
			if lock := s.lock(); lock >= 0 {
				if i := s.find(0, 0, "ROWNUM"); i >= 0 {
					s.found(i)
				}
			}
		},
	},
	{
		Name: "lock-in-a-subquery",
		Why:  "ORA-00907: FOR UPDATE stands at the end of a whole statement only",
		Bad:  sqls(`UPDATE T SET A = 1 WHERE ID IN (SELECT ID FROM T WHERE A = 0 FOR UPDATE)`),
		Good: sqls(`SELECT ID FROM T WHERE A = 0 FOR UPDATE`),
		check: func(s *statement) {
			s.every(func(i int, t token) {
				if s.follow(i, "FOR", "UPDATE") && t.depth > 0 {
					s.found(i)
				}
			})
		},
	},
	{
		Name:  "lock-kind",
		Why:   "ORA-02000: there is FOR UPDATE and no other row lock",
		Bad:   sqls(`SELECT ID FROM T FOR SHARE`, `SELECT ID FROM T FOR NO KEY UPDATE`, `SELECT ID FROM T LOCK IN SHARE MODE`),
		Good:  sqls(`SELECT ID FROM T FOR UPDATE NOWAIT`),
		check: forbid("FOR SHARE", "FOR NO KEY", "FOR KEY", "LOCK IN SHARE"),
	},
	{
		Name: "lock-of-a-table-name",
		Why:  "ORA-00904: FOR UPDATE OF names columns, not tables",
		Bad:  sqls(`SELECT E.ID FROM T E JOIN U J ON J.ID = E.PID FOR UPDATE OF E`),
		Good: sqls(`SELECT E.ID FROM T E JOIN U J ON J.ID = E.PID FOR UPDATE OF E.ID`),
		check: func(s *statement) {
			for i := s.lock(); i >= 0 && i < len(s.tokens); i++ {
				if t := s.at(i); s.at(i-1).is("OF") && t.name() && !s.at(i+1).is(".") && s.tableName(t.text) {
					s.found(i)
				}
			}
		},
	},
	{
		Name: "limit",
		Why:  "ORA-00933: LIMIT is not Oracle's; it is FETCH NEXT n ROWS ONLY",
		Bad:  sqls(`SELECT ID FROM T LIMIT 10`, `SELECT ID FROM T ORDER BY ID LIMIT :1`),
		Good: sqls(`SELECT ID FROM T ORDER BY ID OFFSET :1 ROWS FETCH NEXT :2 ROWS ONLY`),
		check: func(s *statement) {
			s.every(func(i int, t token) {
				if next := s.at(i + 1).kind; t.is("LIMIT") && (next == number || next == bind) {
					s.found(i)
				}
			})
		},
	},
	{
		Name: "select-without-from",
		Why:  "ORA-00923: a query without a table reads FROM DUAL (until release 23)",
		Bad:  sqls(`SELECT 1`, `INSERT INTO T (A) SELECT :1 WHERE NOT EXISTS (SELECT 1 FROM T WHERE A = :2)`, `SELECT A FROM T WHERE B = (SELECT 1)`),
		Good: sqls(`SELECT 1 FROM DUAL`, `SELECT EXTRACT(DAY FROM X) FROM T`),
		check: func(s *statement) {
			s.every(func(i int, t token) {
				if !t.is("SELECT") {
					return
				}
				end := s.find(i+1, t.depth, "SELECT")
				if from := s.find(i+1, t.depth, "FROM"); from < 0 || end >= 0 && from > end {
					s.found(i)
				}
			})
		},
	},
	{
		Name: "as-before-table-alias",
		Why:  "ORA-00933: a table's alias follows it without AS",
		Bad:  sqls(`SELECT E.ID FROM T AS E`, `SELECT 1 FROM T E JOIN U AS J ON J.ID = E.PID`, `UPDATE T AS E SET A = 1`, `SELECT 1 FROM (SELECT 1 FROM DUAL) AS X`),
		Good: sqls(`SELECT E.ID AS NUM FROM T E`, `SELECT CAST(A AS NUMBER) FROM T`, `WITH X AS (SELECT 1 FROM DUAL) SELECT * FROM X`),
		check: func(s *statement) {
			for _, i := range s.tables() {
				if s.at(i).is("(") {
					i = s.close(i) + 1
				} else {
					for i++; s.at(i).is("."); i += 2 {
					}
				}
				if s.at(i).is("AS") {
					s.found(i)
				}
			}
		},
	},
	{
		Name: "with",
		Why:  "ORA-00928, ORA-02000: WITH begins a query only, and knows neither RECURSIVE nor MATERIALIZED",
		Bad:  sqls(`WITH X AS (SELECT 1 FROM DUAL) UPDATE T SET A = 1`, `WITH RECURSIVE X AS (SELECT 1 FROM DUAL) SELECT * FROM X`, `WITH X AS MATERIALIZED (SELECT 1 FROM DUAL) SELECT 1 FROM X`),
		Good: sqls(`WITH X AS (SELECT 1 FROM DUAL) SELECT * FROM X`),
		check: func(s *statement) {
			forbid("WITH RECURSIVE", "AS MATERIALIZED", "AS NOT MATERIALIZED")(s)
			if i := s.find(0, 0, "UPDATE", "DELETE", "INSERT"); i >= 0 && s.at(0).is("WITH") && s.lock() < 0 {
				s.found(i)
			}
		},
	},
	{
		Name: "join-using",
		Why:  "ORA-25154: a column named in USING can no longer be qualified",
		Bad:  sqls(`SELECT E.ID FROM T E JOIN U USING (ID)`),
		Good: sqls(`SELECT E.ID FROM T E JOIN U ON U.ID = E.ID`),
		check: func(s *statement) {
			s.every(func(i int, t token) {
				if t.is("USING") && s.at(i+1).is("(") && !s.at(i+2).is("SELECT") && !s.at(0).is("MERGE") {
					s.found(i)
				}
			})
		},
	},
}

// lock returns where a whole statement's FOR UPDATE begins, or -1.
func (s *statement) lock() int {
	for i, t := range s.tokens {
		if t.depth == 0 && s.follow(i, "FOR", "UPDATE") {
			return i
		}
	}
	return -1
}

// tables returns the tokens at which table names, or inline views, begin.
func (s *statement) tables() []int {
	var out []int
	s.every(func(i int, t token) {
		switch {
		case t.is("FROM") && s.functionArgument(i):
		case t.is("UPDATE") && s.at(i-1).is("FOR", "THEN", "ON"):
		case t.is("FROM", "JOIN", "INTO", "UPDATE", "USING") && (s.at(i+1).name() || s.at(i+1).is("(")):
			out = append(out, i+1)
			if !t.is("FROM") {
				return
			}
			end := s.find(i+1, t.depth, "WHERE", "ORDER", "GROUP", "FETCH", "FOR", "ON", "UNION")
			for j := s.find(i+1, t.depth, ","); j >= 0 && (end < 0 || j < end); j = s.find(j+1, t.depth, ",") {
				out = append(out, j+1)
			}
		}
	})
	return out
}

// functionArgument reports whether FROM at i belongs to EXTRACT, TRIM or the like.
func (s *statement) functionArgument(i int) bool {
	open := s.open(i)
	return open > 0 && s.at(open-1).is("EXTRACT", "TRIM", "SUBSTRING", "OVERLAY")
}

// tableName reports whether the statement reads a table of that name or alias.
func (s *statement) tableName(name string) bool {
	for _, i := range s.tables() {
		if s.at(i).text == name || s.at(i+1).text == name {
			return true
		}
	}
	return false
}
