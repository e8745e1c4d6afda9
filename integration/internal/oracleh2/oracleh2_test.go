package oracleh2

import (
	"context"
	"database/sql"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"

	"github.com/quartz-cluster/quartz/integration/internal/leak"
	"github.com/quartz-cluster/quartz/internal/sqldb"
	"github.com/quartz-cluster/quartz/schema"
)

func TestMain(m *testing.M) { leak.Main(m) }

// open gives the test a place with a table T of its own.
func openPlace(t *testing.T) *gorm.DB {
	t.Helper()
	if testing.Short() {
		t.Skip("-short: H2 needs java")
	}
	dsn, drop, err := Create(t.Context(), strings.ToLower(t.Name()))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, drop()) })
	dialector, err := Open(dsn)
	require.NoError(t, err)
	db, err := gorm.Open(dialector, &gorm.Config{Logger: logger.Discard})
	require.NoError(t, err)
	pool, err := db.DB()
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, pool.Close()) })
	require.NoError(t, db.Exec(`CREATE TABLE T (ID NUMBER(18) NOT NULL, NAME VARCHAR2(10 BYTE),
		N NUMBER(18) DEFAULT 0 NOT NULL, CONSTRAINT T_PK PRIMARY KEY (ID))`).Error)
	return db
}

func product(t *testing.T, db *gorm.DB) *sqldb.DB {
	t.Helper()
	out, err := sqldb.New(db, sqldb.Config{})
	require.NoError(t, err)
	return out
}

func TestOpenIsTheRealDialector(t *testing.T) {
	t.Parallel()
	db := openPlace(t)
	require.Equal(t, "oracle", db.Name())
	var rows []map[string]any
	dry := db.Session(&gorm.Session{DryRun: true}).Table("T").Where("ID = ?", 1).Order("ID").Limit(3).Find(&rows)
	require.Equal(t, "SELECT * FROM T WHERE ID = :1 ORDER BY ID FETCH NEXT :2 ROWS ONLY", strings.Join(strings.Fields(dry.Statement.SQL.String()), " "))
}

func TestValuesComeBackAsFromOracle(t *testing.T) {
	t.Parallel()
	db := product(t, openPlace(t))
	for i, name := range []string{"plain", "it's :1", "ümläut", "", `"quoted"`, `back\slash`} {
		_, err := db.Exec(t.Context(), "INSERT INTO T (ID, NAME, N) VALUES (?, ?, ?)", i, name, -schema.MaxID)
		require.NoError(t, err)
		var got string
		var n int64
		var isNull int
		found, err := db.One(t.Context(), []any{sqldb.Null(&got), &n, &isNull},
			"SELECT NAME, N, CASE WHEN NAME IS NULL THEN 1 ELSE 0 END FROM T WHERE ID = ?", i)
		require.NoError(t, err)
		require.True(t, found)
		require.Equal(t, name, got)
		require.EqualValues(t, -schema.MaxID, n)
		require.Equal(t, name == "", isNull == 1, "'' is NULL")
	}
}

func TestTheClockIsTheDatabasesUTC(t *testing.T) {
	t.Parallel()
	db := product(t, openPlace(t))
	before := time.Now().Truncate(time.Millisecond)
	now, err := db.Now(t.Context())
	require.NoError(t, err)
	require.False(t, now.Before(before), "%v < %v", now, before)
	require.False(t, now.After(time.Now()))
}

func TestErrorsAreOraclesOwn(t *testing.T) {
	t.Parallel()
	db := product(t, openPlace(t))
	insert := func() error {
		_, err := db.Exec(t.Context(), "INSERT INTO T (ID) VALUES (1)")
		return err
	}
	require.NoError(t, insert())
	require.True(t, sqldb.Duplicate(insert()))
	_, err := db.Exec(t.Context(), "DELETE FROM NOWHERE")
	require.True(t, sqldb.MissingTable(err), err)
	_, err = db.Exec(t.Context(), "UPDATE T SET NOTHING = 1")
	require.True(t, sqldb.MissingTable(err), err)
	_, err = db.Exec(t.Context(), "UPDATE T SET NAME = ?", strings.Repeat("x", 11))
	require.ErrorContains(t, err, "ORA-12899")
	_, err = db.Exec(t.Context(), "INSERT INTO T (ID, N) VALUES (2, NULL)")
	require.ErrorContains(t, err, "ORA-01400")
}

