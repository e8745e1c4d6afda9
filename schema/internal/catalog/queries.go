package catalog

import (
	"strings"

	"github.com/quartz-cluster/quartz/internal/sqldb"
)

// query asks one database about one table. columns answers with table, column,
// type, 1 if it may be null, collation, engine, and 1 if the names of tables must
// agree in case as well; indexes with index, 1 if unique, 1 if it leaves out rows,
// and a column, in the order of the key.
type query struct {
	columns, indexes string
	// args returns the binds of both, and the name as it must be where case counts.
	args func(c sqldb.Config, table string) (args []any, exact string)
}

var queries = map[sqldb.Dialect]query{
	sqldb.Postgres: {
		columns: `SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
			CASE WHEN a.attnotnull THEN 0 ELSE 1 END, NULL, NULL, 0
			FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
			WHERE c.oid = to_regclass(?) AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped`,
		// An index that is not valid is what an interrupted CREATE INDEX
		// CONCURRENTLY left behind.
		indexes: `SELECT c.relname, CASE WHEN i.indisunique THEN 1 ELSE 0 END,
			CASE WHEN i.indpred IS NULL THEN 0 ELSE 1 END, a.attname
			FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
			CROSS JOIN LATERAL unnest(i.indkey) WITH ORDINALITY AS k(attnum, n)
			LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum AND k.attnum > 0
			WHERE i.indrelid = to_regclass(?) AND i.indisvalid AND k.n <= i.indnkeyatts
			ORDER BY c.relname, k.n`,
		args: func(c sqldb.Config, table string) ([]any, string) {
			return []any{c.Table(table)}, ""
		},
	},
	sqldb.MySQL: {
		columns: `SELECT c.TABLE_NAME, c.COLUMN_NAME, c.COLUMN_TYPE,
			CASE c.IS_NULLABLE WHEN 'YES' THEN 1 ELSE 0 END, c.COLLATION_NAME, t.ENGINE,
			CASE @@lower_case_table_names WHEN 0 THEN 1 ELSE 0 END
			FROM information_schema.COLUMNS c JOIN information_schema.TABLES t
			ON t.TABLE_SCHEMA = c.TABLE_SCHEMA AND t.TABLE_NAME = c.TABLE_NAME
			WHERE c.TABLE_SCHEMA = COALESCE(?, DATABASE()) AND c.TABLE_NAME = ?`,
		indexes: `SELECT INDEX_NAME, 1 - NON_UNIQUE, 0, CASE WHEN SUB_PART IS NULL THEN COLUMN_NAME END
			FROM information_schema.STATISTICS
			WHERE TABLE_SCHEMA = COALESCE(?, DATABASE()) AND TABLE_NAME = ?
			ORDER BY INDEX_NAME, SEQ_IN_INDEX`,
		args: func(c sqldb.Config, table string) ([]any, string) {
			return []any{orNull(c.Schema), c.Prefix + table}, c.Prefix + table
		},
	},
	sqldb.Oracle: {
		columns: `SELECT TABLE_NAME, COLUMN_NAME,
			CASE WHEN DATA_TYPE = 'NUMBER' AND DATA_PRECISION IS NOT NULL THEN DATA_TYPE || '(' || DATA_PRECISION || ')'
			WHEN DATA_TYPE LIKE '%CHAR%' THEN DATA_TYPE || '(' || DATA_LENGTH || ')' ELSE DATA_TYPE END,
			CASE NULLABLE WHEN 'Y' THEN 1 ELSE 0 END, NULL, NULL, 0
			FROM ALL_TAB_COLUMNS
			WHERE OWNER = COALESCE(?, SYS_CONTEXT('USERENV', 'CURRENT_SCHEMA')) AND TABLE_NAME = ?`,
		indexes: `SELECT c.INDEX_NAME, CASE i.UNIQUENESS WHEN 'UNIQUE' THEN 1 ELSE 0 END, 0, c.COLUMN_NAME
			FROM ALL_INDEXES i JOIN ALL_IND_COLUMNS c ON c.INDEX_OWNER = i.OWNER AND c.INDEX_NAME = i.INDEX_NAME
			WHERE i.TABLE_OWNER = COALESCE(?, SYS_CONTEXT('USERENV', 'CURRENT_SCHEMA')) AND i.TABLE_NAME = ?
			ORDER BY c.INDEX_NAME, c.COLUMN_POSITION`,
		args: func(c sqldb.Config, table string) ([]any, string) {
			return []any{orNull(strings.ToUpper(c.Schema)), strings.ToUpper(c.Prefix + table)}, ""
		},
	},
	// A key that is the row's own id has no index and needs none.
	sqldb.SQLite: {
		columns: `SELECT NULL, name, type, 1 - "notnull", NULL, NULL, 0 FROM pragma_table_info(?, ?)`,
		indexes: `SELECT l.name, l."unique", l.partial, i.name
			FROM (SELECT ? AS tab, ? AS sch) a, pragma_index_list(a.tab, a.sch) l, pragma_index_info(l.name, a.sch) i
			ORDER BY l.name, i.seqno`,
		args: func(c sqldb.Config, table string) ([]any, string) {
			schema := c.Schema
			if schema == "" {
				schema = "main"
			}
			return []any{c.Prefix + table, schema}, ""
		},
	},
}

func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}
