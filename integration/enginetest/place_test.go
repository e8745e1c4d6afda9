package enginetest

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/core"
	"github.com/quartz-cluster/quartz/core/observe"
	"github.com/quartz-cluster/quartz/integration/internal/lab"
	"github.com/quartz-cluster/quartz/schema"
)

// ran counts the runs of an execute by node.
func ran(l *lab.Lab, id int64) map[string]int {
	out := make(map[string]int)
	for _, r := range l.Runs(id) {
		out[r.Node]++
	}
	return out
}

// Where an execute runs, with one to four nodes and exact counts.
func TestWhereAnExecuteRuns(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		for n := 1; n <= 4; n++ {
			for i := range n {
				l.Start(lab.As(fmt.Sprintf("n%d", i)), long, lab.With(func(c *core.Config) {
					c.Labels, c.MisfireThreshold = []string{fmt.Sprintf("rack-%d", i%2)}, time.Hour
				}))
			}
			untilMaster(t, l, "n0")
			const times = 6
			six := client.Every(100 * time.Millisecond).Times(times)
			last := fmt.Sprintf("n%d", n-1)
			job := l.Job()
			anywhere := l.ExecuteOf(job, six, client.OnAnyNode())
			master := l.ExecuteOf(job, six, client.OnMaster())
			named := l.ExecuteOf(job, six, client.OnNodes(last, "nobody"))
			labelled := l.ExecuteOf(job, six, client.OnNodes("rack-0"))
			all := l.ExecuteOf(job, six, client.OnAllNodes())
			l.Everywhere(all)
			for _, id := range []int64{anywhere, master, named, labelled} {
				row := l.UntilState(id, schema.Complete)
				require.EqualValues(t, times, row.FireCount, "%+v", row)
				require.Len(t, l.Runs(id), times)
			}
			require.Equal(t, map[string]int{"n0": times}, ran(l, master))
			require.Equal(t, map[string]int{last: times}, ran(l, named))
			for node := range ran(l, labelled) {
				require.Contains(t, []string{"n0", "n2"}, node)
			}
			l.Until(func() bool {
				over := 0
				for _, c := range copiesOf(t, l, all) {
					if c.State == schema.Complete && c.FireTime == 0 && c.FireCount == times {
						over++
					}
				}
				return over == n
			}, "each of %d copies has run %d times", n, times)
			want := make(map[string]int)
			for i := range n {
				want[fmt.Sprintf("n%d", i)] = times
			}
			require.Equal(t, want, ran(l, all))
			l.Clear()
		}
	})
}

// A node that comes back while its last registration stands shares the key with that,
// and stays what is aimed at the key.
func TestANodeThatSharesItsKey(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		l.Start(lab.As("other"))
		before := l.Start(lab.As("key"))
		l.Start(lab.As("key"))
		untilMaster(t, l, "other")
		l.Exec(1, "UPDATE QRTZ_APP SET MASTER_PREFER = 'key', VERSION = VERSION + 1 WHERE APPLICATION = ?", lab.App)
		untilMaster(t, l, "key")
		require.NoError(t, before.Stop(context.Background()))
		untilMaster(t, l, "key#2")
		id := l.Execute(client.Now(), client.OnNodes("key"))
		l.UntilState(id, schema.Complete)
		require.Equal(t, map[string]int{"key#2": 1}, ran(l, id))
		stuck := l.Execute(client.Now(), client.OnNodes("ke"))
		l.Until(func() bool { return l.Row(stuck).LastError != "" }, "nobody is called so")
		require.Contains(t, l.Row(stuck).LastError, "no live node has a key or label of ke ")
	})
}

// In an app whose mode is master only, that is where an execute runs that does
// not say otherwise.
func TestAnAppThatRunsOnItsMaster(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		l.Exec(1, "UPDATE QRTZ_APP SET {MODE} = 'MASTER_ONLY', VERSION = VERSION + 1 WHERE APPLICATION = ?", lab.App)
		l.Nodes(3)
		untilMaster(t, l, "node-1")
		often := client.Every(50 * time.Millisecond).Times(12)
		job := l.Job()
		unsaid := l.ExecuteOf(job, often)
		elsewhere := l.ExecuteOf(job, often, client.OnNodes("node-3"))
		for _, id := range []int64{unsaid, elsewhere} {
			require.EqualValues(t, 12, l.UntilState(id, schema.Complete).FireCount)
		}
		require.Equal(t, map[string]int{"node-1": 12}, ran(l, unsaid))
		require.Equal(t, map[string]int{"node-3": 12}, ran(l, elsewhere))
	})
}

// What waits for a master there is none of is said aloud in such an app, too.
func TestAnAppThatRunsOnItsMasterAndHasNone(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		l.Exec(1, "UPDATE QRTZ_APP SET {MODE} = 'MASTER_ONLY', VERSION = VERSION + 1 WHERE APPLICATION = ?", lab.App)
		l.Start(lab.As("barred"), lab.With(func(c *core.Config) { c.NeverMaster = true }))
		id := l.ExecuteOf(l.Job(), client.Now())
		row := l.UntilRow(id, func(e schema.Execute) bool { return e.LastError != "" }, "it says why it waits")
		require.Contains(t, row.LastError, "no live node is the master")
		l.Start(lab.As("able"))
		require.Empty(t, l.UntilState(id, schema.Complete).LastError)
		require.Equal(t, map[string]int{"able": 1}, ran(l, id))
	})
}

