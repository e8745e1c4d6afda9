package enginetest

import (
	"context"
	"encoding/json"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/core"
	"github.com/quartz-cluster/quartz/core/observe"
	"github.com/quartz-cluster/quartz/integration/internal/lab"
	"github.com/quartz-cluster/quartz/integration/internal/testdb"
	"github.com/quartz-cluster/quartz/internal/sqldb"
	"github.com/quartz-cluster/quartz/schema"
)

func nodeRow(t *testing.T, l *lab.Lab, key string) schema.Node {
	t.Helper()
	for _, n := range l.NodeRows() {
		if n.Key == key {
			return n
		}
	}
	require.Fail(t, "there is no such node", key)
	return schema.Node{}
}

// order puts a command into a node's row.
func order(t *testing.T, l *lab.Lab, key string, c schema.Command) {
	t.Helper()
	text, err := json.Marshal(c)
	require.NoError(t, err)
	l.Exec(1, "UPDATE QRTZ_NODE SET COMMAND = ? WHERE APPLICATION = ? AND HOST_IP = ?", string(text), lab.App, key)
}

// answered waits for the answer to a command.
func answered(t *testing.T, l *lab.Lab, key, id string) schema.Ack {
	t.Helper()
	var ack schema.Ack
	l.Until(func() bool {
		ack = schema.Ack{}
		return json.Unmarshal([]byte(nodeRow(t, l, key).CommandAck), &ack) == nil && ack.ID == id
	}, "%s answered command %s", key, id)
	require.Empty(t, nodeRow(t, l, key).Command, "cleared in the same statement")
	return ack
}

func TestANodeAnswersCommands(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		l.Start(lab.As("key"))
		before := l.Now()
		order(t, l, "key", schema.Command{ID: "one", Verb: schema.Ping, By: "ada"})
		ack := answered(t, l, "key", "one")
		require.Equal(t, schema.Ping, ack.Verb)
		require.Empty(t, ack.Error)
		require.GreaterOrEqual(t, ack.At, before.UnixMilli())
		require.LessOrEqual(t, ack.At, l.Now().UnixMilli())

		order(t, l, "key", schema.Command{ID: "two", Verb: "DANCE"})
		require.Contains(t, answered(t, l, "key", "two").Error, `"DANCE" is no verb`)
		order(t, l, "key", schema.Command{ID: strings.Repeat("ü", 300), Verb: schema.Ping})
		answered(t, l, "key", strings.Repeat("ü", 100))
		l.Exec(1, "UPDATE QRTZ_NODE SET COMMAND = 'reboot' WHERE HOST_IP = 'key'")
		require.Contains(t, answered(t, l, "key", "").Error, "not a command")

		var answers []string
		l.Until(func() bool {
			answers = nil
			for _, e := range schema.Events(l.AppRow().Events) {
				if e.Kind == schema.EventAnswer {
					answers = append(answers, e.By+" "+e.Node+" "+e.Text)
				}
			}
			return len(answers) == 4
		}, "the answers are among the app's events")
		require.Equal(t, "ada key PING", answers[0])
		require.Contains(t, answers[1], "DANCE: ")
	})
}

// What a drained node has goes on, and it stays; it claims nothing until it is
// told to rejoin.
func TestADrainedNodeClaimsNothing(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		gate := lab.NewGate()
		n := l.Start(lab.As("key"), lab.Running(l.Handlers(gate.Wait)))
		running := l.Execute(client.Now())
		l.UntilRuns(running, 1)
		order(t, l, "key", schema.Command{ID: "1", Verb: schema.Drain, By: "ada"})
		require.Empty(t, answered(t, l, "key", "1").Error)
		require.Equal(t, "by ada", l.UntilEvents(observe.Drained, 1)[0].Reason)
		waiting := l.Execute(client.Now())
		n.Beats(2)
		l.Passes(2)
		row := nodeRow(t, l, "key")
		require.Zero(t, row.Capacity, "its peers are told")
		require.Equal(t, 1, row.Running)
		require.Empty(t, l.Runs(waiting))
		gate.Open()
		l.UntilState(running, schema.Complete)
		l.Passes(2)
		require.Empty(t, l.Runs(waiting))

		order(t, l, "key", schema.Command{ID: "2", Verb: schema.Drain})
		answered(t, l, "key", "2")
		require.Len(t, l.Events(observe.Drained), 1, "it was drained already")
		order(t, l, "key", schema.Command{ID: "3", Verb: schema.Rejoin})
		require.Empty(t, answered(t, l, "key", "3").Error)
		l.UntilState(waiting, schema.Complete)
		require.Len(t, l.UntilEvents(observe.Rejoined, 1), 1)
		l.Until(func() bool { return nodeRow(t, l, "key").Capacity == 10 }, "it offers its slots again")
	})
}

