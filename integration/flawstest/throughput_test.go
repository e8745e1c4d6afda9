package flawstest

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/core"
	"github.com/quartz-cluster/quartz/integration/internal/lab"
	"github.com/quartz-cluster/quartz/integration/internal/testdb"
	"github.com/quartz-cluster/quartz/internal/sqldb"
	"github.com/quartz-cluster/quartz/schema"
)

func TestEveryFireIsAClaimOfItsOwnThatEveryNodeTries(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		nodes := l.Nodes(2, lab.With(func(c *core.Config) { c.Slots = 100 }))
		at := l.Now().Add(10 * time.Second) // adding takes its time on a busy machine
		batch := make([]client.Execute, 60)
		for i := range batch {
			batch[i].Schedule = client.At(at)
		}
		_, err := l.Client.AddExecutes(t.Context(), l.Job(), batch)
		require.NoError(t, err)
		l.UntilRuns(0, len(batch))
		statements := nodes[0].Pool.Count(lab.Take) + nodes[1].Pool.Count(lab.Take)
		require.Less(t, statements, int64(len(batch)/4), "for %d fires", len(batch))
	})
}

func TestAFullPoolDelaysOrDropsAllOtherJobs(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		gate := lab.NewGate()
		h := l.Handlers(nil)
		h.Add("long", l.Handler(gate.Wait))
		l.Start(lab.Running(h), lab.With(func(c *core.Config) { c.Slots = 3 }))
		job := l.JobOf(client.Job{Class: "long"})
		// Each of these is due ten times while its first run lasts: it takes one slot.
		ten := client.Every(100 * time.Millisecond).Times(10)
		long := []int64{l.ExecuteOf(job, ten, client.AtMost(1)), l.ExecuteOf(job, ten, client.AtMost(1))}
		others := l.Execute(client.Every(100 * time.Millisecond).Times(15))
		l.UntilState(others, schema.Complete)
		for _, id := range long {
			require.Len(t, l.UntilRuns(id, 1), 1)
		}
		gate.Open()
		for _, id := range long {
			row := l.UntilState(id, schema.Complete)
			require.EqualValues(t, 10, row.FireCount)
			require.Zero(t, row.SkipCount)
		}
	})
}

func TestTheConfiguredThreadCountIsNotTheOneUsed(t *testing.T) {
	lab.Once(t, func(t *testing.T, l *lab.Lab) {
		gate := lab.NewGate()
		var now, most atomic.Int64
		n := l.Start(lab.With(func(c *core.Config) { c.Slots = 3 }), lab.Running(l.Handlers(func(ctx context.Context, f *core.Fire) error {
			most.Store(max(most.Load(), now.Add(1)))
			defer now.Add(-1)
			return gate.Wait(ctx, f)
		})))
		job := l.Job()
		for range 10 {
			l.ExecuteOf(job, client.Now())
		}
		l.UntilRuns(0, 3)
		n.Beats(3)
		require.Len(t, l.Runs(0), 3)
		require.Equal(t, 3, l.NodeRows()[0].Capacity)
		require.Equal(t, 3, l.NodeRows()[0].Running)
		gate.Open()
		l.UntilRuns(0, 10)
		require.EqualValues(t, 3, most.Load())
	})
}

// statement is one that a node sent.
type statement struct {
	query string
	args  []any
}

// first keeps the first statement of a kind.
func first(into chan<- statement) lab.Hook {
	return lab.Hook{Before: func(query string, args []any) error {
		select {
		case into <- statement{query, args}:
		default:
		}
		return nil
	}}
}

// With a backlog, and with statistics that know of no fire in flight, the server
// still reads the first rows of a range and no more, takes that to be cheap, and
// finds what is complete by its id.
func TestABacklogChangesNoPlan(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		analyze := map[testdb.Kind]string{
			testdb.Postgres: "ANALYZE QRTZ_EXECUTE", testdb.MariaDB: "ANALYZE TABLE QRTZ_EXECUTE", testdb.MySQL: "ANALYZE TABLE QRTZ_EXECUTE",
		}[l.DB.Kind]
		if analyze == "" {
			return // its plans do not go by statistics
		}
		scans, completions := make(chan statement, 1), make(chan statement, 1)
		n := l.Start(lab.Through(func(p *lab.Pool) { p.Hook(lab.Scan, first(scans)); p.Hook(lab.Complete, first(completions)) }))
		l.UntilState(l.Execute(client.Now()), schema.Complete)
		scan, completion := <-scans, <-completions
		require.NoError(t, n.Stop(t.Context()))

		job := int64(l.Job())
		rows := make([]schema.Execute, 8000)
		due := l.Now().UnixMilli()
		for i := range rows {
			id := schema.NewID()
			rows[i] = schema.Execute{
				ID: id, PID: job, Application: lab.App, Shard: schema.ShardOf(id), State: schema.Executing, JobType: schema.Simple, RepeatCount: 1,
				StartTime: due, EndTime: -1, NextFireTime: due, PrevFireTime: -1, HostIP: "h", HostName: "h",
			}
		}
		require.NoError(t, sqldb.Insert(t.Context(), l.SQL, "QRTZ_EXECUTE", rows...))
		l.Exec(-1, analyze)
		plan := explain(t, l, scan.query, scan.args)
		require.NotContains(t, plan, "filesort", plan)
		require.NotContains(t, plan, "Sort Key", plan)
		require.NotContains(t, plan, "JIT", plan)
		if l.DB.Kind == testdb.Postgres { // the others list the indexes that they did not take, too
			for i, arg := range completion.args {
				if one, ok := arg.(string); ok { // of a batch: an array
					completion.args[i] = "{" + strings.TrimSuffix(strings.Repeat(strings.Trim(one, "{}")+",", 200), ",") + "}"
				}
			}
			require.NotContains(t, explain(t, l, completion.query, completion.args), "qrtz_execute_node")
		}
	})
}

