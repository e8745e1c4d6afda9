package oracleh2

import "strings"

// dictionary makes the views in which Oracle describes itself, as far as the
// product and the dialector read them: H2 has none of them. Names are in upper
// case, as Oracle keeps them; hidden columns are left out of the columns.
var dictionary = views(
	"TABLES", `SELECT UPPER(TABLE_SCHEMA) OWNER, UPPER(TABLE_NAME) TABLE_NAME
		FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_TYPE = 'BASE TABLE' AND TABLE_SCHEMA <> 'information_schema'`,

	"TAB_COLUMNS", `SELECT UPPER(TABLE_SCHEMA) OWNER, UPPER(TABLE_NAME) TABLE_NAME, UPPER(COLUMN_NAME) COLUMN_NAME,
		CASE WHEN DATA_TYPE = 'character varying' THEN 'VARCHAR2' WHEN DATA_TYPE = 'character' THEN 'CHAR'
			WHEN DATA_TYPE = 'character large object' THEN 'CLOB' ELSE 'NUMBER' END DATA_TYPE,
		CASE WHEN DATA_TYPE IN ('character varying', 'character') THEN CHARACTER_MAXIMUM_LENGTH
			WHEN DATA_TYPE = 'character large object' THEN 4000 ELSE 22 END DATA_LENGTH,
		CASE WHEN DATA_TYPE = 'numeric' THEN NUMERIC_PRECISION END DATA_PRECISION,
		CASE WHEN DATA_TYPE = 'numeric' THEN NUMERIC_SCALE END DATA_SCALE,
		SUBSTR(IS_NULLABLE, 1, 1) NULLABLE, ORDINAL_POSITION COLUMN_ID, COLUMN_DEFAULT DATA_DEFAULT
		FROM INFORMATION_SCHEMA.COLUMNS WHERE IS_VISIBLE AND TABLE_SCHEMA <> 'information_schema'`,

	"INDEXES", `SELECT UPPER(INDEX_SCHEMA) OWNER, UPPER(INDEX_NAME) INDEX_NAME, UPPER(TABLE_SCHEMA) TABLE_OWNER,
		UPPER(TABLE_NAME) TABLE_NAME, CASE WHEN INDEX_TYPE_NAME IN ('PRIMARY KEY', 'UNIQUE INDEX') THEN 'UNIQUE' ELSE 'NONUNIQUE' END UNIQUENESS
		FROM INFORMATION_SCHEMA.INDEXES WHERE TABLE_SCHEMA <> 'information_schema'`,

	"IND_COLUMNS", `SELECT UPPER(INDEX_SCHEMA) INDEX_OWNER, UPPER(INDEX_NAME) INDEX_NAME, UPPER(TABLE_SCHEMA) TABLE_OWNER,
		UPPER(TABLE_NAME) TABLE_NAME, UPPER(COLUMN_NAME) COLUMN_NAME, ORDINAL_POSITION COLUMN_POSITION
		FROM INFORMATION_SCHEMA.INDEX_COLUMNS WHERE TABLE_SCHEMA <> 'information_schema'`,
)

// views makes ALL_ and USER_ of each.
func views(namesAndQueries ...string) []string {
	var out []string
	for i := 0; i < len(namesAndQueries); i += 2 {
		name, query := namesAndQueries[i], namesAndQueries[i+1]
		out = append(out, "CREATE VIEW PUBLIC.ALL_"+name+" AS "+query,
			"CREATE VIEW PUBLIC.USER_"+name+" AS SELECT * FROM PUBLIC.ALL_"+name+" WHERE "+ownerColumn(query)+" = '"+owner+"'")
	}
	return out
}

// ownerColumn is the column by which USER_ is a part of ALL_.
func ownerColumn(query string) string {
	if strings.Contains(query, " INDEX_OWNER") {
		return "INDEX_OWNER"
	}
	return "OWNER"
}
