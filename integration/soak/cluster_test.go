package soak

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/integration/internal/checker"
	"github.com/quartz-cluster/quartz/integration/internal/ledger"
	"github.com/quartz-cluster/quartz/integration/internal/operator"
	"github.com/quartz-cluster/quartz/integration/internal/testdb"
	"github.com/quartz-cluster/quartz/integration/internal/worker"
	"github.com/quartz-cluster/quartz/internal/sqldb"
	"github.com/quartz-cluster/quartz/schema"
)

const (
	// threshold is short, so that misfires happen.
	threshold = 3 * time.Second
	// grace is how long something due may wait: a lease and two periods of the
	// ClusterMisfireHandler.
	grace = 11 * time.Second
)

// cluster is a database with the four tables, the processes on it and their
// ledgers.
type cluster struct {
	*operator.Operator
	db        testdb.DB
	clock     *ledger.Clock
	ledgers   string
	slots     int // of each node; 0 is core's default
	processes []*worker.Process
	jobs      map[string]*client.JobInfo // by app and class
}

func newCluster(t *testing.T, db testdb.DB) *cluster {
	t.Helper()
	require.NoError(t, schema.Migrate(t.Context(), db.Gorm, schema.Options{Logger: slog.New(slog.DiscardHandler)}))
	c := &cluster{db: db, ledgers: t.TempDir(), jobs: map[string]*client.JobInfo{}}
	file, err := ledger.Create(c.ledgers, "operator")
	require.NoError(t, err)
	t.Cleanup(func() { _ = file.Close() })
	own, err := testdb.OpenDSN(db.Kind, db.DSN)
	require.NoError(t, err)
	pool, err := own.DB()
	require.NoError(t, err)
	t.Cleanup(func() { _ = pool.Close() })
	c.clock, err = ledger.NewClock(t.Context(), own)
	require.NoError(t, err)
	t.Cleanup(c.clock.Close)
	c.Operator, err = operator.New(db.Gorm, file, c.clock)
	require.NoError(t, err)
	return c
}

// start starts one process for each list of nodes, all at once.
func (c *cluster) start(t *testing.T, processes ...[]worker.Node) {
	t.Helper()
	for i, nodes := range processes {
		c.processes = append(c.processes, worker.Launch(t, worker.Config{
			Process: fmt.Sprintf("worker%d", i+1), Kind: c.db.Kind, DSN: c.db.DSN, Ledger: c.ledgers,
			Nodes: nodes, Slots: c.slots, MisfireThreshold: threshold,
		}))
	}
	for _, p := range c.processes {
		p.AwaitReady(t)
	}
}

// job returns the job of an app that runs the class.
func (c *cluster) job(t *testing.T, app, class string) *client.JobInfo {
	t.Helper()
	if job := c.jobs[app+"/"+class]; job != nil {
		return job
	}
	job, err := c.Client.AddJob(t.Context(), client.Job{App: app, Class: class, Name: class})
	require.NoError(t, err)
	c.jobs[app+"/"+class] = job
	return job
}

// add adds executes to the job of that class.
func (c *cluster) add(t *testing.T, app, class string, executes ...client.Execute) []client.ID {
	t.Helper()
	infos, err := c.Add(t.Context(), c.job(t, app, class), executes...)
	require.NoError(t, err)
	ids := make([]client.ID, len(infos))
	for i, info := range infos {
		ids[i] = info.ID
	}
	return ids
}

// drain waits until all that is finite is COMPLETE. What goes on may be late on a
// machine that is busy; the checker knows that from standing still.
func (c *cluster) drain(t *testing.T) {
	t.Helper()
	c.await(t, 2*time.Minute, func(ctx context.Context) (string, error) {
		rows, err := c.executes(ctx)
		if err != nil {
			return "", err
		}
		now := c.clock.Earliest().UnixMilli()
		var left []string
		for _, row := range rows {
			if row.State == schema.Executing && (row.NextFireTime == 0 || row.RepeatCount > 0 || row.EndTime > 0) {
				left = append(left, fmt.Sprintf("%d of job %d, %s %s, due %d ms ago, last fire %d ms ago, in flight %t, last error %q",
					row.ID, row.PID, row.JobType, row.Misfire, now-row.NextFireTime, now-row.HighTime, row.FireTime != 0, row.LastError))
			}
		}
		if len(left) == 0 {
			return "", nil
		}
		return fmt.Sprintf("%d executes are not done: %s", len(left), strings.Join(left[:min(len(left), 5)], "; ")), nil
	})
}

// await asks until there is nothing to say, or fails with the last answer.
func (c *cluster) await(t *testing.T, limit time.Duration, ask func(ctx context.Context) (string, error)) {
	t.Helper()
	deadline := time.NewTimer(limit)
	defer deadline.Stop()
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for {
		answer, err := ask(t.Context())
		require.NoError(t, err)
		if answer == "" {
			return
		}
		select {
		case <-deadline.C:
			require.FailNow(t, "not within "+limit.String(), answer)
		case <-tick.C:
		}
	}
}

func (c *cluster) executes(ctx context.Context) ([]schema.Execute, error) {
	return rowsOf[schema.Execute](ctx, c.db.Gorm, "QRTZ_EXECUTE")
}

// rowsOf reads a table as the product does.
func rowsOf[T any](ctx context.Context, db *gorm.DB, table string) ([]T, error) {
	own, err := sqldb.New(db, sqldb.Config{})
	if err != nil {
		return nil, err
	}
	return sqldb.Select[T](ctx, own, "SELECT "+sqldb.Columns[T]("")+" FROM "+table)
}

// finish stops all processes, each of which must drain and leave nothing behind,
// and returns what the checker found.
func (c *cluster) finish(t *testing.T) *checker.Report {
	t.Helper()
	stopped := c.clock.Earliest()
	var stopping sync.WaitGroup
	for _, p := range c.processes {
		stopping.Go(func() { p.Stop(t) })
	}
	stopping.Wait()
	return c.check(t, stopped)
}

func (c *cluster) check(t *testing.T, stopped time.Time) *checker.Report {
	t.Helper()
	in := checker.Input{Stopped: stopped, Grace: grace, Slow: []string{worker.Endless}}
	var err error
	in.Ledger, err = ledger.Read(c.ledgers)
	require.NoError(t, err)
	in.Executes, err = c.executes(t.Context())
	require.NoError(t, err)
	in.Nodes, err = rowsOf[schema.Node](t.Context(), c.db.Gorm, "QRTZ_NODE")
	require.NoError(t, err)
	report := checker.Check(in)
	t.Log(report)
	require.Empty(t, report.Faults())
	return report
}

// runsOf counts the runs in the ledger by what of tells of them.
func (c *cluster) runsOf(t *testing.T, of func(ledger.Run) string) map[string]int {
	t.Helper()
	all, err := ledger.Read(c.ledgers)
	require.NoError(t, err)
	n := map[string]int{}
	for _, run := range all.Runs {
		n[of(run)]++
	}
	return n
}
