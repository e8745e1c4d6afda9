package oralint

import "strconv"

// foreignTypes are column types of other databases, and words of their CREATE TABLE.
var foreignTypes = set(`TEXT LONGTEXT MEDIUMTEXT BIGINT INT INT8 INT4 TINYINT BOOLEAN BOOL SERIAL BIGSERIAL DATETIME JSON JSONB BYTEA UUID
	AUTO_INCREMENT AUTOINCREMENT ENGINE CHARSET FILLFACTOR UNSIGNED`)

// tableRules are about definitions.
var tableRules = []Rule{
	{
		Name:  "if-exists",
		Why:   "ORA-00922: IF EXISTS and IF NOT EXISTS came with release 23",
		Bad:   sqls(`CREATE TABLE IF NOT EXISTS T (A NUMBER(18))`, `DROP TABLE IF EXISTS T`, `ALTER TABLE T ADD IF NOT EXISTS A NUMBER(18)`),
		Good:  sqls(`CREATE TABLE T (A NUMBER(18))`),
		check: forbid("IF NOT EXISTS", "IF EXISTS"),
	},
	{
		Name: "foreign-type",
		Why:  "ORA-00902: no such type; NUMBER(18), NUMBER(10), VARCHAR2(n BYTE) and CLOB",
		Bad:  sqls(`CREATE TABLE T (A BIGINT)`, `CREATE TABLE T (A TEXT)`, `ALTER TABLE T ADD (A BOOLEAN)`, `SELECT CAST(A AS BIGINT) FROM T`),
		Good: sqls(`CREATE TABLE T (A NUMBER(18), B CLOB, C VARCHAR2(10 BYTE))`, `INSERT INTO T (TEXT) VALUES (:1)`),
		check: func(s *statement) {
			s.every(func(i int, t token) {
				if t.kind == word && foreignTypes[t.text] && (s.ddl() && s.at(i-1).name() || s.at(i-1).is("AS") && s.cast(i)) {
					s.found(i)
				}
			})
		},
	},
	{
		Name: "varchar2-size",
		Why:  "ORA-00906, ORA-00910: VARCHAR2 needs a size, of 4,000 bytes at most, that says what it counts",
		Bad:  sqls(`CREATE TABLE T (A VARCHAR2)`, `CREATE TABLE T (A VARCHAR2(4001 BYTE))`, `CREATE TABLE T (A VARCHAR2(50))`),
		Good: sqls(`CREATE TABLE T (A VARCHAR2(4000 BYTE), B VARCHAR2(10 CHAR))`),
		check: func(s *statement) {
			s.every(func(i int, t token) {
				if !s.ddl() || !t.is("VARCHAR2") {
					return
				}
				size, err := strconv.Atoi(s.at(i + 2).text)
				if !s.at(i+1).is("(") || err != nil || size > 4000 || !s.at(i+3).is("BYTE", "CHAR") {
					s.found(i)
				}
			})
		},
	},
	{
		Name: "default-after-constraint",
		Why:  "ORA-00907: DEFAULT comes before NOT NULL",
		Bad:  sqls(`CREATE TABLE T (A NUMBER(18) NOT NULL DEFAULT 0)`),
		Good: sqls(`CREATE TABLE T (A NUMBER(18) DEFAULT 0 NOT NULL)`),
		check: func(s *statement) {
			if s.ddl() {
				forbid("NOT NULL DEFAULT")(s)
			}
		},
	},
	{
		Name: "alter-table",
		Why:  "ORA-00904, ORA-01735: ALTER TABLE T ADD (…), MODIFY (…), without COLUMN, TYPE and a comma between the actions",
		Bad:  sqls(`ALTER TABLE T ADD COLUMN A NUMBER(18)`, `ALTER TABLE T MODIFY COLUMN A NUMBER(18)`, `ALTER TABLE T ALTER COLUMN A TYPE CLOB`, `ALTER TABLE T ADD A NUMBER(18), ADD B NUMBER(18)`),
		Good: sqls(`ALTER TABLE T ADD (A NUMBER(18), B NUMBER(18))`, `ALTER TABLE T DROP COLUMN A`),
		check: func(s *statement) {
			if !s.at(0).is("ALTER") {
				return
			}
			forbid("ADD COLUMN", "MODIFY COLUMN", "ALTER COLUMN")(s)
			if i := s.find(0, 0, ","); i >= 0 {
				s.found(i)
			}
		},
	},
	{
		Name: "index",
		Why:  "ORA-00907, ORA-02158, ORA-00933: an index has no WHERE, INCLUDE, USING or CONCURRENTLY, and is dropped without its table's name",
		Bad:  sqls(`CREATE INDEX I ON T (A) WHERE A IS NOT NULL`, `CREATE INDEX CONCURRENTLY I ON T (A)`, `CREATE INDEX I ON T USING BTREE (A)`, `DROP INDEX I ON T`, `CREATE INDEX I ON T (A) INCLUDE (B)`),
		Good: sqls(`CREATE UNIQUE INDEX I ON T (CASE WHEN B IS NOT NULL THEN A END, B)`, `DROP INDEX I`),
		check: func(s *statement) {
			index := s.find(0, 0, "INDEX")
			if !s.ddl() || index < 0 || index > 2 {
				return
			}
			if i := s.find(0, 0, "WHERE", "INCLUDE", "USING", "CONCURRENTLY"); i >= 0 {
				s.found(i)
			}
			if i := s.find(0, 0, "ON"); i >= 0 && s.at(0).is("DROP") {
				s.found(i)
			}
		},
	},
	{
		Name: "definition-with-bind",
		Why:  "ORA-01027: a definition takes no binds",
		Bad:  []Example{{`CREATE TABLE T (A NUMBER(18) DEFAULT :1)`, []any{int64(1)}}},
		Good: sqls(`CREATE TABLE T (A NUMBER(18) DEFAULT -1)`),
		check: func(s *statement) {
			if i := s.bind(0); s.ddl() && i >= 0 {
				s.found(i)
			}
		},
	},
}
