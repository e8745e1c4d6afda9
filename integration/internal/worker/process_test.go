package worker

import (
	"errors"
	"log/slog"
	"os/exec"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/integration/internal/leak"
	"github.com/quartz-cluster/quartz/integration/internal/ledger"
	"github.com/quartz-cluster/quartz/integration/internal/testdb"
	"github.com/quartz-cluster/quartz/schema"
)

func TestMain(m *testing.M) {
	MainIfAsked()
	leak.Main(m)
}

// started starts a process with one node of the app "a" on a file of its own.
func started(t *testing.T) (p *Process, c *client.Client, ledgers string) {
	t.Helper()
	db := testdb.New(t, testdb.SQLite)
	require.NoError(t, schema.Migrate(t.Context(), db.Gorm, schema.Options{Logger: slog.New(slog.DiscardHandler)}))
	c, err := client.New(db.Gorm)
	require.NoError(t, err)
	ledgers = t.TempDir()
	p = Start(t, Config{Process: "p", Kind: db.Kind, DSN: db.DSN, Ledger: ledgers, Nodes: []Node{{App: "a", Key: "k", Classes: []string{Long, Scripted}}}})
	require.Equal(t, []string{"k"}, p.Keys)
	return p, c, ledgers
}

// A test that dies closes the input of its processes.
func TestAProcessEndsWithItsInput(t *testing.T) {
	t.Parallel()
	p, _, _ := started(t)
	require.NoError(t, p.in.Close())
	var exit *exec.ExitError
	require.ErrorAs(t, p.wait(), &exit)
	require.Equal(t, 4, exit.ExitCode())
}

func TestAProcessThatIsKilledLosesNoLine(t *testing.T) {
	t.Parallel()
	p, c, ledgers := started(t)
	job, err := c.AddJob(t.Context(), client.Job{App: "a", Class: Scripted, Data: map[string]any{"revision": 5, "attempts": []string{"hangs"}}})
	require.NoError(t, err)
	execute, err := c.AddExecute(t.Context(), job.ID, client.Now())
	require.NoError(t, err)

	runs := awaitRuns(t, ledgers)
	p.Kill()
	all, err := ledger.Read(ledgers)
	require.NoError(t, err)
	require.Equal(t, runs, all.Runs)
	run := all.Runs[0]
	require.Equal(t, "p", run.Process)
	require.Equal(t, int64(execute.ID), run.Execute)
	require.Equal(t, execute.NextFire, run.Nominal)
	require.Equal(t, 5, run.Revision)
	require.False(t, run.Start.Before(run.Nominal))
	require.Zero(t, run.End, "it was killed in the middle")
}

func TestAProcessThatStopsLeavesNothing(t *testing.T) {
	t.Parallel()
	p, c, ledgers := started(t)
	job, err := c.AddJob(t.Context(), client.Job{App: "a", Class: Long})
	require.NoError(t, err)
	_, err = c.AddExecute(t.Context(), job.ID, client.Now())
	require.NoError(t, err)
	awaitRuns(t, ledgers)
	p.Stop(t) // fails the test unless all went well
	all, err := ledger.Read(ledgers)
	require.NoError(t, err)
	require.Len(t, all.Runs, 1)
	require.False(t, all.Runs[0].End.IsZero(), "the run was waited for")
}

// awaitRuns waits for the first run to begin.
func awaitRuns(t *testing.T, ledgers string) []ledger.Run {
	t.Helper()
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		all, err := ledger.Read(ledgers)
		require.NoError(t, err)
		if len(all.Runs) > 0 {
			return all.Runs
		}
		select {
		case <-deadline.C:
			require.NoError(t, errors.New("nothing ran"))
		case <-tick.C:
		}
	}
}
