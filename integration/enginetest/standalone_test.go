package enginetest

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/core"
	"github.com/quartz-cluster/quartz/core/observe"
	"github.com/quartz-cluster/quartz/integration/internal/lab"
	"github.com/quartz-cluster/quartz/integration/internal/testdb"
	"github.com/quartz-cluster/quartz/schema"
)

// alone runs a node without a cluster.
var alone = lab.With(func(c *core.Config) { c.Standalone = true })

// refusedBy waits until a node has ended because another one lives, and returns
// why.
func refusedBy(t *testing.T, n *lab.Node) *core.OccupiedError {
	t.Helper()
	<-n.Done()
	var occupied *core.OccupiedError
	require.ErrorAs(t, n.Stop(context.Background()), &occupied)
	select {
	case <-n.Ready():
		t.Fatal("it registered")
	default:
	}
	return occupied
}

func TestAStandaloneNodeRunsEverything(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		gate := lab.NewGate()
		h := l.Handlers(nil)
		h.Add("slow", l.Handler(gate.Wait))
		n := l.Start(lab.As("single"), alone, lab.Running(h))
		fence := l.AppRow().Master
		require.Negative(t, fence)
		job := l.Job()
		thrice := client.Every(100 * time.Millisecond).Times(3)
		for _, option := range []client.ExecuteOption{client.OnAnyNode(), client.OnMaster(), client.OnNodes("single")} {
			id := l.ExecuteOf(job, thrice, option)
			require.EqualValues(t, 3, l.UntilState(id, schema.Complete).FireCount)
			require.Equal(t, -fence, l.Runs(id)[0].Fence)
		}
		all := l.ExecuteOf(job, thrice, client.OnAllNodes())
		l.Everywhere(all)
		l.UntilRuns(all, 3)
		slow := l.ExecuteOf(l.JobOf(client.Job{Class: "slow"}), client.Now())
		l.UntilRuns(slow, 1)
		l.Passes(3)
		require.Empty(t, l.NodeRows())
		require.Equal(t, fence, l.AppRow().Master, "nobody else is elected")
		require.NotZero(t, l.Row(slow).FireTime, "its own fires are not taken from it")
		_, err := l.Client.PauseApp(t.Context(), lab.App)
		require.NoError(t, err)
		held := l.ExecuteOf(job, client.Now())
		l.Passes(2)
		require.Empty(t, l.Runs(held))
		_, err = l.Client.ResumeApp(t.Context(), lab.App)
		require.NoError(t, err)
		l.UntilState(held, schema.Complete)
		gate.Open()
		l.UntilState(slow, schema.Complete)
		require.NoError(t, n.Stop(t.Context()))
		require.Zero(t, l.AppRow().Master)
		var kinds []string
		for _, e := range schema.Events(l.AppRow().Events) {
			if e.Node == "single" {
				kinds = append(kinds, e.Kind)
			}
		}
		require.Equal(t, []string{schema.EventJoined, schema.EventLeft}, kinds)
		l.Start(lab.As("after"))
		untilMaster(t, l, "after")
	})
}

// A standalone node bears no other, and none bears it; both say whom.
func TestAStandaloneNodeIsAlone(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		first := l.Start(lab.As("first"), alone)
		id := l.Execute(client.Every(100 * time.Millisecond))
		for _, other := range []*lab.Node{l.Launch(lab.As("second"), alone), l.Launch(lab.As("node"))} {
			occupied := refusedBy(t, other)
			require.Equal(t, "first", occupied.Key)
			require.True(t, occupied.Standalone)
			require.ErrorContains(t, occupied, `the standalone node "first" runs app "lab": stop it first`)
		}
		runs := len(l.Runs(id))
		l.UntilRuns(id, runs+3)
		require.Empty(t, l.Events(observe.LeaseLost))
		require.NoError(t, first.Stop(t.Context()))

		l.Start(lab.As("node"))
		occupied := refusedBy(t, l.Launch(lab.As("second"), alone))
		require.Equal(t, "node", occupied.Key)
		require.NotEmpty(t, occupied.Host)
		require.ErrorContains(t, occupied, `app "lab" has the live node "node" on host`)
	})
}

