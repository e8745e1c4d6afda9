package schematest

import (
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/integration/internal/javaedition"
	"github.com/quartz-cluster/quartz/integration/internal/testdb"
	"github.com/quartz-cluster/quartz/internal/sqldb"
	"github.com/quartz-cluster/quartz/schema"
)

var loaded = time.Date(2026, 11, 20, 10, 0, 0, 123e6, time.UTC)

func TestUpgradeKeepsEveryRowOfTheJavaEdition(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		javaedition.Load(t, db.Gorm, loaded)
		before := javaedition.All(t, db.Gorm)
		require.Len(t, before["QRTZ_EXECUTE"], javaedition.ExecutesTotal)

		err := schema.Verify(t.Context(), db.Gorm, quiet())
		requireProblem(t, err, "table QRTZ_EXECUTE lacks column HIGH_TIME: run Migrate")
		requireProblem(t, err, "there is no index on QRTZ_EXECUTE (APPLICATION, SHARD, NEXT_FIRE_TIME, ID): run Migrate")
		if db.Kind != testdb.SQLite { // takes values of any size
			require.ErrorContains(t, err, "column QRTZ_JOB.JOB_DATA is ")
			require.ErrorContains(t, err, "column QRTZ_EXECUTE.CRON is ")
			require.ErrorContains(t, err, "column QRTZ_EXECUTE.REPEAT_INTERVAL is ")
		}

		require.NoError(t, schema.Migrate(t.Context(), db.Gorm, quiet()))
		require.NoError(t, schema.Verify(t.Context(), db.Gorm, quiet()))

		// START_TIME of two counted schedules that had not fired is all that moves.
		ms := loaded.UnixMilli()
		moved := map[int64]int64{javaedition.FiveFromNow: ms + 6000, javaedition.OnceNow: ms + 5000, javaedition.LowerState: ms + 7000}
		for _, row := range before["QRTZ_EXECUTE"] {
			id, err := strconv.ParseInt(row["ID"].String, 10, 64)
			require.NoError(t, err)
			if start, ok := moved[id]; ok {
				row["START_TIME"] = sql.NullString{String: strconv.FormatInt(start, 10), Valid: true}
			}
		}
		after := testdb.Open(t, db.Kind) // PostgreSQL refuses what was prepared before columns were widened
		require.Equal(t, before, javaedition.All(t, after))

		// Once more, nothing moves.
		require.NoError(t, schema.Migrate(t.Context(), db.Gorm, quiet()))
		require.Equal(t, before, javaedition.All(t, after))
	})
}

func TestUpgradeFillsWhatTheJavaEditionDoesNotKnow(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		javaedition.Load(t, db.Gorm, loaded)
		require.NoError(t, schema.Migrate(t.Context(), db.Gorm, quiet()))
		executes := executesByID(t, db)
		require.Len(t, executes, javaedition.ExecutesTotal)
		for id, e := range executes {
			want := "billing"
			switch id {
			case javaedition.NotStarted:
				want = "reports"
			case javaedition.WithoutJob:
				require.Empty(t, e.Application, "nobody's")
				require.Zero(t, e.Shard)
				continue
			}
			require.Equal(t, want, e.Application)
			require.Equal(t, schema.ShardOf(id), e.Shard)
			require.Zero(t, e.Version)
			require.Zero(t, e.FireTime)
			require.Zero(t, e.FireCount)
			require.Zero(t, e.HighTime)
		}
		require.Empty(t, executes[javaedition.CronZoneless].ZoneID, "without a zone it is UTC")
	})
}

func TestUpgradeWritesTheZoneThatItIsGiven(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		javaedition.Load(t, db.Gorm, loaded)
		opts := quiet()
		opts.DefaultZone = "Europe/Berlin"
		require.NoError(t, schema.Migrate(t.Context(), db.Gorm, opts))
		executes := executesByID(t, db)
		require.Equal(t, "Europe/Berlin", executes[javaedition.CronZoneless].ZoneID)
		require.Equal(t, "UTC+8", executes[javaedition.CronUTC8].ZoneID, "left for the worker to refuse")
		require.Equal(t, "Asia/Shanghai", executes[javaedition.LongPaused].ZoneID)
		require.Empty(t, executes[javaedition.ForEver].ZoneID, "no cron")
	})
}

func TestTenUpgradeAtOnce(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		javaedition.Load(t, db.Gorm, loaded)
		atOnce(t, db, 10)
		require.NoError(t, schema.Migrate(t.Context(), db.Gorm, quiet()))
		require.NoError(t, schema.Verify(t.Context(), db.Gorm, quiet()))
		require.Len(t, javaedition.Rows(t, db.Gorm, "QRTZ_EXECUTE"), javaedition.ExecutesTotal)
	})
}

