package oralint

// reserved are the words that Oracle reserves for itself, those which also
// stand for themselves in the statements of the product apart.
var (
	reserved = set(`ACCESS ADD AUDIT CHAR CLUSTER COLUMN COLUMN_VALUE COMMENT COMPRESS CONNECT DATE DECIMAL EXCLUSIVE FILE FLOAT
		IDENTIFIED IMMEDIATE INCREMENT INITIAL INTEGER LEVEL LOCK LONG MAXEXTENTS MLSLABEL MODE MODIFY NESTED_TABLE_ID NOAUDIT
		NOCOMPRESS NUMBER OFFLINE ONLINE OPTION PCTFREE PRIOR PUBLIC RAW RENAME RESOURCE REVOKE ROW ROWID SESSION SHARE SIZE
		SMALLINT START SUCCESSFUL SYNONYM TRIGGER UID USER VALIDATE VARCHAR VARCHAR2 VIEW WHENEVER`)
	keywords = set(`ALL ALTER AND ANY AS ASC BETWEEN BY CHECK CREATE CURRENT DEFAULT DELETE DESC DISTINCT DROP ELSE EXISTS FOR FROM
		GRANT GROUP HAVING IN INDEX INSERT INTERSECT INTO IS LIKE MINUS NOT NOWAIT NULL OF ON OR ORDER ROWNUM ROWS SELECT SET
		SYSDATE TABLE THEN TO UNION UNIQUE UPDATE VALUES WHERE WITH`)
)

// nameRules are about identifiers.
var nameRules = []Rule{
	{
		Name: "reserved-word",
		Why:  "ORA-00904, ORA-00936: the word is reserved and must be quoted to be a name",
		Bad: sqls(`SELECT MODE FROM T`, `SELECT E.MODE FROM T E`, `UPDATE T SET LEVEL = 1`, `INSERT INTO T (A, SIZE) VALUES (1, 2)`,
			`SELECT A FROM T WHERE COMMENT = :1`, `CREATE TABLE T (ID NUMBER(18), MODE VARCHAR2(10))`, `SELECT A AS ROWS FROM T`, `SELECT T.UNION FROM T`),
		Good: sqls(`SELECT "MODE", E."MODE" FROM T E ORDER BY A FETCH NEXT 1 ROW ONLY`, `CREATE TABLE T (ID NUMBER(18), D DATE, "MODE" VARCHAR2(10 BYTE))`,
			`LOCK TABLE T IN EXCLUSIVE MODE`, `ALTER TABLE T ADD (A NUMBER(18))`, `ALTER TABLE T MODIFY (A VARCHAR2(20 BYTE))`, `SELECT DATE '1970-01-01' FROM DUAL`,
			`SELECT CAST(A AS NUMBER) FROM T`, `SELECT USER FROM DUAL`),
		check: func(s *statement) {
			s.every(func(i int, t token) {
				if t.kind != word {
					return
				}
				position := s.at(i-1).is(".") || s.at(i-1).is("AS") && !s.cast(i)
				if position && (reserved[t.text] || keywords[t.text]) && !s.at(i).is("SELECT", "OF") || reserved[t.text] && !s.keyword(i) {
					s.found(i)
				}
			})
			for _, i := range s.assigned() {
				if t := s.at(i); t.kind == word && keywords[t.text] {
					s.found(i)
				}
			}
		},
	},
	{
		Name: "long-name",
		Why:  "ORA-00972: names have at most 30 bytes (128 from 12.2 on, where the database's COMPATIBLE setting allows)",
		Bad:  sqls(`CREATE INDEX A234567890123456789012345678901 ON T (A)`, `SELECT 1 AS "A234567890123456789012345678901" FROM DUAL`),
		Good: sqls(`CREATE INDEX A23456789012345678901234567890 ON T (A)`),
		check: func(s *statement) {
			s.every(func(i int, t token) {
				if t.name() && len(t.text) > 30 {
					s.found(i)
				}
			})
		},
	},
	{
		Name: "leading-underscore",
		Why:  "ORA-00911: an unquoted name begins with a letter",
		Bad:  sqls(`SELECT _A FROM T`, `SELECT A AS _B FROM T`),
		Good: sqls(`SELECT A_, A$1, A#2 FROM T`),
		check: func(s *statement) {
			s.every(func(i int, t token) {
				if t.kind == word && (t.text[0] == '_' || t.text[0] == '$' || t.text[0] == '#') {
					s.found(i)
				}
			})
		},
	},
}

// cast reports whether AS before i names a type.
func (s *statement) cast(i int) bool {
	open := s.open(i)
	return open > 0 && s.at(open-1).is("CAST")
}

// keyword reports whether the reserved word at i stands where the grammar of the
// statements that are sent has it, and not in the place of a name.
func (s *statement) keyword(i int) bool {
	t, before, after := s.at(i), s.at(i-1), s.at(i+1)
	switch t.text {
	case "ROW":
		return (before.kind == number || before.kind == bind) && after.is("ONLY", "")
	case "DATE":
		return after.kind == text || s.cast(i) || s.ddl() && before.name()
	case "ADD", "MODIFY", "RENAME", "COMPRESS", "ONLINE":
		return s.ddl() && !before.is("(", ",")
	case "COLUMN":
		return s.at(0).is("ALTER") && before.is("DROP", "RENAME") || s.at(0).is("COMMENT")
	case "EXCLUSIVE":
		return before.is("IN") && after.is("MODE")
	case "SHARE":
		return before.is("IN") && after.is("MODE")
	case "MODE":
		return before.is("EXCLUSIVE", "SHARE") && s.at(0).is("LOCK")
	case "LOCK", "COMMENT", "REVOKE":
		return i == 0
	case "SESSION":
		return s.at(0).is("ALTER") && i == 1
	case "VIEW", "SYNONYM", "TRIGGER":
		return s.ddl() && before.is("CREATE", "REPLACE", "DROP")
	case "USER":
		return after.is("FROM", "", ")", ",")
	case "UID":
		return false
	case "NUMBER", "VARCHAR2", "CHAR", "INTEGER", "SMALLINT", "FLOAT", "DECIMAL", "RAW", "LONG", "VARCHAR":
		return s.ddl() && (before.name() && !before.is("ADD", "COLUMN") || before.kind == number) || s.cast(i)
	case "INITIAL", "INCREMENT", "START", "PCTFREE":
		return s.ddl() && (after.kind == number || after.is("BY", "WITH"))
	}
	return false
}
