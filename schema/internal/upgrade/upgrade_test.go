package upgrade

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/internal/sqldb"
	"github.com/quartz-cluster/quartz/schema/internal/catalog"
	"github.com/quartz-cluster/quartz/schema/internal/layout"
)

func TestKindOfReadsTheWordsOfEveryDatabase(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]kind{
		"bigint": {number, 19}, "bigint(20)": {number, 19}, "bigint(20) unsigned": {number, 19}, "int8": {number, 19},
		"integer": {number, 10}, "int(11)": {number, 10}, "NUMBER(18)": {number, 18}, "NUMBER": {number, unlimited},
		"numeric(18,0)": {number, 18}, "smallint": {number, 5},
		"character varying(50)": {text, 50}, "varchar(50)": {text, 50}, "VARCHAR2(50 BYTE)": {text, 50}, "VARCHAR2(50)": {text, 50},
		"character varying": {text, unlimited}, "character(1)": {text, 1}, "CHAR(1)": {text, 1},
		"text": {text, unlimited}, "mediumtext": {text, unlimited}, "CLOB": {text, unlimited}, "tinytext": {text, 255},
		"timestamp without time zone": {"timestamp without time zone", 0}, "bytea": {"bytea", 0},
	} {
		require.Equal(t, want, kindOf(name), name)
	}
	require.True(t, kindOf("text").holds(kindOf("varchar(4000)")))
	require.True(t, kindOf("NUMBER").holds(kindOf("NUMBER(18)")))
	require.False(t, kindOf("int(11)").holds(kindOf("bigint")))
	require.False(t, kindOf("varchar(255)").holds(kindOf("varchar(4000)")))
	require.False(t, kindOf("bytea").holds(kindOf("varchar(1)")))
}

const wanted = `
CREATE TABLE QRTZ_JOB (
	ID    bigint        NOT NULL,
	DATA  varchar(4000),
	PREV  bigint        DEFAULT -1,
	SEEN  bigint        DEFAULT 0 NOT NULL,
	"MODE" varchar(20),
	PRIMARY KEY (ID)
) WITH (fillfactor = 70);
CREATE UNIQUE INDEX QRTZ_JOB_MODE ON QRTZ_JOB (ID, "MODE");
CREATE INDEX QRTZ_JOB_PREV ON QRTZ_JOB (PREV);
`

// before is a table at which everything is amiss that can be.
func before() *catalog.Table {
	return &catalog.Table{
		Engine: "MyISAM",
		Columns: map[string]catalog.Column{
			"ID":   {Type: "bigint"},
			"DATA": {Type: "varchar(255)", Nullable: true, Collation: "latin1_swedish_ci"},
			"PREV": {Type: "bigint"},
		},
		Indexes: []*catalog.Index{{Name: "PRIMARY", Unique: true, Columns: []string{"ID"}}},
	}
}

