package store

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/schema"
)

// An election names the master and the epoch as they were read, and who may be
// master at all.
func TestAnElectionNamesWhatItWasDecidedBy(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for name, change := range map[string]string{
		"another master": "UPDATE QRTZ_APP SET MASTER = 4711",
		"another epoch":  "UPDATE QRTZ_APP SET MASTER_EPOCH = MASTER_EPOCH + 1",
		"no app":         "DELETE FROM QRTZ_APP",
		"gone":           "DELETE FROM QRTZ_NODE",
		"left":           "UPDATE QRTZ_NODE SET NODE_ID = NULL",
		"another":        "UPDATE QRTZ_NODE SET NODE_ID = NODE_ID + 1",
		"paused":         "UPDATE QRTZ_NODE SET STATE = 'N'",
		"drained":        "UPDATE QRTZ_NODE SET CAPACITY = 0",
		"barred":         "UPDATE QRTZ_NODE SET BARRED = 'Y'",
		"barred itself":  "UPDATE QRTZ_NODE SET BARRED = 'C'",
	} {
		b.reset()
		c, err := b.Cluster(t.Context())
		require.NoError(t, err)
		b.exec(change)
		elected, err := b.Elect(t.Context(), c, c.Peers[0], "test")
		require.NoError(t, err)
		require.False(t, elected, name)
	}
	b.reset()
	c, err := b.Cluster(t.Context())
	require.NoError(t, err)
	elected, err := b.Elect(t.Context(), c, c.Peers[0], "test")
	require.NoError(t, err)
	require.True(t, elected)
	again, err := b.Elect(t.Context(), c, c.Peers[0], "test")
	require.NoError(t, err)
	require.False(t, again, "once")
	c, err = b.Cluster(t.Context())
	require.NoError(t, err)
	require.Equal(t, b.node.NodeID, c.Master)
	require.EqualValues(t, 1, c.MasterEpoch)

	elected, err = b.Elect(t.Context(), c, Peer{}, "nobody")
	require.NoError(t, err)
	require.True(t, elected)
	c, err = b.Cluster(t.Context())
	require.NoError(t, err)
	require.Zero(t, c.Master)
	require.EqualValues(t, 2, c.MasterEpoch)
}

// An answer names the command and the registration that it was for.
func TestAnAnswerNamesItsCommand(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	other := Registration{Key: b.node.Key, NodeID: b.node.NodeID + 1}
	b.exec("UPDATE QRTZ_NODE SET COMMAND = 'one'")
	for _, try := range []struct {
		reg     Registration
		command string
		want    bool
	}{{b.node, "two", false}, {other, "one", false}, {b.node, "one", true}, {b.node, "one", false}} {
		answered, err := b.Answer(t.Context(), try.reg, try.command, "ack")
		require.NoError(t, err)
		require.Equal(t, try.want, answered)
	}
	c, err := b.Cluster(t.Context())
	require.NoError(t, err)
	require.Empty(t, c.Peers[0].Command)
}

func TestEventsAreKeptInOrder(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	require.NoError(t, b.AddEvent(t.Context(), schema.AppEvent{Kind: schema.EventLeft, Node: "a"}))
	b.clock += schema.EventAge.Milliseconds() / 2
	require.NoError(t, b.AddEvent(t.Context(), schema.AppEvent{Kind: schema.EventLeft, Node: "b"}))
	read := func() (nodes []string) {
		var text string
		_, err := b.db.One(t.Context(), []any{&text}, "SELECT EVENTS FROM QRTZ_APP")
		require.NoError(t, err)
		for _, e := range schema.Events(text) {
			nodes = append(nodes, e.Node)
		}
		return nodes
	}
	require.Equal(t, []string{"node", "a", "b"}, read())
	b.clock += schema.EventAge.Milliseconds()/2 + 1
	require.NoError(t, b.AddEvent(t.Context(), schema.AppEvent{Kind: schema.EventLeft, Node: "c"}))
	require.Equal(t, []string{"b", "c"}, read())
}
