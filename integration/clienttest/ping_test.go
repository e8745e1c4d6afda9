package clienttest

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/schema"
)

func (f *fixture) eventually(holds func() bool) {
	f.Helper()
	require.Eventually(f, holds, time.Minute, 20*time.Millisecond)
}

func TestPingOfAllNodes(t *testing.T) {
	each(t, func(f *fixture) {
		for i, key := range []string{"a", "b", "busy", "refuses", "silent"} {
			f.register(key, node+int64(i))
		}
		_, err := f.AddNode(f.ctx, client.Node{App: "billing", Key: "idle"})
		require.NoError(f, err)
		const theirs = `{"id":"theirs","verb":"DRAIN"}`
		f.exec("UPDATE QRTZ_NODE SET COMMAND = ? WHERE HOST_IP = 'busy'", theirs)
		var asked []schema.Command
		f.answers("a", func(c schema.Command) bool {
			asked = append(asked, c)
			return f.ack("a", c, "")
		})
		ctx, stop := context.WithCancel(client.WithActor(f.ctx, "alice"))
		defer stop()
		f.answers("b", func(c schema.Command) bool { return f.ack("b", c, "") })
		f.answers("refuses", func(c schema.Command) bool { return f.ack("refuses", c, "not now") })
		done := make(chan []client.NodeAnswer, 1)
		go func() {
			answers, err := f.PingNodes(ctx, "billing")
			if err != nil {
				f.Errorf("ping: %v", err)
			}
			done <- answers
		}()
		// The others have answered when this is over.
		for _, key := range []string{"a", "b", "refuses"} {
			f.eventually(func() bool { return f.nodeRow(key).CommandAck != "" })
		}
		f.eventually(func() bool { return f.nodeRow("silent").Command != "" })
		stop()
		answers := <-done
		var keys []string
		for _, a := range answers {
			keys = append(keys, a.Key)
		}
		require.Equal(f, []string{"a", "b", "busy", "refuses", "silent"}, keys)
		for i, at := range []int{0, 1} {
			require.Empty(f, answers[at].Error)
			require.Positive(f, answers[at].Answer.RoundTrip)
			require.Equal(f, client.Answer{NodeID: client.ID(node + i), At: noon, RoundTrip: answers[at].Answer.RoundTrip}, *answers[at].Answer)
		}
		for at, why := range map[int]string{2: "did not answer PING within", 3: "not now", 4: "did not answer PING within"} {
			require.Nil(f, answers[at].Answer)
			require.Contains(f, answers[at].Error, why)
		}
		require.Empty(f, f.nodeRow("silent").Command, "it was taken back")
		require.JSONEq(f, theirs, f.nodeRow("busy").Command, "it is not ours to take back")
		require.Len(f, asked, 1)
		require.Equal(f, schema.Command{ID: asked[0].ID, Verb: schema.Ping, By: "alice"}, asked[0])
		events, err := f.Events(f.ctx, "billing")
		require.NoError(f, err)
		require.Equal(f, []client.AppEvent{{At: noon, Kind: schema.EventCommand, By: "alice", Text: "PING to all nodes"}}, events)
	})
}

func TestPingOfANodeThatLeaves(t *testing.T) {
	each(t, func(f *fixture) {
		f.register("a", node)
		f.answers("a", func(schema.Command) bool {
			_, err := f.sql.Exec(f.ctx, "UPDATE QRTZ_NODE SET NODE_ID = NODE_ID + 1, COMMAND = NULL WHERE HOST_IP = 'a'") // another process takes the key
			if err != nil {
				f.Errorf("leave: %v", err)
			}
			return false
		})
		answers, err := f.PingNodes(f.ctx, "billing")
		require.NoError(f, err)
		require.Len(f, answers, 1)
		require.Nil(f, answers[0].Answer)
		require.Contains(f, answers[0].Error, "it left before it answered")
	})
}

func TestPingOfNobody(t *testing.T) {
	each(t, func(f *fixture) {
		answers, err := f.PingNodes(f.ctx, "billing")
		require.NoError(f, err)
		require.Empty(f, answers)
		_, err = f.PingNodes(f.ctx, "nowhere")
		require.ErrorIs(f, err, client.ErrNotFound)
		events, err := f.Events(f.ctx, "billing")
		require.NoError(f, err)
		require.Empty(f, events)
	})
}

// A node whose earlier command is answered meanwhile is asked then.
func TestPingWaitsForTheCommandBefore(t *testing.T) {
	each(t, func(f *fixture) {
		f.register("a", node)
		f.exec("UPDATE QRTZ_NODE SET COMMAND = ? WHERE HOST_IP = 'a'", `{"id":"theirs","verb":"DRAIN"}`)
		var seen []schema.Verb
		f.answers("a", func(c schema.Command) bool {
			seen = append(seen, c.Verb)
			return f.ack("a", c, "") && len(seen) < 2
		})
		answers, err := f.PingNodes(f.ctx, "billing")
		require.NoError(f, err)
		require.Len(f, answers, 1)
		require.NotNil(f, answers[0].Answer, answers[0].Error)
		require.Equal(f, []schema.Verb{schema.Drain, schema.Ping}, seen)
	})
}
