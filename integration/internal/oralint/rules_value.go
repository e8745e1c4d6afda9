package oralint

import (
	"strings"
	"time"
)

// valueRules are about expressions, literals and binds.
var valueRules = []Rule{
	{
		Name: "in-list",
		Why:  "ORA-01795: a list holds 1,000 expressions at most",
		Bad:  []Example{{SQL: "SELECT 1 FROM T WHERE ID IN (" + commas(1001) + ")"}},
		Good: []Example{{SQL: "SELECT 1 FROM T WHERE ID IN (" + commas(1000) + ")"}},
		check: func(s *statement) {
			s.every(func(i int, t token) {
				if t.is("IN") && s.at(i+1).is("(") && !s.at(i+2).is("SELECT") && s.items(i+1) > 1000 {
					s.found(i)
				}
			})
		},
	},
	{
		Name: "boolean",
		Why:  "ORA-00904: SQL has no booleans (until release 23): 0 and 1, or Y and N",
		Bad: append(sqls(`SELECT 1 FROM T WHERE A = TRUE`, `UPDATE T SET A = false`, `SELECT 1 FROM T WHERE (A = 1) IS NOT TRUE`),
			Example{`UPDATE T SET A = :1`, []any{true}}),
		Good: []Example{{`UPDATE T SET A = :1, B = 'TRUE'`, []any{int64(1)}}},
		check: func(s *statement) {
			forbid("TRUE", "FALSE")(s)
			for i, v := range s.binds {
				if _, ok := v.(bool); ok {
					s.found(s.bind(i))
				}
			}
		},
	},
	{
		Name: "condition-as-value",
		Why:  "ORA-00923, ORA-00936: a condition has no value (until release 23): CASE WHEN … THEN 1 ELSE 0 END",
		Bad:  sqls(`SELECT A = 1 FROM T`, `SELECT SUM(A = 1) FROM T`, `UPDATE T SET A = B IS NULL`, `SELECT EXISTS (SELECT 1 FROM T) FROM DUAL`, `SELECT A, B > 1 OR C < 2 FROM T`),
		Good: sqls(`SELECT CASE WHEN A = 1 THEN 1 ELSE 0 END FROM T WHERE B IS NULL OR COALESCE(C, 0) = 1`, `SELECT (SELECT MAX(A) FROM T WHERE B = 1) FROM DUAL`, `UPDATE T SET A = CASE WHEN B IS NULL THEN 1 END, C = 2 WHERE D = 3`, `SELECT CAST(A AS NUMBER) FROM T`),
		check: func(s *statement) {
			s.conditionsAsValues()
		},
	},
	{
		Name: "row-comparison",
		Why:  "ORA-01796: rows of values are compared by = and IN only",
		Bad:  sqls(`SELECT 1 FROM T WHERE (A, B) > (:1, :2)`, `SELECT 1 FROM T WHERE (A, B) <= (SELECT 1, 2 FROM DUAL)`),
		Good: sqls(`SELECT 1 FROM T WHERE (A, B) IN (SELECT 1, 2 FROM DUAL) AND (A + B) > (1 + 2)`),
		check: func(s *statement) {
			s.every(func(i int, t token) {
				if t.is("<", ">", "<=", ">=", "<>", "!=") && s.at(i-1).is(")") {
					if open := s.opening(i - 1); open >= 0 && s.items(open) > 1 && !s.call(open) && !s.at(open+1).is("SELECT") {
						s.found(i)
					}
				}
			})
		},
	},
	{
		Name: "empty-string",
		Why:  "'' is NULL: no comparison with it is ever true",
		Bad: append(sqls(`SELECT 1 FROM T WHERE A = ''`, `UPDATE T SET A = ''`, `SELECT COALESCE(A, '') FROM T`),
			Example{`SELECT 1 FROM T WHERE A = :1`, []any{""}}, Example{`SELECT 1 FROM T WHERE A IN (:1,:2)`, []any{"x", ""}}),
		Good: []Example{{`UPDATE T SET A = :1 WHERE B = :2 AND C IS NULL`, []any{"", "x"}}, {`INSERT INTO T (A) VALUES (:1)`, []any{""}}},
		check: func(s *statement) {
			s.every(func(i int, t token) {
				if t.kind == text && t.text == "" {
					s.found(i)
				}
			})
			for n, v := range s.binds {
				if v == "" && s.compared(s.bind(n)) {
					s.found(s.bind(n))
				}
			}
		},
	},
	{
		Name: "long-string-compared",
		Why:  "ORA-01461, ORA-00932: a string of more than 4,000 bytes is bound as LONG, which can be stored but not compared",
		Bad:  []Example{{`SELECT 1 FROM T WHERE A = :1`, []any{string(make([]byte, 4001))}}},
		Good: []Example{{`UPDATE T SET A = :1`, []any{string(make([]byte, 4001))}}},
		check: func(s *statement) {
			for n, v := range s.binds {
				if text, ok := v.(string); ok && len(text) > 4000 && s.compared(s.bind(n)) {
					s.found(s.bind(n))
				}
			}
		},
	},
	{
		Name: "bind",
		Why:  "ORA-01008, ORA-01006: binds are :1 to :n, each used once; times are bound as epoch milliseconds, never as dates",
		Bad:  []Example{{`UPDATE T SET A = :1`, []any{}}, {`UPDATE T SET A = :1`, []any{int64(1), int64(2)}}, {`UPDATE T SET A = ?`, nil}, {`UPDATE T SET A = :1`, []any{time.Time{}}}},
		Good: []Example{{`UPDATE T SET A = :1, B = ':2' WHERE C = :2`, []any{int64(1), nil}}},
		check: func(s *statement) {
			used := 0
			s.every(func(i int, t token) {
				if t.kind == bind {
					used++
				}
				if t.is("?") {
					s.found(i)
				}
			})
			if s.binds != nil && used != len(s.binds) {
				s.found(0)
			}
			for n, v := range s.binds {
				if _, ok := v.(time.Time); ok {
					s.found(s.bind(n))
				}
			}
		},
	},
	{
		Name:  "foreign-syntax",
		Why:   "ORA-00911, ORA-00933: casts are CAST(… AS …), quotes are single and double ones, equality with NULL is spelled out",
		Bad:   sqls("SELECT A::NUMBER FROM T", "SELECT `A` FROM T", "SELECT 1 FROM T WHERE A <=> :1", "SELECT 1 FROM T WHERE A IS NOT DISTINCT FROM B", "SELECT 1 FROM T WHERE A ILIKE :1", "SELECT A % 2 FROM T", "SELECT 1 FROM T WHERE A = ANY(ARRAY[1])"),
		Good:  sqls(`SELECT CAST(A AS NUMBER) FROM T WHERE B != MOD(C, 2)`, `SELECT A FROM T WHERE DECODE(A, B, 1, 0) = 1`),
		check: forbid("::", "`", "<=>", "DISTINCT FROM", "ILIKE", "%", "REGEXP", "RLIKE", "~", "ARRAY", "["),
	},
	{
		Name: "terminator",
		Why:  "ORA-00911: a statement ends without a semicolon",
		Bad:  sqls(`DELETE FROM T;`),
		Good: sqls(`DELETE FROM T WHERE A = ';'`, `BEGIN NULL; END;`),
		check: func(s *statement) {
			if !s.at(0).is("BEGIN", "DECLARE") {
				forbid(";")(s)
			}
		},
	},
	{
		Name: "clock",
		Why:  "the session's or the host's time zone decides what these say; the product's clock is SYS_EXTRACT_UTC(SYSTIMESTAMP)",
		Bad:  sqls(`SELECT CURRENT_TIMESTAMP FROM DUAL`, `UPDATE T SET A = NOW()`, `SELECT SYSDATE FROM DUAL`, `SELECT SYSTIMESTAMP FROM DUAL`, `SELECT LOCALTIMESTAMP FROM DUAL`),
		Good: sqls(`SELECT SYS_EXTRACT_UTC(SYSTIMESTAMP) FROM DUAL`),
		check: func(s *statement) {
			forbid("NOW (", "CURRENT_TIMESTAMP", "CURRENT_DATE", "LOCALTIMESTAMP", "SYSDATE", "GETDATE")(s)
			s.every(func(i int, t token) {
				if t.is("SYSTIMESTAMP") && !s.at(i-2).is("SYS_EXTRACT_UTC") {
					s.found(i)
				}
			})
		},
	},
	{
		Name: "division",
		Why:  "5 / 2 is 2.5 and not 2: TRUNC or FLOOR around it, as a column of whole numbers rounds",
		Bad:  sqls(`UPDATE T SET A = B / 2`),
		Good: sqls(`UPDATE T SET A = FLOOR(B / 2), C = TRUNC((B + 1) / 2)`),
		check: func(s *statement) {
			s.every(func(i int, t token) {
				if !t.is("/") {
					return
				}
				for open := s.open(i); open >= 0; open = s.open(open) {
					if s.at(open-1).is("FLOOR", "TRUNC", "CEIL", "ROUND") {
						return
					}
				}
				s.found(i)
			})
		},
	},
	{
		Name: "function",
		Why:  "ORA-00904: no such function (SUBSTR, INSTR, NVL, LISTAGG and arithmetic instead)",
		Bad:  sqls(`SELECT IFNULL(A, 1) FROM T`, `SELECT SUBSTRING(A, 1, 2) FROM T`, `SELECT LEFT(A, 2) FROM T`, `SELECT IF(A, 1, 2) FROM T`, `SELECT CONCAT(A, B, C) FROM T`, `SELECT UNIX_TIMESTAMP() FROM DUAL`),
		Good: sqls(`SELECT NVL(A, 1), SUBSTR(B, 1, 2), CONCAT(A, B), COALESCE(A, 1) FROM T LEFT JOIN U ON U.ID = T.ID`),
		check: func(s *statement) {
			s.every(func(i int, t token) {
				if !s.at(i+1).is("(") || t.kind != word {
					return
				}
				if foreignFunctions[t.text] || t.is("CONCAT") && s.items(i+1) != 2 {
					s.found(i)
				}
			})
		},
	},
	{
		Name: "like-escape",
		Why:  "LIKE has no escape character unless ESCAPE names one",
		Bad:  sqls(`SELECT 1 FROM T WHERE A LIKE '50\%'`, `SELECT 1 FROM T WHERE A LIKE :1`),
		Good: sqls(`SELECT 1 FROM T WHERE A LIKE :1 ESCAPE '!'`, `SELECT 1 FROM T WHERE A LIKE 'QRTZ%'`),
		check: func(s *statement) {
			s.every(func(i int, t token) {
				p := s.at(i + 1)
				escaped := p.kind == bind || p.kind == text && strings.Contains(p.text, `\`)
				if t.is("LIKE") && escaped && !s.at(i+2).is("ESCAPE") {
					s.found(i)
				}
			})
		},
	},
}
