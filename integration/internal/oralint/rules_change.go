package oralint

// changeRules are about INSERT, UPDATE, DELETE and MERGE.
var changeRules = []Rule{
	{
		Name: "multi-row-values",
		Why:  "ORA-00933: VALUES takes one row (until release 23)",
		Bad:  sqls(`INSERT INTO T (A) VALUES (:1), (:2)`),
		Good: sqls(`INSERT INTO T (A, B) VALUES (COALESCE(:1, 1), (:2))`),
		check: func(s *statement) {
			s.every(func(i int, t token) {
				if t.is("VALUES") && s.at(i+1).is("(") && s.at(s.close(i+1)+1).is(",") {
					s.found(s.close(i+1) + 1)
				}
			})
		},
	},
	{
		Name: "returning-without-into",
		Why:  "ORA-00925: RETURNING needs INTO and output binds",
		Bad:  sqls(`UPDATE T SET A = 1 RETURNING ID`),
		Good: sqls(`UPDATE T SET A = 1 RETURNING ID INTO :1`),
		check: func(s *statement) {
			if i := s.find(0, 0, "RETURNING"); i >= 0 && s.find(i, 0, "INTO") < 0 {
				s.found(i)
			}
		},
	},
	{
		Name: "update-from",
		Why:  "ORA-00933: a change reads other tables through sub-selects or MERGE, not through FROM, USING or JOIN",
		Bad:  sqls(`UPDATE T SET A = U.A FROM U WHERE U.ID = T.ID`, `DELETE FROM T USING U WHERE U.ID = T.ID`, `UPDATE T E JOIN U J ON J.ID = E.PID SET E.A = 1`, `DELETE E FROM T E`),
		Good: sqls(`UPDATE T SET A = (SELECT U.A FROM U WHERE U.ID = T.ID)`, `DELETE FROM T WHERE ID IN (SELECT ID FROM U)`),
		check: func(s *statement) {
			switch {
			case s.at(0).is("UPDATE"):
				if i := s.find(0, 0, "FROM", "JOIN"); i >= 0 {
					s.found(i)
				}
			case s.at(0).is("DELETE"):
				if i := s.find(0, 0, "USING", "JOIN"); i >= 0 {
					s.found(i)
				}
				if s.at(1).name() && !s.at(1).is("FROM") && s.at(2).is("FROM") {
					s.found(1)
				}
			}
		},
	},
	{
		Name: "ordered-change",
		Why:  "ORA-00933: UPDATE and DELETE know no ORDER BY and no row limit",
		Bad:  sqls(`UPDATE T SET A = 1 ORDER BY ID`, `DELETE FROM T WHERE A = 1 FETCH NEXT 5 ROWS ONLY`),
		Good: sqls(`DELETE FROM T WHERE ID IN (SELECT ID FROM T ORDER BY ID FETCH NEXT 5 ROWS ONLY)`),
		check: func(s *statement) {
			if s.at(0).is("UPDATE", "DELETE") {
				if i := s.find(0, 0, "ORDER", "FETCH"); i >= 0 {
					s.found(i)
				}
			}
		},
	},
	{
		Name:  "insert-or",
		Why:   "ORA-00933, ORA-00900: an insert that meets an existing row is a MERGE",
		Bad:   sqls(`INSERT INTO T (A) VALUES (:1) ON CONFLICT DO NOTHING`, `INSERT INTO T (A) VALUES (:1) ON DUPLICATE KEY UPDATE A = 1`, `INSERT IGNORE INTO T (A) VALUES (:1)`, `REPLACE INTO T (A) VALUES (:1)`, `INSERT OR IGNORE INTO T (A) VALUES (:1)`),
		Good:  sqls(`SELECT REPLACE(A, 'x', 'y') FROM T`),
		check: forbid("ON CONFLICT", "ON DUPLICATE", "INSERT IGNORE", "REPLACE INTO", "INSERT OR"),
	},
	{
		Name: "merge",
		Why:  "ORA-00969, ORA-38104: MERGE INTO … USING … ON (…) in parentheses, which never sets a column that ON compares",
		Bad: sqls(`MERGE INTO T USING DUAL WHEN NOT MATCHED THEN INSERT (A) VALUES (1)`,
			`MERGE INTO T USING (SELECT 1 A FROM DUAL) S ON T.A = S.A WHEN MATCHED THEN UPDATE SET T.B = 1`,
			`MERGE INTO T USING (SELECT 1 A FROM DUAL) S ON (T.A = S.A) WHEN MATCHED THEN UPDATE SET T.A = 1`),
		Good: sqls(`MERGE INTO T USING (SELECT 1 A FROM DUAL) S ON (T.A = S.A) WHEN MATCHED THEN UPDATE SET T.B = 1`),
		check: func(s *statement) {
			if !s.at(0).is("MERGE") {
				return
			}
			on := s.find(0, 0, "ON")
			if on < 0 || s.find(0, 0, "USING") < 0 || !s.at(on+1).is("(") {
				s.found(0)
				return
			}
			target := s.at(2).text // without an alias, columns are qualified by the table's name
			if s.at(3).name() && !s.at(3).is("USING") {
				target = s.at(3).text
			}
			compared := map[string]bool{}
			for i := on + 2; i < s.close(on+1); i++ {
				if s.at(i).text == target && s.at(i+1).is(".") {
					compared[s.at(i+2).text] = true
				}
			}
			for _, i := range s.assigned() {
				if compared[s.at(i).text] {
					s.found(i)
				}
			}
		},
	},
	{
		Name: "assigned-twice",
		Why:  "ORA-00957: a column is set once",
		Bad:  sqls(`UPDATE T SET A = 1, B = 2, A = 3`, `INSERT INTO T (A, A) VALUES (1, 2)`),
		Good: sqls(`UPDATE T SET A = 1, B = A`),
		check: func(s *statement) {
			seen := map[string]bool{}
			for _, i := range s.assigned() {
				if seen[s.at(i).text] && !s.at(0).is("MERGE") {
					s.found(i)
				}
				seen[s.at(i).text] = true
			}
		},
	},
}

// assigned returns the column names of a SET list or of an INSERT's columns.
func (s *statement) assigned() []int {
	var out []int
	s.every(func(i int, t token) {
		switch {
		case t.is("SET") && t.depth == 0 && !s.ddl():
			for j := i + 1; s.at(j).name() || s.at(j).is("("); {
				if s.at(j + 1).is(".") {
					j += 2
				}
				out = append(out, j)
				comma := s.find(j, 0, ",", "WHERE", "WHEN", "RETURNING")
				if comma < 0 || !s.at(comma).is(",") {
					return
				}
				j = comma + 1
			}
		case t.is("INTO") && s.at(0).is("INSERT") && t.depth == 0:
			open := s.find(i, 0, "(", "VALUES", "SELECT")
			if open < 0 || !s.at(open).is("(") {
				return
			}
			for j := open + 1; j < s.close(open); j += 2 {
				out = append(out, j)
			}
		}
	})
	return out
}