// The other nodes take over at once, and a drain outlasts the registration.
func TestPeersTakeOverFromADrainedNode(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		l.Start(lab.As("drained"))
		l.Start(lab.As("other"))
		order(t, l, "drained", schema.Command{ID: "1", Verb: schema.Drain})
		answered(t, l, "drained", "1")
		fence := nodeRow(t, l, "drained").NodeID
		require.NoError(t, l.Client.DeleteNode(t.Context(), lab.App, "drained"))
		l.Until(func() bool { return len(l.LiveNodes()) == 2 }, "it registered again")
		require.Greater(t, nodeRow(t, l, "drained").NodeID, fence)
		require.Zero(t, nodeRow(t, l, "drained").Capacity)
		var ids []int64
		for range 2 * schema.Shards {
			ids = append(ids, l.Execute(client.Now()))
		}
		for _, id := range ids {
			l.UntilState(id, schema.Complete)
			require.Equal(t, "other", l.Runs(id)[0].Node)
		}
	})
}

func TestAnOperatorStopsANode(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		gate := lab.NewGate()
		n := l.Start(lab.As("key"), patient, lab.Running(l.Handlers(gate.Wait)))
		id := l.Execute(client.Now())
		l.UntilRuns(id, 1)
		order(t, l, "key", schema.Command{ID: "1", Verb: schema.Halt, By: "ada"})
		require.Equal(t, "by ada", l.UntilEvents(observe.StopOrdered, 1)[0].Reason)
		require.Empty(t, answered(t, l, "key", "1").Error, "before it leaves")
		order(t, l, "key", schema.Command{ID: "2", Verb: schema.Rejoin})
		require.Equal(t, "the node is stopping", answered(t, l, "key", "2").Error)
		order(t, l, "key", schema.Command{ID: "3", Verb: schema.Drain})
		require.Empty(t, answered(t, l, "key", "3").Error)
		gate.Open()
		<-n.Done()
		require.NoError(t, n.Stop(context.Background()))
		require.Equal(t, schema.Succeeded, l.Row(id).LastState)
		require.Empty(t, l.NodeRows())
		events := schema.Events(l.AppRow().Events)
		require.Equal(t, schema.EventLeft, events[len(events)-1].Kind)
		require.Equal(t, "key", events[len(events)-1].Node)
	})
}

// A stop by an operator says what it leaves behind, as any other.
func TestAnOperatorsStopReturnsTheError(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		gate := lab.NewGate()
		defer gate.Open()
		config := l.Config()
		config.NodeKey, config.StopTimeout, config.StopGrace = "key", 50*time.Millisecond, 50*time.Millisecond
		config.Handlers = l.Handlers(func(context.Context, *core.Fire) error { <-gate.Opened(); return nil })
		node, err := core.New(l.DB.Gorm, config)
		require.NoError(t, err)
		ended := make(chan error)
		go func() { ended <- node.Run(context.Background()) }()
		<-node.Ready()
		l.UntilRuns(l.Execute(client.Now()), 1)
		order(t, l, "key", schema.Command{ID: "1", Verb: schema.Halt})
		var left *core.StopError
		require.ErrorAs(t, <-ended, &left)
		require.Len(t, left.Running, 1)
	})
}

// A command to a registration that is gone is not for the next one.
func TestACommandIsForOneRegistration(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		_, err := l.Client.AddNode(t.Context(), client.Node{App: lab.App, Key: "key", Paused: true})
		require.NoError(t, err)
		order(t, l, "key", schema.Command{ID: "1", Verb: schema.Halt})
		n := l.Start(lab.As("key"))
		n.Beats(3)
		require.Empty(t, l.Events(observe.StopOrdered))
		row := nodeRow(t, l, "key")
		require.Empty(t, row.Command)
		require.Empty(t, row.CommandAck)
	})
}

