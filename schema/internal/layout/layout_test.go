package layout

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/internal/sqldb"
)

const file = `-- A comment; with QRTZ_JOB and (brackets.
CREATE TABLE QRTZ_JOB (
    ID      NUMBER(18)      NOT NULL, -- a, b
    "MODE"  VARCHAR2(4 BYTE),
    RATE    numeric(9, 2)   DEFAULT 0 NOT NULL,

    CONSTRAINT QRTZ_JOB_PK PRIMARY KEY (ID)
) WITH (fillfactor = 70);

CREATE UNIQUE INDEX QRTZ_JOB_NAME ON QRTZ_JOB (CASE WHEN NAME IS NOT NULL THEN ID END, NAME) WHERE NAME IS NOT NULL;
`

func TestParse(t *testing.T) {
	t.Parallel()
	l, err := Parse(file)
	require.NoError(t, err)
	job := l.Table("JOB")
	require.Nil(t, l.Table("APP"))
	require.Equal(t, "WITH (fillfactor = 70)", job.Options)
	require.Equal(t, []Column{
		{Name: "ID", Quoted: "ID", Type: "NUMBER(18)", Rest: "NOT NULL"},
		{Name: "MODE", Quoted: `"MODE"`, Type: "VARCHAR2(4 BYTE)", Nullable: true},
		{Name: "RATE", Quoted: "RATE", Type: "numeric(9, 2)", Rest: "DEFAULT 0 NOT NULL"},
	}, job.Columns)
	require.Equal(t, `"MODE" VARCHAR2(4 BYTE)`, job.Columns[1].Definition())
	require.Len(t, job.Indexes, 1)
	require.True(t, job.Indexes[0].Unique)
	require.Equal(t, []string{"", "NAME"}, job.Indexes[0].Columns)
}

func TestParseRefusesWhatItDoesNotKnow(t *testing.T) {
	t.Parallel()
	for _, sql := range []string{"DROP TABLE QRTZ_JOB", "CREATE TABLE QRTZ_JOB (id int)", "CREATE INDEX QRTZ_JOB_X ON QRTZ_JOB (ID)"} {
		_, err := Parse(sql)
		require.Error(t, err, sql)
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		dialect sqldb.Dialect
		want    string
	}{
		{sqldb.Postgres, "CREATE INDEX X_JOB_NAME ON S.X_JOB (A); ALTER TABLE S.X_JOB ADD CONSTRAINT X_JOB_PK"},
		{sqldb.MySQL, "CREATE INDEX X_JOB_NAME ON S.X_JOB (A); ALTER TABLE S.X_JOB ADD CONSTRAINT X_JOB_PK"},
		{sqldb.Oracle, "CREATE INDEX S.X_JOB_NAME ON S.X_JOB (A); ALTER TABLE S.X_JOB ADD CONSTRAINT X_JOB_PK"},
		{sqldb.SQLite, "CREATE INDEX S.X_JOB_NAME ON X_JOB (A); ALTER TABLE S.X_JOB ADD CONSTRAINT X_JOB_PK"},
	} {
		names := Names{Dialect: c.dialect, Config: sqldb.Config{Prefix: "X_", Schema: "S"}}
		require.Equal(t, c.want, names.Apply("CREATE INDEX QRTZ_JOB_NAME ON QRTZ_JOB (A); ALTER TABLE QRTZ_JOB ADD CONSTRAINT QRTZ_JOB_PK"), c.dialect)
	}
	// A configured name is not renamed once more.
	odd := Names{Dialect: sqldb.Postgres, Config: sqldb.Config{Prefix: "QRTZ_", Schema: "QRTZ_JOB"}}
	require.Equal(t, "SELECT 1 FROM QRTZ_JOB.QRTZ_JOB", odd.Apply("SELECT 1 FROM QRTZ_JOB"))
}