// Most databases commit at every change of a table, so an upgrade may end
// anywhere; the next one goes on from there.
func TestAnInterruptedUpgradeIsFinished(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		javaedition.Load(t, db.Gorm, loaded)
		statements, err := schema.UpgradeDDL(t.Context(), db.Gorm, quiet())
		require.NoError(t, err)
		require.Greater(t, len(statements), 8)
		for i, statement := range statements {
			if i%2 == 0 {
				continue
			}
			if db.Gorm.Exec(statement).Error != nil {
				require.Contains(t, statement, "INDEX", "only an index needs what a statement left out has to add")
			}
		}
		require.NoError(t, db.Gorm.Exec("DROP TABLE QRTZ_NODE").Error)

		require.NoError(t, schema.Migrate(t.Context(), db.Gorm, quiet()))
		require.NoError(t, schema.Verify(t.Context(), db.Gorm, quiet()))
		require.Len(t, javaedition.Rows(t, db.Gorm, "QRTZ_EXECUTE"), javaedition.ExecutesTotal)
	})
}

// Every single column and index is missed, and put back.
func TestWhateverIsMissingIsSaidAndMended(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		require.NoError(t, schema.Migrate(t.Context(), db.Gorm, quiet()))
		indexed := []string{"NAME", "SHARD", "FIRE_NODE", "ORIGIN_ID", "CHILD_KEY", "APPLICATION"}
		var want []string
		for table, columns := range map[string]string{
			"QRTZ_APP":     sqldb.Columns[schema.App](""),
			"QRTZ_NODE":    sqldb.Columns[schema.Node](""),
			"QRTZ_JOB":     sqldb.Columns[schema.Job](""),
			"QRTZ_EXECUTE": sqldb.Columns[schema.Execute](""),
		} {
			for name := range strings.SplitSeq(columns, ", ") {
				name = strings.Trim(name, "{}")
				if slices.Contains(javaedition.Columns[table], name) || slices.Contains(indexed, name) {
					continue
				}
				require.NoError(t, db.Gorm.Exec("ALTER TABLE "+table+" DROP COLUMN "+column(db, name)).Error)
				want = append(want, fmt.Sprintf("table %s lacks column %s: run Migrate", table, name))
			}
		}
		for index, key := range map[string]string{
			"SCAN": "index on QRTZ_EXECUTE (APPLICATION, SHARD, NEXT_FIRE_TIME, ID)", "NODE": "index on QRTZ_EXECUTE (APPLICATION, FIRE_NODE)",
			"APP": "index on QRTZ_EXECUTE (APPLICATION, ID)", "CHILD": "unique index on QRTZ_EXECUTE (CHILD_KEY)",
			"ORIGIN": "index on QRTZ_EXECUTE (ORIGIN_ID)",
		} {
			dropIndex(t, db, index)
			want = append(want, "there is no "+key+": run Migrate")
		}
		var problems *schema.VerifyError
		require.ErrorAs(t, schema.Verify(t.Context(), db.Gorm, quiet()), &problems)
		require.ElementsMatch(t, want, problems.Problems)

		require.NoError(t, schema.Migrate(t.Context(), db.Gorm, quiet()))
		require.NoError(t, schema.Verify(t.Context(), db.Gorm, quiet()))
	})
}

// What nothing of ours mends is said as well, and nothing is changed.
func TestWhatCannotBeMendedIsSaid(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		require.NoError(t, schema.Migrate(t.Context(), db.Gorm, quiet()))
		dropIndex(t, db, "SCAN")
		require.NoError(t, db.Gorm.Exec("CREATE INDEX QRTZ_EXECUTE_SCAN ON QRTZ_EXECUTE (STATE)").Error)
		require.NoError(t, db.Gorm.Exec("ALTER TABLE QRTZ_JOB DROP COLUMN VERSION").Error)
		for _, err := range []error{schema.Migrate(t.Context(), db.Gorm, quiet()), schema.Verify(t.Context(), db.Gorm, quiet())} {
			requireProblem(t, err,
				"index QRTZ_EXECUTE_SCAN is not the index on QRTZ_EXECUTE (APPLICATION, SHARD, NEXT_FIRE_TIME, ID) that is needed: drop it first")
		}
		requireProblem(t, schema.Verify(t.Context(), db.Gorm, quiet()), "table QRTZ_JOB lacks column VERSION: run Migrate")
	})
}

// An index that somebody made under another name is as good.
func TestAnotherIndexOnTheSameColumnsWillDo(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		require.NoError(t, schema.Migrate(t.Context(), db.Gorm, quiet()))
		dropIndex(t, db, "SCAN")
		require.NoError(t, db.Gorm.Exec("CREATE INDEX OF_THE_DBA ON QRTZ_EXECUTE (APPLICATION, SHARD, NEXT_FIRE_TIME, ID, STATE)").Error)
		require.NoError(t, schema.Verify(t.Context(), db.Gorm, quiet()))
	})
}