// Once its lease is over, a standalone node is replaced: by another one, or by a
// cluster; and so is a cluster by a standalone node.
func TestADeadStandaloneNodeIsReplaced(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		gate := lab.NewGate()
		before := l.Start(lab.As("before"), alone, short, lab.Running(l.Handlers(gate.Wait)))
		id := l.ExecuteOf(l.Job(), client.Now(), client.Recover())
		l.UntilRuns(id, 1)
		cut := func(n *lab.Node) {
			lost := len(l.Events(observe.LeaseLost))
			n.Pool.Cut()
			l.UntilEvents(observe.LeaseLost, lost+1) // none of its heartbeats is under way any more
		}
		cut(before)
		after := l.Start(lab.As("after"), alone, short)
		row := l.UntilState(id, schema.Complete)
		require.Equal(t, schema.Succeeded, row.LastState)
		runs := l.Runs(id)
		require.Len(t, runs, 2)
		require.Equal(t, "after", runs[1].Node)
		require.Equal(t, 2, runs[1].Attempt)
		before.Pool.Mend()
		<-before.Done()
		var occupied *core.OccupiedError
		require.ErrorAs(t, before.Stop(context.Background()), &occupied)
		require.Equal(t, "after", occupied.Key)

		cut(after)
		node := l.Start(lab.As("node"), short)
		untilMaster(t, l, "node")
		cut(node)
		last := l.Start(lab.As("last"), alone, short)
		require.Empty(t, l.NodeRows())
		l.UntilState(l.Execute(client.Now()), schema.Complete)
		node.Pool.Mend()
		after.Pool.Mend()
		<-node.Done()
		<-after.Done()
		var removed []string
		for _, e := range schema.Events(l.AppRow().Events) {
			if e.Kind == schema.EventRemoved {
				removed = append(removed, e.Node)
			}
		}
		require.Equal(t, []string{"before", "after", "node"}, removed)
		require.NoError(t, last.Stop(t.Context()))
	})
}

// Whoever takes the application's row from it ends its lease.
func TestAStandaloneNodeWhoseLeaseIsTaken(t *testing.T) {
	lab.Each(t, func(_ *testing.T, l *lab.Lab) {
		l.Start(lab.As("single"), alone)
		id := l.Execute(client.Every(100 * time.Millisecond))
		fence := l.UntilRuns(id, 1)[0].Fence
		l.Exec(1, "UPDATE QRTZ_APP SET MASTER = NULL WHERE APPLICATION = ?", lab.App)
		l.UntilEvents(observe.LeaseLost, 1)
		l.Until(func() bool { return l.AppRow().Master < -fence }, "it registers again under a new id")
		l.Until(func() bool { // what began before may be recorded afterwards
			runs := l.Runs(id)
			return runs[len(runs)-1].Fence > fence
		}, "it runs under the new id")
	})
}

// Nodes on a SQLite file are on one host.
func TestSQLiteIsForOneHost(t *testing.T) {
	lab.EachKind(t, func(t *testing.T, kind testdb.Kind) {
		l := lab.New(t, kind)
		l.Exec(1, `INSERT INTO QRTZ_NODE (APPLICATION, HOST_IP, HOST_NAME, STATE, TIME_CHECK, NODE_ID, HANDLERS)
			VALUES (?, 'far', 'another-host', 'Y', {now}, 5, '[]')`, lab.App)
		over := make(chan struct{})
		beating := make(chan struct{})
		go func() {
			defer close(beating)
			for {
				select {
				case <-over:
					return
				case <-time.After(50 * time.Millisecond):
					_, _ = l.SQL.Exec(context.Background(), "UPDATE QRTZ_NODE SET BEAT = BEAT + 1, TIME_CHECK = {now} WHERE NODE_ID = 5")
				}
			}
		}()
		n := l.Launch(lab.As("near"))
		if kind == testdb.SQLite {
			occupied := refusedBy(t, n)
			require.True(t, occupied.SQLite)
			require.ErrorContains(t, occupied, `node "far" of app "lab" is on host "another-host": a SQLite file is for the processes of one host`)
		} else {
			<-n.Ready()
		}
		close(over)
		<-beating
	})
}
