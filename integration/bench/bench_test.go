package main

import (
	"bytes"
	"database/sql"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/integration/internal/lab"
	"github.com/quartz-cluster/quartz/integration/internal/testdb"
	"github.com/quartz-cluster/quartz/schema"
)

func TestMain(m *testing.M) {
	workIfAsked()
	lab.AtOnce(16) // scenarios wait more than they compute
	goleak.VerifyTestMain(m)
}

// eachKind runs a test on the databases that the bench knows.
func eachKind(t *testing.T, test func(t *testing.T, kind testdb.Kind)) {
	t.Helper()
	for _, kind := range []testdb.Kind{testdb.Postgres, testdb.MariaDB} {
		if slices.Contains(testdb.Kinds(t), kind) {
			t.Run(string(kind), func(t *testing.T) {
				t.Parallel()
				test(t, kind)
			})
		}
	}
}

var lineForm = regexp.MustCompile(`^bench (B\d|plans)(/[\w/-]+)? (postgres|mariadb) \d+(\.\d+)? \S+` +
	`(( ratio=\d+(\.\d+)?)? yardstick=[\w-]+ yardstick_figure=\d+(\.\d+)?| yardstick=none) runs=1 min=\d+(\.\d+)? max=\d+(\.\d+)? scale=0\.0005$`)

// Every scenario, so small that it shows only that it works.
func TestScenarios(t *testing.T) {
	for _, s := range scenarios {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			eachKind(t, func(t *testing.T, kind testdb.Kind) {
				if !s.runsOn(kind) {
					return // nothing to measure there
				}
				var out, log bytes.Buffer
				err := run(t.Context(), []string{"-scenario", s.name, "-db", string(kind), "-runs", "1", "-scale", "0.0005"}, &out, &log)
				require.NoError(t, err, log.String())
				lines := slices.DeleteFunc(strings.Split(out.String(), "\n"), func(l string) bool { return !strings.HasPrefix(l, "bench ") })
				require.NotEmpty(t, lines, out.String())
				for _, l := range lines {
					require.Regexp(t, lineForm, l)
					require.True(t, strings.HasPrefix(l, "bench "+s.name), l)
				}
				require.NotContains(t, log.String(), "the worker had", "events that an undisturbed worker has not")
			})
		})
	}
}

// What is loaded in bulk is what the client writes.
func TestLoadedAsTheClientDoes(t *testing.T) {
	eachKind(t, func(t *testing.T, kind testdb.Kind) {
		ctx := t.Context()
		p, err := newTables(ctx, kind)
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, p.close()) })
		c, err := client.New(p.db)
		require.NoError(t, err)
		_, err = c.EnsureApp(ctx, app)
		require.NoError(t, err)
		job, err := c.AddJob(ctx, client.Job{App: app, Class: class})
		require.NoError(t, err)
		at := time.Now().Add(time.Hour).Truncate(time.Second)
		_, err = c.AddExecute(ctx, job.ID, client.At(at))
		require.NoError(t, err)
		const loaded = 20
		require.NoError(t, p.add(ctx, executes{app: app, job: int64(job.ID), count: loaded, first: fmt.Sprint(at.UnixMilli())}))

		rows := everyColumn(t, p, "SELECT * FROM QRTZ_EXECUTE ORDER BY ID")
		require.Len(t, rows, loaded+1)
		shards := map[string]int{}
		for _, row := range rows {
			id, err := strconv.ParseInt(row["id"].String, 10, 64)
			require.NoError(t, err)
			require.Equal(t, strconv.Itoa(schema.PlaceOf(id, "")), row["shard"].String)
			shards[row["shard"].String]++
			for _, own := range []string{"id", "shard", "host_ip", "host_name", "update_time", "updated_by"} {
				require.True(t, row[own].Valid, own)
				delete(row, own)
			}
			require.Equal(t, rows[0], row)
		}
		require.Len(t, shards, schema.Shards)
	})
}

// everyColumn reads rows as they are, with null apart from what looks like it.
func everyColumn(t *testing.T, p *place, query string) (out []map[string]sql.NullString) {
	t.Helper()
	rows, err := p.pool.QueryContext(t.Context(), query)
	require.NoError(t, err)
	defer func() { require.NoError(t, rows.Close()) }()
	columns, err := rows.Columns()
	require.NoError(t, err)
	for rows.Next() {
		values, dest := make([]sql.NullString, len(columns)), make([]any, len(columns))
		for i := range values {
			dest[i] = &values[i]
		}
		require.NoError(t, rows.Scan(dest...))
		row := map[string]sql.NullString{}
		for i, column := range columns {
			row[strings.ToLower(column)] = values[i]
		}
		out = append(out, row)
	}
	require.NoError(t, rows.Err())
	return out
}

func TestLinesAreMediansAndRatiosOfOneRun(t *testing.T) {
	t.Parallel()
	s := &series{
		scenario: "B9", kind: testdb.Postgres, scale: 1, figure: figure{name: "rate", unit: "fires/s", yards: []yard{{"bare", 0}}},
		values: []float64{10, 300, 50}, yards: [][]yard{{{"bare", 5}}, {{"bare", 1000}}, {{"bare", 100}}},
	}
	lines := s.lines()
	require.Len(t, lines, 1)
	require.Equal(t, "bench B9/rate postgres 50.0 fires/s ratio=0.500 yardstick=bare yardstick_figure=100.0 runs=3 min=10.0 max=300.0", lines[0].String())
	s.yards[0][0].value, s.yards[1][0].value, s.yards[2][0].value = 0, 0, 0
	require.Equal(t, "bench B9/rate postgres 50.0 fires/s yardstick=bare yardstick_figure=0.000 runs=3 min=10.0 max=300.0", s.lines()[0].String())
	s.figure.yards, s.scale = nil, 0.5
	require.Equal(t, "bench B9/rate postgres 50.0 fires/s yardstick=none runs=3 min=10.0 max=300.0 scale=0.5", s.lines()[0].String())
}

func TestLateness(t *testing.T) {
	t.Parallel()
	h := new(histogram)
	for ms := range 1000 {
		h.add(time.Duration(ms+1) * time.Millisecond)
	}
	require.Equal(t, lateness{1000, 500 * time.Millisecond, 950 * time.Millisecond, 990 * time.Millisecond, time.Second}, h.lateness())
	require.InDelta(t, 3, quantile([]time.Duration{4e6, 1e6, 3e6, 2e6}, 0.5), 0)
}

func TestRateBetweenShares(t *testing.T) {
	t.Parallel()
	at := func(s int) time.Time { return time.Unix(int64(s), 0) }
	one := &process{counts: []count{{100, at(1)}, {200, at(2)}, {300, at(4)}}}
	two := &process{counts: []count{{100, at(3)}}}
	line := timeline(one, two)
	require.Equal(t, []count{{100, at(1)}, {200, at(2)}, {300, at(3)}, {400, at(4)}}, line)
	require.InDelta(t, 100, rateBetween(line, 0.5, 1), 0)
	require.Zero(t, rateBetween(line[:1], 0, 1))
}

func TestArguments(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"-db", "oracle"}, {"-scenario", "C"}, {"-scenario", "("}, {"-runs", "0"}, {"-scale", "2"}} {
		require.Error(t, run(t.Context(), args, new(bytes.Buffer), new(bytes.Buffer)), args)
	}
}