// What runs on the master goes on on the next one, and no instant is run by two.
func TestWhatRunsOnTheMasterFollowsIt(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		dying := l.Start(lab.As("dying"), short)
		untilMaster(t, l, "dying")
		l.Start(lab.As("next"), short)
		l.Start(lab.As("preferred"), short)
		id := l.ExecuteOf(l.Job(), client.Every(100*time.Millisecond), client.OnMaster())
		l.UntilRuns(id, 5)
		dying.Pool.Cut()
		l.Until(func() bool { return ran(l, id)["next"]+ran(l, id)["preferred"] > 3 }, "the next master runs it")
		preferred := "preferred"
		if ran(l, id)[preferred] > 0 { // on a slow machine the other one may have registered anew meanwhile
			preferred = "next"
		}
		l.Exec(1, "UPDATE QRTZ_APP SET MASTER_PREFER = ?, VERSION = VERSION + 1 WHERE APPLICATION = ?", preferred, lab.App)
		l.Until(func() bool { return ran(l, id)[preferred] > 3 }, "the promoted master runs it")
		dying.Pool.Mend()
		l.UntilEvents(observe.MasterChanged, 3)
		var masters []int64 // as they were elected
		for _, e := range schema.Events(l.AppRow().Events) {
			if e.Kind == schema.EventElected {
				masters = append(masters, e.NodeID)
			}
		}
		for _, r := range l.Ordered(id) {
			i := slices.Index(masters, r.Fence)
			require.GreaterOrEqual(t, i, 0, "%s ran it at %s, not after others were elected: %v", r.Node, r.NominalTime, masters)
			masters = masters[i:]
		}
	})
}

// A run-now of what runs on all runs once on each node.
func TestRunNowOnAllNodes(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		l.Nodes(3)
		id := l.ExecuteOf(l.Job(), client.At(l.Now().Add(time.Hour)), client.OnAllNodes())
		l.Everywhere(id)
		untilCopies(t, l, id, "node-1", "node-2", "node-3")
		_, err := l.Client.RunNow(t.Context(), client.ID(id))
		require.NoError(t, err)
		l.Until(func() bool {
			var fires int64
			for _, c := range copiesOf(t, l, id) {
				fires += c.FireCount
			}
			return fires == 3
		}, "each copy has one fire in its account")
		require.Equal(t, schema.Executing, l.Row(id).State)
		require.Equal(t, map[string]int{"node-1": 1, "node-2": 1, "node-3": 1}, ran(l, id))
	})
}

// What a copy ran stays in its origin's account when its node leaves.
func TestTheAccountOfACopyOutlivesIt(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		leaving := l.Start(lab.As("leaving"))
		l.Start(lab.As("staying"))
		id := l.ExecuteOf(l.Job(), client.Every(100*time.Millisecond).Times(5), client.OnAllNodes())
		l.Everywhere(id)
		l.Until(func() bool {
			copies := copiesOf(t, l, id)
			return copies["leaving"].FireCount == 5 && copies["staying"].FireCount == 5
		}, "both ran it five times")
		require.NoError(t, leaving.Stop(t.Context()))
		l.UntilRow(id, func(e schema.Execute) bool { return e.FireCount == 5 && e.State == schema.Complete }, "the account of the copy that is gone is there")
		require.Equal(t, []string{"staying"}, keysOf(copiesOf(t, l, id)))
	})
}

// What only a node may run that is not there waits for it, and that is said aloud.
func TestWhatNoLiveNodeMayRunIsSaidAloud(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		l.Start(lab.As("here"), lab.With(func(c *core.Config) { c.NeverMaster = true }))
		job := l.Job()
		crowd := make([]string, 22) // more than there is room for in what is said
		for i := range crowd {
			crowd[i] = fmt.Sprintf("%040d", i)
		}
		elsewhere := l.ExecuteOf(job, client.Now(), client.OnNodes(append([]string{"there", "rack-9"}, crowd...)...))
		master := l.ExecuteOf(job, client.Now(), client.OnMaster())
		here := l.ExecuteOf(job, client.Now(), client.OnNodes("here"))
		l.UntilState(here, schema.Complete)
		for id, why := range map[int64]string{elsewhere: "there, rack-9", master: "master"} {
			row := l.UntilRow(id, func(e schema.Execute) bool { return e.LastError != "" }, "it says why it waits")
			require.Contains(t, row.LastError, why)
		}
		l.Passes(2)
		require.Len(t, l.Events(observe.Unrunnable), 2, "once each")

		unknown := l.ExecuteOf(l.JobOf(client.Job{Class: "elsewhere"}), client.Now(), client.OnMaster())
		l.UntilRow(unknown, func(e schema.Execute) bool { return e.LastError != "" }, "it says why it waits")
		l.Passes(2)
		require.Len(t, l.Events(observe.Unrunnable), 3, "once, although there are two reasons")

		l.Start(lab.As("there"))
		for _, id := range []int64{elsewhere, master} {
			require.Empty(t, l.UntilState(id, schema.Complete).LastError)
			require.Equal(t, map[string]int{"there": 1}, ran(l, id))
		}
	})
}
