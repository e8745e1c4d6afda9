package sqldb

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"gorm.io/gorm"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestConfigValidate(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		config Config
		want   string // empty: valid
	}{
		{Config{Prefix: "QRTZ_"}, ""},
		{Config{Prefix: "q"}, ""},
		{Config{Prefix: strings.Repeat("q", 16), Schema: strings.Repeat("s", 30)}, ""},
		{Config{}, `table prefix ""`},
		{Config{Prefix: strings.Repeat("q", 17)}, `table prefix "qqqqqqqqqqqqqqqqq"`},
		{Config{Prefix: "_q"}, `table prefix "_q"`},
		{Config{Prefix: "9q"}, `table prefix "9q"`},
		{Config{Prefix: "q-"}, `table prefix "q-"`},
		{Config{Prefix: "q'"}, `table prefix "q'"`},
		{Config{Prefix: "q\n"}, `table prefix "q\n"`},
		{Config{Prefix: "q", Schema: "s.t"}, `database schema "s.t"`},
		{Config{Prefix: "q", Schema: "s s"}, `database schema "s s"`},
		{Config{Prefix: "q", Schema: strings.Repeat("s", 31)}, `database schema "sssss`},
	} {
		err := c.config.Validate()
		if c.want == "" {
			require.NoError(t, err)
			continue
		}
		require.ErrorContains(t, err, c.want)
	}
	require.Equal(t, "QRTZ_", Config{}.WithDefaults().Prefix)
	require.Equal(t, "s.X_JOB", Config{Prefix: "X_", Schema: "s"}.Table("JOB"))
}

func TestNewRefusesWhatIsNotOpen(t *testing.T) {
	t.Parallel()
	for _, db := range []*gorm.DB{nil, {}, {Config: &gorm.Config{}}} {
		_, err := New(db, Config{})
		require.ErrorContains(t, err, "open it with gorm.Open")
	}
	_, err := ParseDialect("sqlserver")
	require.ErrorContains(t, err, `dialect "sqlserver" is not supported`)
}

func TestSQLPutsNamesAndWordsInPlace(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		dialect Dialect
		config  Config
		query   string
		want    string
	}{
		{Postgres, Config{}, "SELECT a FROM QRTZ_JOB WHERE x = ? ORDER BY a {limit} {for update}", "SELECT a FROM QRTZ_JOB WHERE x = ? ORDER BY a LIMIT ? FOR NO KEY UPDATE"},
		{MySQL, Config{Prefix: "X_", Schema: "s"}, "SELECT a FROM QRTZ_JOB j, QRTZ_APP {skip locked}", "SELECT a FROM s.X_JOB j, s.X_APP FOR UPDATE SKIP LOCKED"},
		{SQLite, Config{}, "SELECT 1{dual} {for update}{skip locked}", "SELECT 1 "},
		{Oracle, Config{}, "SELECT {MODE}{dual} {limit}", `SELECT "MODE" FROM DUAL FETCH NEXT ? ROWS ONLY`},
		{Oracle, Config{}, "{behind}", "OFFSET ? ROWS FETCH NEXT 1 ROWS ONLY"},
		{MySQL, Config{}, "{MODE} {behind}", "MODE LIMIT 1 OFFSET ?"},
		// A configured name is not taken for another token.
		{Postgres, Config{Prefix: "QRTZ_QRTZ_"}, "QRTZ_JOB", "QRTZ_QRTZ_JOB"},
	} {
		config := c.config.WithDefaults()
		d := &DB{dialect: c.dialect, config: config, words: strings.NewReplacer(append(c.dialect.tokens(), DefaultPrefix, config.Table(""))...)}
		require.Equal(t, c.want, d.SQL(c.query))
	}
	ticks := int64(0)
	d := &DB{dialect: Postgres, words: strings.NewReplacer(), clock: func() int64 { ticks++; return ticks }}
	require.Equal(t, "SELECT 1", d.SQL("SELECT {now}"))
	require.Equal(t, "SELECT 2", d.SQL("SELECT {now}"))
}

type row struct {
	ID      int64  `gorm:"column:ID;primaryKey"`
	Mode    string `gorm:"primaryKey;column:MODE"`
	Count   int    `gorm:"column:COUNTED" quartz:"notnull"`
	Skipped string
}

func TestColumnsAndValues(t *testing.T) {
	t.Parallel()
	require.Equal(t, "ID, {MODE}, COUNTED", Columns[row](""))
	require.Equal(t, "r.ID, r.{MODE}, r.COUNTED", Columns[row]("r"))
	require.Len(t, Dest(&row{}), 3)
	require.PanicsWithValue(t, "sqldb: a row type cannot have a field of kind float64", func() {
		Dest(&struct {
			F float64 `gorm:"column:F"`
		}{})
	})
}

func TestNullReadsAsZero(t *testing.T) {
	t.Parallel()
	n, s := int64(7), "x"
	require.NoError(t, Null(&n).Scan(nil))
	require.NoError(t, Null(&s).Scan(nil))
	require.Zero(t, n)
	require.Empty(t, s)
	require.NoError(t, Null(&n).Scan("12"))
	require.NoError(t, Null(&s).Scan([]byte("y")))
	require.EqualValues(t, 12, n)
	require.Equal(t, "y", s)
	require.Error(t, Null(&n).Scan("twelve"))
}