// The Java edition's client stays in use after the upgrade.
func TestTheJavaClientGoesOnWorking(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		javaedition.Load(t, db.Gorm, loaded)
		require.NoError(t, schema.Migrate(t.Context(), db.Gorm, quiet()))
		client := javaedition.Client{DB: db.Gorm}
		text := func(s string) sql.NullString { return sql.NullString{String: s, Valid: true} }
		number := func(n int64) sql.NullInt64 { return sql.NullInt64{Int64: n, Valid: true} }

		client.AddApp(t, "added", 1)
		client.AddNode(t, "added", "10.0.0.7")
		client.AddJob(t, javaedition.Job{ID: 202611200000000001, Application: "added", State: "EXECUTING", Class: "c", Data: text(`{"a":"ü"}`), UpdateTime: 1})
		execute := javaedition.Execute{
			ID: 202611200000000002, PID: 202611200000000001, Type: "SIMPLE", State: "EXECUTING", RepeatCount: number(3), RepeatInterval: number(1000),
			TimeTriggered: -1, Prev: number(-1), Next: number(7000), HostIP: "10.0.0.9", HostName: "backoffice", Start: 1000, End: -1,
		}
		client.AddExecute(t, execute)
		client.AddExecute(t, javaedition.Execute{
			ID: 202611200000000003, PID: 202611200000000001, Type: "CRON", State: "EXECUTING", Cron: text("0 0 8 * * ?"), Zone: text("Asia/Shanghai"),
			TimeTriggered: -1, Next: number(7000), HostIP: "10.0.0.9", HostName: "backoffice", Start: 1000, End: -1,
		})
		fresh := executesByID(t, db)[execute.ID]
		require.Empty(t, fresh.Application, "the mark of a row not taken over")

		// Taken over by the next Migrate, or by a worker in the same way.
		start, changed := schema.AdoptStart(fresh)
		require.True(t, changed)
		require.EqualValues(t, 7000, start)
		require.NoError(t, schema.Migrate(t.Context(), db.Gorm, quiet()))
		taken := executesByID(t, db)[execute.ID]
		require.Equal(t, "added", taken.Application)
		require.EqualValues(t, 7000, taken.StartTime)

		// An edit of its leaves our columns alone.
		execute.RepeatCount, execute.Next = number(9), number(9000)
		client.UpdateExecute(t, execute)
		edited := executesByID(t, db)[execute.ID]
		require.Equal(t, taken.Application, edited.Application)
		require.Equal(t, taken.Version, edited.Version)
		require.EqualValues(t, 9000, edited.NextFireTime)
		// And ours, such rows: they may have passed over instants on purpose.
		require.NoError(t, schema.Migrate(t.Context(), db.Gorm, quiet()))
		require.Equal(t, edited, executesByID(t, db)[execute.ID])

		client.UpdateExecuteState(t, execute.ID, "PAUSED")
		client.UpdateJobState(t, execute.PID, "PAUSED")
		client.UpdateAppState(t, "added", "N")
		client.UpdateJob(t, javaedition.Job{ID: execute.PID, Application: "added", State: "EXECUTING", Class: "d", UpdateTime: 2})
		client.DeleteExecute(t, execute.ID)
		client.DeleteExecute(t, 202611200000000003)
		client.DeleteJob(t, execute.PID)
	})
}

// More rows than one transaction takes over, of several apps and all shards.
func TestTakingOverManyRows(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		const n = 1203
		javaedition.Tables(t, db.Gorm)
		client := javaedition.Client{DB: db.Gorm}
		for i := range int64(3) {
			client.AddJob(t, javaedition.Job{ID: i + 1, Application: fmt.Sprintf("app%d", i), State: "EXECUTING", Class: "c"})
		}
		tx := db.Gorm.Begin()
		for i := range int64(n) {
			javaedition.Client{DB: tx}.AddExecute(t, javaedition.Execute{
				ID: 100 + i, PID: i%3 + 1, Type: "CRON", State: "EXECUTING", Cron: sql.NullString{String: "0 0 8 * * ?", Valid: true},
				HostIP: "h", HostName: "h", Start: 1, End: -1,
			})
		}
		require.NoError(t, tx.Commit().Error)
		opts := quiet()
		opts.DefaultZone = "UTC"
		require.NoError(t, schema.Migrate(t.Context(), db.Gorm, opts))
		executes := executesByID(t, db)
		require.Len(t, executes, n)
		for id, e := range executes {
			require.Equal(t, fmt.Sprintf("app%d", e.PID-1), e.Application)
			require.Equal(t, schema.ShardOf(id), e.Shard)
			require.Equal(t, "UTC", e.ZoneID)
			require.EqualValues(t, 1, e.StartTime)
		}
	})
}

func executesByID(t *testing.T, db testdb.DB) map[int64]schema.Execute {
	t.Helper()
	d, err := sqldb.New(db.Gorm, sqldb.Config{})
	require.NoError(t, err)
	rows, err := sqldb.Select[schema.Execute](t.Context(), d, "SELECT "+sqldb.Columns[schema.Execute]("")+" FROM QRTZ_EXECUTE")
	require.NoError(t, err)
	out := map[int64]schema.Execute{}
	for _, e := range rows {
		out[e.ID] = e
	}
	return out
}
