package schematest

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/integration/internal/javaedition"
	"github.com/quartz-cluster/quartz/integration/internal/testdb"
	"github.com/quartz-cluster/quartz/schema"
)

// Tables of the Java edition differ from house to house.
func TestUpgradeOfTablesThatForbidNull(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		javaedition.Tables(t, db.Gorm)
		switch db.Gorm.Dialector.Name() {
		case "postgres":
			runScript(t, db.Gorm, "ALTER TABLE QRTZ_EXECUTE ALTER COLUMN PREV_FIRE_TIME SET NOT NULL")
		case "mysql":
			runScript(t, db.Gorm, "ALTER TABLE QRTZ_EXECUTE MODIFY COLUMN PREV_FIRE_TIME BIGINT DEFAULT -1 NOT NULL")
		case "oracle":
			runScript(t, db.Gorm, "ALTER TABLE QRTZ_EXECUTE MODIFY (PREV_FIRE_TIME NOT NULL)")
		default:
			runScript(t, db.Gorm, `DROP TABLE QRTZ_APP;
				CREATE TABLE QRTZ_APP (APPLICATION varchar(50) NOT NULL PRIMARY KEY, STATE varchar(10) NOT NULL,
				TIME_PRE bigint DEFAULT -1 NOT NULL, TIME_NEXT bigint NOT NULL, TIME_INTERVAL bigint)`)
			requireProblem(t, schema.Migrate(t.Context(), db.Gorm, quiet()),
				"column QRTZ_APP.TIME_PRE must allow null, which SQLite can only change by copying the table")
			return
		}
		requireProblem(t, schema.Verify(t.Context(), db.Gorm, quiet()), "column QRTZ_EXECUTE.PREV_FIRE_TIME must allow null: run Migrate")
		require.NoError(t, schema.Migrate(t.Context(), db.Gorm, quiet()))
		require.NoError(t, schema.Verify(t.Context(), db.Gorm, quiet()))
	})
}

func TestUpgradeOfTablesOfAnotherEngineAndCharacterSet(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		if db.Gorm.Dialector.Name() != "mysql" {
			return
		}
		javaedition.Tables(t, db.Gorm)
		runScript(t, db.Gorm, `
			ALTER TABLE QRTZ_JOB ENGINE = MyISAM, CONVERT TO CHARACTER SET latin1;
			ALTER TABLE QRTZ_APP CONVERT TO CHARACTER SET utf8mb3;
			INSERT INTO QRTZ_JOB (ID, APPLICATION, STATE, JOB_CLASS, JOB_DATA, UPDATE_TIME) VALUES (1, 'Müller', 'INIT', 'c', '["täglich"]', 1);
			INSERT INTO QRTZ_APP (APPLICATION, STATE, TIME_NEXT) VALUES ('Müller', 'Y', 1)`)
		err := schema.Verify(t.Context(), db.Gorm, quiet())
		requireProblem(t, err, "table QRTZ_JOB is kept by MyISAM, not InnoDB: run Migrate")
		requireProblem(t, err, "the texts of table QRTZ_JOB are in collation latin1_swedish_ci, not utf8mb4_bin: run Migrate")
		require.NoError(t, schema.Migrate(t.Context(), db.Gorm, quiet()))
		require.NoError(t, schema.Verify(t.Context(), db.Gorm, quiet()))
		require.EqualValues(t, 1, count(t, db.Gorm, `SELECT COUNT(*) FROM QRTZ_JOB j JOIN QRTZ_APP a ON a.APPLICATION = j.APPLICATION
			WHERE j.APPLICATION = 'Müller' AND JOB_DATA = '["täglich"]'`))
		require.EqualValues(t, 0, count(t, db.Gorm, "SELECT COUNT(*) FROM QRTZ_APP WHERE APPLICATION = 'müller' OR APPLICATION = 'Muller'"))
	})
}

// Room on the pages is for new tables and the Java edition's; who changes it
// later keeps what they chose.
func TestPostgresLeavesRoomOnThePages(t *testing.T) {
	db := testdb.New(t, testdb.Postgres)
	options := func() (s string) {
		require.NoError(t, db.Gorm.
			Raw("SELECT COALESCE(array_to_string(reloptions, ','), '') FROM pg_class WHERE oid = to_regclass('QRTZ_EXECUTE')").
			Row().Scan(&s))
		return s
	}
	javaedition.Tables(t, db.Gorm)
	require.Empty(t, options())
	require.NoError(t, schema.Migrate(t.Context(), db.Gorm, quiet()))
	require.Equal(t, "fillfactor=50", options())
	runScript(t, db.Gorm, "ALTER TABLE QRTZ_EXECUTE SET (fillfactor = 90)")
	require.NoError(t, schema.Migrate(t.Context(), db.Gorm, quiet()))
	require.Equal(t, "fillfactor=90", options())
}