func TestWhatOracleRefusesNeverReachesH2(t *testing.T) {
	t.Parallel()
	raw := openPlace(t)
	db := product(t, raw)
	_, err := db.Exec(t.Context(), "DELETE FROM T WHERE ID = TRUE")
	require.ErrorContains(t, err, "boolean")
	err = raw.Exec("INSERT INTO T (ID) VALUES (1), (2)").Error
	require.ErrorContains(t, err, "multi-row-values")
	err = raw.Exec("UPDATE T SET NAME = ?", schema.Executing).Error
	require.ErrorContains(t, err, "unsupported go type: State")
	err = raw.Transaction(func(*gorm.DB) error { return nil }, &sql.TxOptions{Isolation: sql.LevelSerializable})
	require.ErrorContains(t, err, "isolation")
	for _, e := range Journal() {
		if strings.Contains(e.SQL, "ID = TRUE") {
			require.False(t, e.Linted)
			require.False(t, e.Executed)
			require.NotEmpty(t, e.Findings)
		}
	}
}

func TestRowLocks(t *testing.T) {
	t.Parallel()
	db := product(t, openPlace(t))
	ctx := t.Context()
	for i := range 4 {
		_, err := db.Exec(ctx, "INSERT INTO T (ID) VALUES (?)", i)
		require.NoError(t, err)
	}
	ids := func(in *sqldb.DB, query string) (out []int64, err error) {
		err = in.Each(ctx, func(rows *sql.Rows) error {
			var id int64
			err := rows.Scan(&id)
			out = append(out, id)
			return err
		}, query)
		return out, err
	}
	require.NoError(t, db.TxOnce(ctx, func(holder *sqldb.DB) error {
		held, err := ids(holder, "SELECT ID FROM T WHERE ID < 2 {for update}")
		require.NoError(t, err)
		require.Len(t, held, 2)
		err = db.TxOnce(ctx, func(other *sqldb.DB) error {
			free, err := ids(other, "SELECT ID FROM T x WHERE ID > 0 ORDER BY ID DESC {skip locked}")
			require.NoError(t, err)
			require.Equal(t, []int64{3, 2}, free)
			free, err = ids(other, "SELECT ID FROM T WHERE ID < 2 {skip locked}")
			require.NoError(t, err)
			require.Empty(t, free)

			_, err = ids(other, "SELECT ID FROM T WHERE ID = 1 FOR UPDATE NOWAIT")
			require.ErrorContains(t, err, "ORA-00054")
			require.True(t, sqldb.Retryable(err))
			_, err = ids(other, "SELECT ID FROM T WHERE ID = 1 FOR UPDATE WAIT 1")
			require.ErrorContains(t, err, "ORA-30006")
			return nil
		})
		require.NoError(t, err)
		// What the other skipped to, it has let go of.
		free, err := ids(holder, "SELECT ID FROM T {skip locked}")
		require.Len(t, free, 4)
		return err
	}))
}

func TestACancelledStatementKeepsItsConnection(t *testing.T) {
	t.Parallel()
	db := product(t, openPlace(t))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := db.Exec(ctx, "DELETE FROM T")
	require.ErrorIs(t, err, context.Canceled)
	for range Connections + 1 {
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		_ = db.Each(ctx, func(*sql.Rows) error { return nil },
			"SELECT COUNT(*) FROM ALL_TAB_COLUMNS a, ALL_TAB_COLUMNS b, ALL_TAB_COLUMNS c")
		cancel()
	}
	_, err = db.Exec(t.Context(), "DELETE FROM T")
	require.NoError(t, err)
}

