package enginetest

import (
	"context"
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

// masterOf returns the key of the app's master, empty for none.
func masterOf(l *lab.Lab) string {
	id := l.AppRow().Master
	for _, n := range l.NodeRows() {
		if id != 0 && n.NodeID == id {
			return n.Key
		}
	}
	return ""
}

func untilMaster(t *testing.T, l *lab.Lab, key string) {
	t.Helper()
	l.Until(func() bool { return masterOf(l) == key }, "the master is %q", key)
}

// electedKeys returns whom the app's events call elected, in order.
func electedKeys(l *lab.Lab) []string {
	var keys []string
	for _, e := range schema.Events(l.AppRow().Events) {
		if e.Kind == schema.EventElected {
			keys = append(keys, e.Node)
		}
	}
	return keys
}

func TestTheOldestNodeIsMaster(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		first := l.Start(lab.As("first"))
		untilMaster(t, l, "first")
		l.Nodes(2)
		l.Passes(3)
		app := l.AppRow()
		require.EqualValues(t, 1, app.MasterEpoch, "whoever joins changes nothing")
		require.NoError(t, first.Stop(context.Background()))
		untilMaster(t, l, "node-2")
		require.EqualValues(t, 2, l.AppRow().MasterEpoch)
		require.Equal(t, []string{"first", "node-2"}, electedKeys(l))
		told := l.UntilEvents(observe.MasterChanged, 2)
		require.Equal(t, "first", told[0].Peer)
		require.EqualValues(t, 2, told[1].Count)
		require.Equal(t, "node-2", told[1].Peer)
	})
}

// A dead master is replaced by the very pass that removes it.
func TestADeadMasterIsReplacedAtOnce(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		dying := l.Start(lab.As("dying"), short)
		untilMaster(t, l, "dying")
		living := l.Start(lab.As("living"), short)
		dying.Pool.Cut()
		untilMaster(t, l, "living")
		l.UntilEvents(observe.MasterChanged, 2)
		var seen []observe.Kind
		for _, e := range l.Events(observe.NodeRemoved, observe.MasterChanged, observe.PassDone) {
			if e.Node == living.Key() {
				seen = append(seen, e.Kind)
			}
		}
		i := slices.Index(seen, observe.NodeRemoved)
		require.GreaterOrEqual(t, i, 0)
		require.Equal(t, observe.MasterChanged, seen[i+1])
		var kinds []string
		for _, e := range schema.Events(l.AppRow().Events) {
			kinds = append(kinds, e.Kind+" "+e.Node)
		}
		require.Equal(t, []string{"joined dying", "elected dying", "joined living", "removed dying", "elected living"}, kinds)
		dying.Pool.Mend()
	})
}

func TestAnOperatorPrefersAMaster(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		l.Start(lab.As("first"))
		second := l.Start(lab.As("second"))
		untilMaster(t, l, "first")
		l.Exec(1, "UPDATE QRTZ_APP SET MASTER_PREFER = 'second', VERSION = VERSION + 1 WHERE APPLICATION = ?", lab.App)
		untilMaster(t, l, "second")
		require.NoError(t, second.Stop(context.Background()))
		untilMaster(t, l, "first")
		l.Start(lab.As("second"))
		untilMaster(t, l, "second")
	})
}

// Who is barred, paused or drained is not master, and without a candidate there
// is none.
func TestWhoMayNotBeMaster(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		l.Start(lab.As("first"))
		l.Start(lab.As("second"))
		for _, c := range []struct{ unfit, fit string }{
			{"UPDATE QRTZ_NODE SET BARRED = 'Y' WHERE HOST_IP = ?", "UPDATE QRTZ_NODE SET BARRED = NULL WHERE HOST_IP = ?"},
			{"UPDATE QRTZ_NODE SET STATE = 'N' WHERE HOST_IP = ?", "UPDATE QRTZ_NODE SET STATE = 'Y' WHERE HOST_IP = ?"},
			{
				`UPDATE QRTZ_NODE SET COMMAND = '{"id":"1","verb":"DRAIN"}' WHERE HOST_IP = ?`,
				`UPDATE QRTZ_NODE SET COMMAND = '{"id":"2","verb":"REJOIN"}' WHERE HOST_IP = ?`,
			},
		} {
			untilMaster(t, l, "first")
			l.Exec(1, c.unfit, "first")
			untilMaster(t, l, "second")
			l.Exec(1, c.unfit, "second")
			l.Until(func() bool { return l.AppRow().Master == 0 }, "nobody is left")
			l.Exec(1, c.fit, "second")
			untilMaster(t, l, "second")
			l.Exec(1, c.fit, "first")
		}
		untilMaster(t, l, "first")
	})
}