// In maintenance nothing is claimed, and each node confirms once it is idle.
func TestMaintenance(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		gate := lab.NewGate()
		busy := l.Start(lab.As("busy"), lab.Running(l.Handlers(gate.Wait)))
		running := l.Execute(client.Now())
		l.UntilRuns(running, 1)
		l.Start(lab.As("idle"))
		maintain := func(to string) int64 {
			l.Exec(1, "UPDATE QRTZ_APP SET MAINTENANCE = ?, VERSION = VERSION + 1 WHERE APPLICATION = ?", to, lab.App)
			return l.AppRow().Version
		}
		seen := func(key string) int64 { return nodeRow(t, l, key).AppSeen }
		version := maintain("Y")
		l.Until(func() bool { return seen("idle") == version }, "the idle node confirms")
		waiting := l.Execute(client.Now())
		busy.Beats(3)
		require.Less(t, seen("busy"), version, "it still runs something")
		gate.Open()
		l.Until(func() bool { return seen("busy") == version }, "the other confirms, too")
		require.Equal(t, schema.Succeeded, l.Row(running).LastState, "its outcome is written by then")
		require.Len(t, l.UntilEvents(observe.Quiesced, 2), 2)
		late := l.Start(lab.As("late"))
		l.Until(func() bool { return seen("late") == version }, "and so does whoever joins")
		late.Beats(2)
		require.Empty(t, l.Runs(waiting))

		maintain("N")
		l.UntilState(waiting, schema.Complete)
		l.UntilEvents(observe.Resumed, 3)
		l.Until(func() bool { return seen("idle") == version+1 }, "what is not maintenance is confirmed when it is heard")
	})
}

// A node does not confirm while an outcome is not written.
func TestMaintenanceWaitsForOutcomes(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		n := l.Start(lab.As("key"))
		var away atomic.Bool
		away.Store(true)
		n.Pool.Hook(lab.Complete, lab.Hook{Before: func(string, []any) error {
			if away.Load() {
				return lab.ErrInjected
			}
			return nil
		}})
		id := l.Execute(client.Now())
		l.Until(func() bool { return len(l.Runs(id)) == 1 && l.Runs(id)[0].Done }, "it ran")
		l.Exec(1, "UPDATE QRTZ_APP SET MAINTENANCE = 'Y', VERSION = VERSION + 1 WHERE APPLICATION = ?", lab.App)
		n.Beats(4)
		version := l.AppRow().Version
		require.Less(t, nodeRow(t, l, "key").AppSeen, version)
		away.Store(false)
		l.Until(func() bool { return nodeRow(t, l, "key").AppSeen == version }, "it confirms")
		require.NotZero(t, l.Row(id).FireCount)
	})
}

// Whoever's clock is too far off claims nothing, says so once, and once that it
// is over.
func TestANodeWhoseClockIsWrong(t *testing.T) {
	lab.EachKind(t, func(t *testing.T, kind testdb.Kind) {
		var ahead atomic.Int64
		ahead.Store(time.Hour.Milliseconds())
		l := lab.NewAt(t, kind, sqldb.Clock(func() int64 { return time.Now().UnixMilli() + ahead.Load() }))
		strict := l.Start(lab.As("strict"), lab.With(func(c *core.Config) { c.MaxSkew = 5 * time.Minute }))
		id := l.Execute(client.Now())
		e := l.UntilEvents(observe.ClockSkewed, 1)[0]
		require.InDelta(t, -time.Hour, e.Late, float64(time.Minute))
		strict.Beats(4)
		require.Empty(t, l.Runs(id))
		require.InDelta(t, -time.Hour.Milliseconds(), nodeRow(t, l, "strict").Skew, float64(time.Minute.Milliseconds()))
		ahead.Store(0)
		l.Exec(1, "UPDATE QRTZ_EXECUTE SET START_TIME = {now}, NEXT_FIRE_TIME = {now} WHERE ID = ?", id)
		l.UntilState(id, schema.Complete)
		require.Len(t, l.Events(observe.ClockSkewed), 1)
		require.Len(t, l.UntilEvents(observe.ClockGood, 1), 1)
		require.Empty(t, l.Events(observe.LeaseLost))
	})
}

// Without a limit, skew is measured and harms nothing.
func TestSkewWithoutALimit(t *testing.T) {
	lab.EachKind(t, func(t *testing.T, kind testdb.Kind) {
		l := lab.NewAt(t, kind, sqldb.Clock(func() int64 { return time.Now().Add(-time.Hour).UnixMilli() }))
		l.Start(lab.As("key"))
		l.UntilState(l.Execute(client.Now()), schema.Complete)
		l.Until(func() bool { return nodeRow(t, l, "key").Skew > 3_500_000 }, "it is in the node's row")
		require.Empty(t, l.Events(observe.ClockSkewed))
	})
}
