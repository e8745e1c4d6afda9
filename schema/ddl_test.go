package schema

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/internal/sqldb"
	"github.com/quartz-cluster/quartz/schema/internal/layout"
)

func layouts(t *testing.T) map[sqldb.Dialect]*layout.Layout {
	t.Helper()
	out := map[sqldb.Dialect]*layout.Layout{}
	for _, d := range sqldb.Dialects {
		file, err := ddlFile(d)
		require.NoError(t, err)
		out[d], err = layout.Parse(file)
		require.NoError(t, err)
	}
	return out
}

var models = map[string]reflect.Type{
	"APP": reflect.TypeFor[App](), "NODE": reflect.TypeFor[Node](),
	"JOB": reflect.TypeFor[Job](), "EXECUTE": reflect.TypeFor[Execute](),
}

func TestEveryDatabaseHasTheColumnsOfTheModels(t *testing.T) {
	t.Parallel()
	for d, l := range layouts(t) {
		require.Len(t, l.Tables, len(models), d)
		for name, model := range models {
			var want []string
			for i := range model.NumField() {
				for part := range strings.SplitSeq(model.Field(i).Tag.Get("gorm"), ";") {
					if column, ok := strings.CutPrefix(part, "column:"); ok {
						want = append(want, column)
					}
				}
			}
			var have []string
			for _, c := range l.Table(name).Columns {
				have = append(have, c.Name)
			}
			require.Equal(t, want, have, "%s: table %s", d, name)
		}
	}
}

// The Java edition's client names its own columns in an INSERT and nothing else.
var v13 = map[string][]string{
	"APP":  {"APPLICATION", "STATE", "TIME_PRE", "TIME_NEXT", "TIME_INTERVAL"},
	"NODE": {"APPLICATION", "HOST_IP", "HOST_NAME", "STATE", "TIME_CHECK"},
	"JOB":  {"ID", "APPLICATION", "STATE", "JOB_CLASS", "JOB_DATA", "JOB_DESCRIPTION", "UPDATE_TIME"},
	"EXECUTE": {
		"ID", "PID", "JOB_TYPE", "STATE", "CRON", "ZONE_ID", "REPEAT_COUNT", "REPEAT_INTERVAL", "TIME_TRIGGERED",
		"PREV_FIRE_TIME", "NEXT_FIRE_TIME", "HOST_IP", "HOST_NAME", "START_TIME", "END_TIME",
	},
}

func TestNewColumnsNeedNoValue(t *testing.T) {
	t.Parallel()
	for d, l := range layouts(t) {
		for _, table := range l.Tables {
			old := 0
			for _, c := range table.Columns {
				if slices.Contains(v13[table.Name], c.Name) {
					old++
					continue
				}
				require.True(t, c.Nullable || strings.Contains(c.Rest, "DEFAULT"), "%s: %s.%s", d, table.Name, c.Name)
			}
			require.Len(t, v13[table.Name], old, "%s: table %s", d, table.Name)
		}
	}
}

// sqldb writes a zero value as NULL unless its field is tagged.
func TestWhatIsWrittenAsNullMayBeNull(t *testing.T) {
	t.Parallel()
	set := []string{ // never empty, and NOT NULL in the Java edition
		"APPLICATION", "STATE", "HOST_IP", "HOST_NAME", "ID", "PID", "JOB_CLASS", "JOB_TYPE",
	}
	for d, l := range layouts(t) {
		for name, model := range models {
			for i := range model.NumField() {
				column := strings.TrimSuffix(strings.TrimPrefix(model.Field(i).Tag.Get("gorm"), "column:"), ";primaryKey")
				c, ok := l.Table(name).Column(column)
				require.True(t, ok, column)
				if model.Field(i).Tag.Get("quartz") != "notnull" && !slices.Contains(set, column) {
					require.True(t, c.Nullable, "%s: %s.%s", d, name, column)
				}
			}
		}
	}
}

func TestTheDatabasesAgree(t *testing.T) {
	t.Parallel()
	all := layouts(t)
	for _, table := range all[sqldb.Postgres].Tables {
		for _, c := range table.Columns {
			for d, l := range all {
				other, _ := l.Table(table.Name).Column(c.Name)
				require.Equal(t, c.Nullable, other.Nullable, "%s: %s.%s", d, table.Name, c.Name)
				if size := sizeOf(c.Type); size != "" && c.Name != "MODE" {
					require.Equal(t, size, sizeOf(other.Type), "%s: %s.%s", d, table.Name, c.Name)
				}
			}
		}
		// An index that begins with the columns of another stands in for it; what it
		// does not say at the end, the primary key, all of MySQL's have.
		for _, index := range table.Indexes {
			columns := index.Columns
			if n := len(columns) - 1; n > 0 && columns[n] == "ID" {
				columns = columns[:n]
			}
			for d, l := range all {
				require.True(t, slices.ContainsFunc(l.Table(table.Name).Indexes, func(o layout.Index) bool {
					return o.Name == index.Name ||
						!index.Unique && len(o.Columns) > len(columns) && slices.Equal(o.Columns[:len(columns)], columns)
				}), "%s: %s", d, index.Name)
			}
		}
	}
}

// sizeOf returns the 50 of varchar(50) and VARCHAR2(50 BYTE).
func sizeOf(name string) string {
	if !strings.Contains(strings.ToLower(name), "char") {
		return ""
	}
	_, size, _ := strings.Cut(strings.TrimSuffix(name, ")"), "(")
	return strings.TrimSuffix(size, " BYTE")
}