// The scan of a node is a range of an index, with a limit.
func TestTheScanReadsTheWholeTable(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		scans := make(chan statement, 1)
		n := l.Start(lab.Through(func(p *lab.Pool) { p.Hook(lab.Scan, first(scans)) }))
		scan := <-scans
		require.NoError(t, n.Stop(t.Context()))
		plan := explain(t, l, scan.query, scan.args)
		if plan == "" {
			return // a kind of database that is not asked
		}
		require.Contains(t, strings.ToUpper(plan), "QRTZ_EXECUTE_SCAN", plan)
		require.Regexp(t, `LIMIT \S+|RANKED <= \?`, scan.query)
	})
}

// The handler looks for the next node that executes name in the index, however many rows
// name one.
func TestTheHandlerReadsTheRowsOfAllNodes(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		if l.DB.Kind != testdb.MariaDB && l.DB.Kind != testdb.MySQL {
			return // the others do, wherever it stands
		}
		looks := make(chan statement, 1)
		n := l.Start(lab.Through(func(p *lab.Pool) {
			p.Hook(lab.Other, lab.Hook{Before: func(query string, args []any) error {
				if strings.Contains(query, "MAX(FIRE_NODE)") {
					return first(looks).Before(query, args)
				}
				return nil
			}})
		}))
		l.UntilState(l.Execute(client.Now()), schema.Complete) // it names the node
		look := <-looks
		require.NoError(t, n.Stop(t.Context()))
		plan := explain(t, l, look.query, look.args)
		require.Contains(t, plan, "optimized away")
		require.NotContains(t, plan, "DEPENDENT")
	})
}

func explain(t *testing.T, l *lab.Lab, query string, args []any) string {
	t.Helper()
	conns, err := l.DB.Gorm.DB()
	require.NoError(t, err)
	conn, err := conns.Conn(t.Context())
	require.NoError(t, err)
	defer func() { require.NoError(t, conn.Close()) }()
	var words string
	switch l.DB.Kind {
	case testdb.SQLite:
		words = "EXPLAIN QUERY PLAN "
	case testdb.Postgres: // which reads so small a table as a whole, if it may
		_, err = conn.ExecContext(t.Context(), "SET enable_seqscan = off")
		require.NoError(t, err)
		words = "EXPLAIN "
	case testdb.MariaDB, testdb.MySQL:
		words = "EXPLAIN "
	default:
		return ""
	}
	rows, err := conn.QueryContext(t.Context(), words+query, args...)
	require.NoError(t, err)
	defer func() { require.NoError(t, rows.Close()) }()
	columns, err := rows.Columns()
	require.NoError(t, err)
	var plan strings.Builder
	for rows.Next() {
		values := make([]any, len(columns))
		for i := range values {
			values[i] = new(sql.NullString)
		}
		require.NoError(t, rows.Scan(values...))
		for _, v := range values {
			fmt.Fprint(&plan, v.(*sql.NullString).String, " ")
		}
		fmt.Fprintln(&plan)
	}
	require.NoError(t, rows.Err())
	return plan.String()
}

// Counted in scans, not in seconds: what is new, edited or resumed is claimed by
// the first scan that begins afterwards, or the one after it.
func TestWhatIsNewEditedOrResumedStartsLate(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		var pool *lab.Pool
		claims := make(chan int64, 10)
		l.Start(lab.Through(func(p *lab.Pool) {
			pool = p
			p.Hook(lab.Claim, lab.Hook{Before: func(string, []any) error { claims <- p.Count(lab.Scan); return nil }})
		}))
		soon := func(what string) {
			t.Helper()
			done := pool.Count(lab.Scan)
			require.LessOrEqual(t, <-claims, done+2, what)
		}
		id := l.Execute(client.Now())
		soon("new")
		l.UntilState(id, schema.Complete)
		_, err := l.Client.UpdateExecute(t.Context(), client.ID(id), 0, client.SetSchedule(client.Now()))
		require.NoError(t, err)
		soon("edited")
		l.UntilState(id, schema.Complete)

		paused := l.Execute(client.Now(), client.Paused())
		_, err = l.Client.ResumeExecute(t.Context(), client.ID(paused))
		require.NoError(t, err)
		soon("resumed")
		l.UntilState(paused, schema.Complete)
	})
}

// A node that has no slot left says so at once, so that its peers need not wait for
// its next heartbeat to take over what is its to run.
func TestAFullNodeIsSeenToBeFull(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		gate := lab.NewGate()
		defer gate.Open()
		n := l.Start(lab.Running(l.Handlers(gate.Wait)), lab.With(func(c *core.Config) {
			c.Slots, c.Heartbeat, c.Lease = 1, time.Minute, 10*time.Minute
		}))
		l.Until(func() bool { return n.Pool.Count(lab.Beat) > 0 }, "it sent its first heartbeat")
		job := l.Job()
		l.ExecuteOf(job, client.Now())
		l.ExecuteOf(job, client.Now())
		require.Eventually(t, func() bool { return l.NodeRows()[0].Running == 1 }, 30*time.Second, 20*time.Millisecond, "long before its heartbeat")
	})
}