func TestAWaitForARowEndsWithItsContext(t *testing.T) {
	t.Parallel()
	db := product(t, openPlace(t))
	_, err := db.Exec(t.Context(), "INSERT INTO T (ID) VALUES (1)")
	require.NoError(t, err)
	require.NoError(t, db.TxOnce(t.Context(), func(holder *sqldb.DB) error {
		_, err := holder.Exec(t.Context(), "UPDATE T SET N = 1")
		require.NoError(t, err)
		ctx, cancel := context.WithTimeout(t.Context(), 250*time.Millisecond)
		defer cancel()
		_, err = db.Exec(ctx, "UPDATE T SET N = 2")
		require.ErrorIs(t, err, context.DeadlineExceeded)
		return nil
	}))
	n, err := db.Exec(t.Context(), "UPDATE T SET N = 3 WHERE N = 1")
	require.NoError(t, err)
	require.EqualValues(t, 1, n)
}

func TestDeadlocksAreFound(t *testing.T) {
	t.Parallel()
	db := product(t, openPlace(t))
	for i := range 2 {
		_, err := db.Exec(t.Context(), "INSERT INTO T (ID) VALUES (?)", i)
		require.NoError(t, err)
	}
	var both sync.WaitGroup
	both.Add(2)
	results := make(chan error, 2)
	for i := range 2 {
		go func() {
			results <- db.TxOnce(t.Context(), func(tx *sqldb.DB) error {
				_, err := tx.Exec(t.Context(), "UPDATE T SET N = 1 WHERE ID = ?", i)
				both.Done()
				both.Wait()
				if err == nil {
					_, err = tx.Exec(t.Context(), "UPDATE T SET N = 2 WHERE ID = ?", 1-i)
				}
				return err
			})
		}()
	}
	first, second := <-results, <-results
	if first == nil {
		first, second = second, first
	}
	require.NoError(t, second)
	require.ErrorContains(t, first, "ORA-00060")
	require.True(t, sqldb.Retryable(first))
}

// Names are optional and unique: Oracle leaves out of an index only what is null
// in all its columns, and H2 does as well.
func TestUniqueIndexOnAnExpression(t *testing.T) {
	t.Parallel()
	raw := openPlace(t)
	db := product(t, raw)
	require.NoError(t, raw.Exec("CREATE UNIQUE INDEX T_NAME ON T (CASE WHEN NAME IS NOT NULL THEN N END, NAME)").Error)
	require.ErrorContains(t, raw.Exec("CREATE UNIQUE INDEX T_NAME ON T (CASE WHEN NAME IS NOT NULL THEN N END, NAME)").Error, "ORA-00955")
	insert := func(id int, name any) error {
		_, err := db.Exec(t.Context(), "INSERT INTO T (ID, NAME, N) VALUES (?, ?, 7)", id, name)
		return err
	}
	require.NoError(t, insert(1, nil))
	require.NoError(t, insert(2, nil))
	require.NoError(t, insert(3, "a"))
	require.True(t, sqldb.Duplicate(insert(4, "a")))
	var columns int
	_, err := db.One(t.Context(), []any{&columns}, "SELECT COUNT(*) FROM USER_TAB_COLUMNS WHERE TABLE_NAME = 'T'")
	require.NoError(t, err)
	require.Equal(t, 3, columns, "the column behind the index is hidden")
}

func TestModifySeveralColumns(t *testing.T) {
	t.Parallel()
	raw := openPlace(t)
	require.NoError(t, raw.Exec("ALTER TABLE T MODIFY (NAME VARCHAR2(20 BYTE), N NUMBER(18) NULL)").Error)
	require.NoError(t, raw.Exec("INSERT INTO T (ID, NAME, N) VALUES (1, ?, NULL)", strings.Repeat("x", 20)).Error)
}

func TestInline(t *testing.T) {
	t.Parallel()
	got, err := inline(`SELECT ':1', "a:2", A-:1, :2, :3 FROM T`, []any{int64(-5), "o'k", ""})
	require.NoError(t, err)
	require.Equal(t, `SELECT ':1', "a:2", A-(-5), 'o''k', NULL FROM T`, got)
	_, err = inline(`SELECT :2 FROM T`, []any{int64(1)})
	require.ErrorContains(t, err, "ORA-01008")
}

func TestTranslationsSayWhy(t *testing.T) {
	t.Parallel()
	for _, tr := range Translations {
		require.NotEmpty(t, tr.Name)
		require.NotEmpty(t, tr.Reason)
	}
}