func TestColumnsHoldTheLimits(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		table, column string
		bytes         int
	}{
		{"APP", "APPLICATION", MaxApplication}, {"NODE", "HOST_IP", MaxNodeKey}, {"NODE", "HOST_NAME", MaxHostName},
		{"JOB", "JOB_CLASS", MaxClass}, {"JOB", "JOB_DATA", MaxData}, {"JOB", "JOB_DESCRIPTION", MaxDescription},
		{"JOB", "NAME", MaxName}, {"JOB", "UPDATED_BY", MaxActor}, {"EXECUTE", "CRON", MaxCron},
		{"EXECUTE", "ZONE_ID", MaxZone}, {"EXECUTE", "DATA", MaxData}, {"EXECUTE", "NAME", MaxName},
		{"EXECUTE", "UPDATED_BY", MaxActor}, {"EXECUTE", "LAST_ERROR", MaxError},
	} {
		for d, l := range layouts(t) {
			column, ok := l.Table(c.table).Column(c.column)
			require.True(t, ok)
			require.Equal(t, itoa(c.bytes), sizeOf(column.Type), "%s: %s.%s", d, c.table, c.column)
		}
	}
}

func TestNamesStayWithin30Characters(t *testing.T) {
	t.Parallel()
	longest := sqldb.Config{Prefix: strings.Repeat("P", 16)}
	require.NoError(t, longest.Validate())
	for d, l := range layouts(t) {
		names := layout.Names{Dialect: d, Config: longest}
		for _, table := range l.Tables {
			require.LessOrEqual(t, len(longest.Table(table.Name)+"_PK"), 30)
			for _, c := range table.Columns {
				require.LessOrEqual(t, len(c.Name), 30)
			}
			for _, index := range table.Indexes {
				require.LessOrEqual(t, len(names.Index(index.Name)), 30, index.Name)
			}
		}
	}
}

func TestDDLCarriesTheConfiguredNames(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		dialect string
		want    []string
	}{
		{"postgres", []string{
			"CREATE TABLE ops.BILLING_JOB (", "CONSTRAINT BILLING_JOB_PK PRIMARY KEY",
			"CREATE UNIQUE INDEX BILLING_JOB_NAME ON ops.BILLING_JOB (",
		}},
		{"mysql", []string{"CREATE TABLE ops.BILLING_JOB (", "CREATE UNIQUE INDEX BILLING_JOB_NAME ON ops.BILLING_JOB ("}},
		{"oracle", []string{
			"CREATE TABLE ops.BILLING_JOB (", "CONSTRAINT BILLING_JOB_PK PRIMARY KEY",
			"CREATE UNIQUE INDEX ops.BILLING_JOB_NAME ON ops.BILLING_JOB (",
		}},
		{"sqlite", []string{"CREATE TABLE ops.BILLING_JOB (", "CREATE UNIQUE INDEX ops.BILLING_JOB_NAME ON BILLING_JOB ("}},
	} {
		ddl, err := DDL(c.dialect, Options{TablePrefix: "BILLING_", DatabaseSchema: "ops"})
		require.NoError(t, err)
		require.NotContains(t, ddl, "QRTZ_")
		for _, want := range c.want {
			require.Contains(t, ddl, want, c.dialect)
		}
		plain, err := DDL(c.dialect, Options{})
		require.NoError(t, err)
		require.Contains(t, plain, "CREATE TABLE QRTZ_EXECUTE (")
	}
}

func TestBadOptionsAreNamed(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		opts Options
		want string
	}{
		{Options{TablePrefix: "1_"}, `table prefix "1_"`},
		{Options{TablePrefix: "Q;"}, `table prefix "Q;"`},
		{Options{TablePrefix: `Q"`}, `table prefix "Q\""`},
		{Options{TablePrefix: "a.b_"}, `table prefix "a.b_"`},
		{Options{TablePrefix: "ÄÖ_"}, `table prefix "ÄÖ_"`},
		{Options{TablePrefix: "Q Z"}, `table prefix "Q Z"`},
		{Options{TablePrefix: "Q_\n"}, `table prefix "Q_\n"`},
		{Options{TablePrefix: strings.Repeat("q", 17)}, `table prefix "` + strings.Repeat("q", 17)},
		{Options{DatabaseSchema: "a.b"}, `database schema "a.b"`},
		{Options{DatabaseSchema: "a-b"}, `database schema "a-b"`},
		{Options{DatabaseSchema: "x; DROP TABLE y"}, `database schema "x; DROP TABLE y"`},
		{Options{DatabaseSchema: strings.Repeat("s", 31)}, `database schema "` + strings.Repeat("s", 31)},
		{Options{DefaultZone: "UTC+8"}, `schema: Options.DefaultZone: zone "UTC+8" is no IANA time zone`},
		{Options{DefaultZone: "Local"}, `schema: Options.DefaultZone: zone "Local" is another zone on every machine`},
		{Options{DefaultZone: "Factory"}, `zone "Factory" is another zone on every machine`},
		{Options{DefaultZone: "europe/berlin"}, `did you mean "Europe/Berlin"?`},
		{Options{DefaultZone: "../etc/passwd"}, `schema: Options.DefaultZone: zone "../etc/passwd" is no IANA time zone`},
	} {
		_, err := DDL("postgres", c.opts)
		require.ErrorContains(t, err, c.want)
		require.ErrorContains(t, Migrate(t.Context(), nil, c.opts), c.want)
		require.ErrorContains(t, Verify(t.Context(), nil, c.opts), c.want)
	}
	_, err := DDL("mssql", Options{})
	require.ErrorContains(t, err, `dialect "mssql" is not supported`)
	require.ErrorContains(t, Migrate(t.Context(), nil, Options{}), "db is nil")
	require.ErrorContains(t, Verify(t.Context(), nil, Options{}), "db is nil")
}