// An operator's bar stays with the key, as a pause does.
func TestABarStaysWithTheKey(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		n := l.Start(lab.As("key"))
		l.Exec(1, "UPDATE QRTZ_NODE SET BARRED = 'Y' WHERE HOST_IP = 'key'")
		require.NoError(t, n.Stop(context.Background()))
		rows := l.NodeRows()
		require.Len(t, rows, 1)
		require.Zero(t, rows[0].NodeID)
		require.Equal(t, schema.On, rows[0].Barred)
		l.Nodes(2, lab.As("key"))
		l.Passes(2)
		require.Zero(t, l.AppRow().Master)
		for _, row := range l.NodeRows() {
			require.Equal(t, schema.On, row.Barred, row.Key)
		}
	})
}

// What a node's own configuration bars goes with its registration, and no
// operator lifts it.
func TestANodeThatIsNeverMaster(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		n := l.Start(lab.As("key"), lab.With(func(c *core.Config) { c.NeverMaster = true }))
		l.Passes(2)
		require.Zero(t, l.AppRow().Master)
		l.Exec(1, "UPDATE QRTZ_NODE SET BARRED = 'Y' WHERE HOST_IP = 'key'")
		n.Beats(1)
		require.Equal(t, schema.On, l.NodeRows()[0].Barred, "an operator's word stays")
		l.Exec(1, "UPDATE QRTZ_NODE SET BARRED = NULL WHERE HOST_IP = 'key'")
		l.Until(func() bool { return l.NodeRows()[0].Barred == schema.BarredItself }, "it is barred by itself again")
		l.Until(func() bool { return l.AppRow().Master == 0 }, "it is not master")
		require.NoError(t, n.Stop(context.Background()))
		require.Empty(t, l.NodeRows())
		l.Start(lab.As("key"))
		untilMaster(t, l, "key")
	})
}

// The user's own strategy decides, and what it does wrong harms nothing.
func TestAnElectorOfTheUsers(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		byLabel := lab.With(func(c *core.Config) {
			c.Elector = core.ElectorFunc(func(candidates []core.Candidate, _ string) string {
				for _, c := range candidates {
					if slices.Contains(c.Labels, "leader") {
						return c.Key
					}
				}
				if len(candidates) == 1 {
					panic("nobody to choose from")
				}
				return "somebody else"
			})
		})
		l.Start(lab.As("first"), byLabel)
		untilMaster(t, l, "first")
		l.Until(func() bool {
			return slices.ContainsFunc(l.Events(observe.Trouble), func(e observe.Event) bool {
				return e.Err != nil && e.Err.Error() == "the elector panicked: nobody to choose from"
			})
		}, "the panic was told")
		l.Start(lab.As("second"), byLabel)
		l.Until(func() bool {
			return slices.ContainsFunc(l.Events(observe.Trouble), func(e observe.Event) bool {
				return e.Err != nil && e.Err.Error() == `the elector chose "somebody else", which is no candidate`
			})
		}, "the wrong choice was told")
		require.Equal(t, "first", masterOf(l))
		l.Start(lab.As("third"), byLabel, lab.With(func(c *core.Config) { c.Labels = []string{"leader"} }))
		untilMaster(t, l, "third")
	})
}

// At most one node of an app is master at any time, whatever becomes of them.
func TestEveryChangeOfTheMasterCounts(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		nodes := l.Nodes(3)
		id := l.Execute(client.Every(100 * time.Millisecond))
		for i, n := range nodes[:2] {
			untilMaster(t, l, n.Key())
			require.EqualValues(t, i+1, l.AppRow().MasterEpoch)
			require.NoError(t, n.Stop(context.Background()))
		}
		untilMaster(t, l, nodes[2].Key())
		require.EqualValues(t, 3, l.AppRow().MasterEpoch)
		l.UntilRuns(id, 3)
	})
}
