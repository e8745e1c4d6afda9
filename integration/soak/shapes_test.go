package soak

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/integration/internal/ledger"
	"github.com/quartz-cluster/quartz/integration/internal/testdb"
	"github.com/quartz-cluster/quartz/integration/internal/worker"
)

// short is how long the tests below put load on their clusters, adding it included,
// which takes its time on a busy machine.
const short = 10 * time.Second

// everySecond adds n executes that fire every second for a while.
func (c *cluster) everySecond(t *testing.T, app, class string, n int, end time.Time) []client.ID {
	t.Helper()
	executes := make([]client.Execute, n)
	for i := range executes {
		s := client.Every(time.Second)
		if i%2 == 0 {
			s = client.Cron("* * * * * ?", zones[i%len(zones)])
		}
		executes[i] = client.Execute{Schedule: s.Until(end)}
	}
	return c.add(t, app, class, executes...)
}

func TestThreeProcessesUnderOneKey(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db testdb.DB) {
		t.Parallel()
		c := newCluster(t, db)
		same := []worker.Node{{App: app, Key: "host"}}
		c.start(t, same, same, same)
		keys := []string{}
		for _, p := range c.processes {
			keys = append(keys, p.Keys...)
		}
		require.ElementsMatch(t, []string{"host", "host#2", "host#3"}, keys)

		end := c.clock.Latest().Add(2 * short) // on a busy machine the others come first for a while
		c.everySecond(t, app, worker.Quick, 30, end)
		c.everySecond(t, app, worker.Short, 10, end)
		c.until(t, end)
		c.drain(t)
		c.finish(t)
		require.Len(t, c.runsOf(t, func(r ledger.Run) string { return r.Node }), 3, "every node has its share")
		require.Len(t, c.runsOf(t, func(r ledger.Run) string { return r.Process }), 3)
	})
}

func TestTwoAppsInOneProcess(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db testdb.DB) {
		t.Parallel()
		c := newCluster(t, db)
		c.start(t,
			[]worker.Node{{App: "billing", Key: "one"}, {App: "mail", Key: "one"}},
			[]worker.Node{{App: "billing", Key: "two"}},
		)
		end := c.clock.Latest().Add(short)
		c.everySecond(t, "billing", worker.Quick, 20, end)
		c.everySecond(t, "mail", worker.Quick, 20, end)
		c.everySecond(t, "mail", worker.Long, 3, end)
		c.until(t, end)
		c.drain(t)
		c.finish(t) // which finds a run by the other app's node
		runs := c.runsOf(t, func(r ledger.Run) string { return r.Process + " " + r.App })
		require.Positive(t, runs["worker1 billing"])
		require.Positive(t, runs["worker1 mail"])
		require.Positive(t, runs["worker2 billing"])
		require.Len(t, runs, 3)
	})
}

func TestOneProcessHasFewerHandlers(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db testdb.DB) {
		t.Parallel()
		c := newCluster(t, db)
		c.start(t,
			[]worker.Node{{App: app, Key: "all"}},
			[]worker.Node{{App: app, Key: "fewer", Classes: []string{worker.Quick, worker.Failing}}},
			[]worker.Node{{App: app, Key: "one", Classes: []string{worker.Quick}}},
		)
		end := c.clock.Latest().Add(2 * short)
		for _, class := range []string{worker.Quick, worker.Short, worker.Failing} {
			c.everySecond(t, app, class, 16, end)
		}
		// While the one that can do everything is paused, the others do what they can.
		c.until(t, end.Add(-short))
		require.NoError(t, c.PauseNode(t.Context(), app, "all"))
		c.until(t, end)
		require.NoError(t, c.ResumeNode(t.Context(), app, "all"))
		c.drain(t)
		c.finish(t)
		runs := c.runsOf(t, func(r ledger.Run) string { return r.Node + " " + r.Class })
		for _, some := range []string{"all " + worker.Quick, "all " + worker.Short, "all " + worker.Failing, "fewer " + worker.Failing} {
			require.Positive(t, runs[some], some)
		}
		require.Positive(t, runs["fewer "+worker.Quick]+runs["one "+worker.Quick])
		for _, never := range []string{"fewer " + worker.Short, "one " + worker.Short, "one " + worker.Failing} {
			require.NotContains(t, runs, never)
		}
	})
}