func TestStatementsOfEveryDatabase(t *testing.T) {
	t.Parallel()
	l, err := layout.Parse(wanted)
	require.NoError(t, err)
	indexes := []string{
		`CREATE UNIQUE INDEX X_JOB_MODE ON s.X_JOB (ID, "MODE")`,
		`CREATE INDEX X_JOB_PREV ON s.X_JOB (PREV)`,
	}
	for _, c := range []struct {
		dialect  sqldb.Dialect
		problems string
		want     []string
	}{
		{sqldb.Postgres, "s.X_JOB.DATA is varchar(255)", append([]string{
			`ALTER TABLE s.X_JOB ALTER COLUMN DATA TYPE varchar(4000), ALTER COLUMN PREV DROP NOT NULL, ` +
				`ADD COLUMN SEEN bigint DEFAULT 0 NOT NULL, ADD COLUMN "MODE" varchar(20)`,
			`ALTER TABLE s.X_JOB SET (fillfactor = 70)`,
		}, indexes...)},
		{sqldb.MySQL, "table s.X_JOB is kept by MyISAM", append([]string{
			`ALTER TABLE s.X_JOB ENGINE = InnoDB, ROW_FORMAT = DYNAMIC, CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_bin, ` +
				`MODIFY COLUMN DATA varchar(4000), MODIFY COLUMN PREV bigint DEFAULT -1, ` +
				`ADD COLUMN SEEN bigint DEFAULT 0 NOT NULL, ADD COLUMN "MODE" varchar(20)`,
		}, indexes...)},
		{sqldb.Oracle, "column s.X_JOB.PREV must allow null", []string{
			`ALTER TABLE s.X_JOB ADD (SEEN bigint DEFAULT 0 NOT NULL, "MODE" varchar(20))`,
			`ALTER TABLE s.X_JOB MODIFY (DATA varchar(4000), PREV NULL)`,
			`CREATE UNIQUE INDEX s.X_JOB_MODE ON s.X_JOB (ID, "MODE")`,
			`CREATE INDEX s.X_JOB_PREV ON s.X_JOB (PREV)`,
		}},
		{sqldb.SQLite, "which SQLite can only change by copying the table", []string{
			`ALTER TABLE s.X_JOB ADD COLUMN SEEN bigint DEFAULT 0 NOT NULL`,
			`ALTER TABLE s.X_JOB ADD COLUMN "MODE" varchar(20)`,
			`CREATE UNIQUE INDEX s.X_JOB_MODE ON X_JOB (ID, "MODE")`,
			`CREATE INDEX s.X_JOB_PREV ON X_JOB (PREV)`,
		}},
	} {
		t.Run(string(c.dialect), func(t *testing.T) {
			t.Parallel()
			names := layout.Names{Dialect: c.dialect, Config: sqldb.Config{Prefix: "X_", Schema: "s"}}
			problems := Compare(names, l.Table("JOB"), before())
			var texts []string
			for _, p := range problems {
				texts = append(texts, p.Text)
			}
			require.Contains(t, strings.Join(texts, "; "), c.problems)
			require.Equal(t, c.want, Statements(names, l.Table("JOB"), problems))
		})
	}
}

func TestAMissingTableIsCreatedWhole(t *testing.T) {
	t.Parallel()
	l, err := layout.Parse(wanted)
	require.NoError(t, err)
	names := layout.Names{Dialect: sqldb.Postgres, Config: sqldb.Config{Prefix: "QRTZ_"}}
	problems := Compare(names, l.Table("JOB"), nil)
	require.Len(t, problems, 1)
	require.Equal(t, "there is no table QRTZ_JOB", problems[0].Text)
	statements := Statements(names, l.Table("JOB"), problems)
	require.Len(t, statements, 3)
	require.True(t, strings.HasPrefix(statements[0], "CREATE TABLE QRTZ_JOB ("))
}

func TestWhichIndexesServe(t *testing.T) {
	t.Parallel()
	plain := layout.Index{Name: "JOB_A", Columns: []string{"A", "B"}}
	unique := layout.Index{Name: "JOB_A", Columns: []string{"A", "B"}, Unique: true}
	expression := layout.Index{Name: "JOB_A", Columns: []string{"", "B"}, Unique: true}
	for _, c := range []struct {
		name string
		have catalog.Index
		want layout.Index
		ok   bool
	}{
		{"the same", catalog.Index{Columns: []string{"A", "B"}}, plain, true},
		{"a longer one", catalog.Index{Columns: []string{"A", "B", "C"}}, plain, true},
		{"a unique one", catalog.Index{Columns: []string{"A", "B"}, Unique: true}, plain, true},
		{"a shorter one", catalog.Index{Columns: []string{"A"}}, plain, false},
		{"another order", catalog.Index{Columns: []string{"B", "A"}}, plain, false},
		{"a partial one", catalog.Index{Columns: []string{"A", "B"}, Partial: true}, plain, false},
		{"one that is not unique", catalog.Index{Columns: []string{"A", "B"}}, unique, false},
		{"one unique over more", catalog.Index{Columns: []string{"A", "B", "C"}, Unique: true}, unique, false},
		{"an expression in its place", catalog.Index{Columns: []string{"", "B"}, Unique: true}, expression, true},
		{"no expression", catalog.Index{Columns: []string{"A", "B"}, Unique: true}, expression, false},
	} {
		require.Equal(t, c.ok, serves(c.have, c.want), c.name)
	}
}
