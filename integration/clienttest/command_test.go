package clienttest

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/internal/sqldb"
	"github.com/quartz-cluster/quartz/schema"
)

// register makes a live node of a key.
func (f *fixture) register(key string, id int64) {
	f.Helper()
	_, err := f.AddNode(f.ctx, client.Node{App: "billing", Key: key})
	require.NoError(f, err)
	f.exec("UPDATE QRTZ_NODE SET NODE_ID = ?, CAPACITY = 100, TIME_CHECK = ?, TIME_START = ? WHERE HOST_IP = ?", id, f.now.Load(), f.now.Load(), key)
}

func (f *fixture) nodeRow(key string) schema.Node {
	f.Helper()
	var row schema.Node
	found, err := f.sql.One(f.ctx, sqldb.Dest(&row), "SELECT "+sqldb.Columns[schema.Node]("")+" FROM QRTZ_NODE WHERE HOST_IP = ?", key)
	require.NoError(f, err)
	require.True(f, found)
	return row
}

// answers makes the node of a key do something with each command that it finds,
// until the test is over or did is false.
func (f *fixture) answers(key string, did func(c schema.Command) bool) {
	f.Helper()
	ctx, stop := context.WithCancel(f.ctx)
	done := make(chan struct{})
	f.Cleanup(func() { stop(); <-done })
	go func() {
		defer close(done)
		look := time.NewTicker(10 * time.Millisecond)
		defer look.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-look.C:
			}
			var text string
			_, err := f.sql.One(ctx, []any{sqldb.Null(&text)}, "SELECT COMMAND FROM QRTZ_NODE WHERE HOST_IP = ?", key)
			if err != nil || text == "" {
				continue
			}
			var c schema.Command
			if err := json.Unmarshal([]byte(text), &c); err != nil {
				f.Errorf("command %q: %v", text, err)
			}
			if !did(c) {
				return
			}
		}
	}()
}

// ack answers a command as a node does.
func (f *fixture) ack(key string, c schema.Command, refusal string) bool {
	text, err := json.Marshal(schema.Ack{ID: c.ID, Verb: c.Verb, At: f.now.Load(), Error: refusal})
	if err == nil {
		_, err = f.sql.Exec(f.ctx, "UPDATE QRTZ_NODE SET COMMAND = NULL, COMMAND_ACK = ? WHERE HOST_IP = ?", string(text), key)
	}
	if err != nil && f.ctx.Err() == nil { // the test may be over as soon as the answer is there
		f.Errorf("answer: %v", err)
	}
	return true
}

type commandCall func(ctx context.Context, app, key string) (*client.Answer, error)

func verbs(c *client.Client) map[schema.Verb]commandCall {
	return map[schema.Verb]commandCall{
		schema.Ping: c.PingNode, schema.Drain: c.DrainNode, schema.Rejoin: c.RejoinNode, schema.Halt: c.StopNode,
	}
}

func TestCommandsAreAnsweredByTheNode(t *testing.T) {
	each(t, func(f *fixture) {
		f.register("a", node)
		f.register("b", node+1)
		f.answers("a", func(c schema.Command) bool { return f.ack("a", c, "") })
		version := f.count("SELECT VERSION FROM QRTZ_APP")
		for _, verb := range schema.Verbs {
			before, err := f.Events(f.ctx, "billing")
			require.NoError(f, err)
			answer, err := verbs(f.As("alice"))[verb](f.ctx, "billing", "a")
			require.NoError(f, err)
			require.Positive(f, answer.RoundTrip)
			require.Equal(f, client.Answer{NodeID: node, At: noon, RoundTrip: answer.RoundTrip}, *answer)
			events, err := f.Events(f.ctx, "billing")
			require.NoError(f, err)
			said := client.AppEvent{At: noon, Kind: schema.EventCommand, Node: "a", NodeID: node, By: "alice", Text: string(verb)}
			require.Equal(f, said, events[len(events)-1])
			require.Len(f, events, len(before)+1)
		}
		require.Empty(f, f.nodeRow("b").CommandAck)
		require.Equal(f, version, f.count("SELECT VERSION FROM QRTZ_APP"), "a command is no edit of the app")
	})
}

func TestNodeThatDoesNotAnswer(t *testing.T) {
	each(t, func(f *fixture) {
		f.register("a", node)
		ctx, cancel := context.WithTimeout(f.ctx, shortly)
		defer cancel()
		_, err := f.PingNode(ctx, "billing", "a")
		var silent *client.NoAnswerError
		require.ErrorAs(f, err, &silent)
		require.ErrorIs(f, err, context.DeadlineExceeded)
		require.Equal(f, []string{"a"}, silent.Nodes)
		require.Equal(f, schema.Ping, silent.Verb)
		require.Empty(f, f.nodeRow("a").Command, "it was taken back")

		// Nor within the client's own limit on a call.
		_, err = f.another(client.Config{CallTimeout: shortly}).DrainNode(f.ctx, "billing", "a")
		require.ErrorAs(f, err, &silent)
		require.Empty(f, f.nodeRow("a").Command)
	})
}

func TestCommandWaitsForTheOneBefore(t *testing.T) {
	each(t, func(f *fixture) {
		f.register("a", node)
		const theirs = `{"id":"theirs","verb":"DRAIN"}`
		f.exec("UPDATE QRTZ_NODE SET COMMAND = ? WHERE HOST_IP = 'a'", theirs)
		_, err := f.another(client.Config{CallTimeout: shortly}).PingNode(f.ctx, "billing", "a")
		var silent *client.NoAnswerError
		require.ErrorAs(f, err, &silent)
		require.JSONEq(f, theirs, f.nodeRow("a").Command, "it is not ours to take back")
		events, err := f.Events(f.ctx, "billing")
		require.NoError(f, err)
		require.Empty(f, events)

		var seen []string
		f.answers("a", func(c schema.Command) bool {
			seen = append(seen, c.ID)
			f.ack("a", c, "")
			return len(seen) < 2
		})
		_, err = f.PingNode(f.ctx, "billing", "a")
		require.NoError(f, err)
		require.Len(f, seen, 2)
		require.Equal(f, "theirs", seen[0])
	})
}

func TestCommandsThatFail(t *testing.T) {
	each(t, func(f *fixture) {
		for verb, call := range verbs(f.Client) {
			_, err := call(f.ctx, "billing", "nowhere")
			require.ErrorIs(f, err, client.ErrNotFound)
			_, err = f.AddNode(f.ctx, client.Node{App: "billing", Key: "idle"})
			require.NoError(f, err)
			_, err = call(f.ctx, "billing", "idle")
			require.Contains(f, requireConflict(f, err, client.KindNode), "not registered")

			f.register("a", node)
			f.answers("a", func(c schema.Command) bool { f.ack("a", c, "it is \"busy\""); return false })
			_, err = call(f.ctx, "billing", "a")
			require.Contains(f, requireConflict(f, err, client.KindNode), string(verb)+`: it is "busy"`)

			// It leaves, or another process registers under its key.
			for key, change := range map[string]string{
				"gone": "DELETE FROM QRTZ_NODE WHERE HOST_IP = ?", "other": "UPDATE QRTZ_NODE SET NODE_ID = NODE_ID + 1, COMMAND = NULL WHERE HOST_IP = ?",
			} {
				f.register(key, node+7)
				f.answers(key, func(schema.Command) bool { f.exec(change, key); return false })
				_, err = call(f.ctx, "billing", key)
				if verb == schema.Halt {
					require.NoError(f, err, "which is what was asked of it")
				} else {
					require.Contains(f, requireConflict(f, err, client.KindNode), "left")
				}
			}
			f.exec("DELETE FROM QRTZ_NODE WHERE HOST_IP = 'other'")

			// Its answer is followed by another before it was seen.
			f.register("b", node+2)
			f.answers("b", func(c schema.Command) bool { c.ID = "later"; f.ack("b", c, "no"); return false })
			_, err = call(f.ctx, "billing", "b")
			require.NoError(f, err)
			for _, key := range []string{"idle", "a", "b"} {
				require.NoError(f, f.DeleteNode(f.ctx, "billing", key))
			}
		}
	})
}

func TestMaintenance(t *testing.T) {
	each(t, func(f *fixture) {
		require.Contains(f, requireConflict(f, f.WaitMaintenance(f.ctx, "billing"), client.KindApp), "not in maintenance")
		require.ErrorIs(f, f.WaitMaintenance(f.ctx, "nowhere"), client.ErrNotFound)
		f.register("a", node)
		f.register("b", node+1)
		_, err := f.AddNode(f.ctx, client.Node{App: "billing", Key: "word"}) // nobody, only an operator's word
		require.NoError(f, err)
		f.exec("UPDATE QRTZ_NODE SET APP_SEEN = 1 WHERE HOST_IP = 'b'") // of what was before
		_, err = f.SetMode(f.ctx, "billing", schema.MasterOnly)
		require.NoError(f, err)
		for range 2 { // the second time changes nothing
			app, err := f.As("alice").BeginMaintenance(f.ctx, "billing")
			require.NoError(f, err)
			require.True(f, app.Maintenance)
			require.EqualValues(f, 2, app.Version)
		}
		f.stayBusy(client.Config{CallTimeout: shortly}, "a", "b")
		f.exec("UPDATE QRTZ_NODE SET APP_SEEN = 2 WHERE HOST_IP = 'a'")
		said := f.stayBusy(client.Config{CallTimeout: shortly}, "b")
		require.Contains(f, said, "nodes b of app billing have not confirmed that they are idle")

		// It waits for longer than a call may take, and no more for a node that is gone.
		done := make(chan error, 1)
		go func() {
			done <- f.another(client.Config{CallTimeout: time.Minute}).WaitMaintenance(f.ctx, "billing")
		}()
		f.exec("DELETE FROM QRTZ_NODE WHERE HOST_IP = 'b'")
		require.NoError(f, <-done)

		app, err := f.As("bob").EndMaintenance(f.ctx, "billing")
		require.NoError(f, err)
		require.False(f, app.Maintenance)
		require.EqualValues(f, 3, app.Version)
		requireConflict(f, f.WaitMaintenance(f.ctx, "billing"), client.KindApp)
		events, err := f.Events(f.ctx, "billing")
		require.NoError(f, err)
		require.Equal(f, []client.AppEvent{
			{At: noon, Kind: schema.EventMode, By: "tester", Text: "MASTER_ONLY"},
			{At: noon, Kind: schema.EventMaintenance, By: "alice", Text: "begin"},
			{At: noon, Kind: schema.EventMaintenance, By: "bob", Text: "end"},
		}, events)
	})
}

// What other transactions hold against the deletion of an app, because they add
// something below it, is in no operator's way.
func TestOperatorsDoNotWaitForThoseWhoAdd(t *testing.T) {
	each(t, func(f *fixture) {
		if !f.concurrent() {
			return
		}
		f.register("a", node)
		_, in := f.begin()
		_, err := in.AddJob(f.ctx, client.Job{App: "billing", Class: "x"})
		require.NoError(f, err)
		_, err = in.AddNode(f.ctx, client.Node{App: "billing", Key: "k"})
		require.NoError(f, err)
		c := f.another(client.Config{CallTimeout: time.Minute})
		_, err = c.PauseNode(f.ctx, "billing", "a")
		require.NoError(f, err)
		_, err = c.BeginMaintenance(f.ctx, "billing")
		require.NoError(f, err)
	})
}

func TestEventsAreThoseOfTheLastDay(t *testing.T) {
	each(t, func(f *fixture) {
		old := schema.AddEvents("", noon.UnixMilli(), schema.AppEvent{At: noon.UnixMilli(), Kind: schema.EventJoined, Node: "a", NodeID: node},
			schema.AppEvent{At: noon.Add(time.Hour).UnixMilli(), Kind: schema.EventElected, Text: strings.Repeat("ä", 1000)})
		f.exec("UPDATE QRTZ_APP SET EVENTS = ?", old)
		for after, want := range map[time.Duration]int{time.Hour: 2, 24 * time.Hour: 2, 25 * time.Hour: 1, 26 * time.Hour: 0} {
			f.setNow(noon.Add(after))
			events, err := f.Events(f.ctx, "billing")
			require.NoError(f, err)
			require.Len(f, events, want, "after %s", after)
		}
		f.exec("UPDATE QRTZ_APP SET EVENTS = 'nonsense'")
		_, err := f.PauseApp(f.ctx, "billing")
		require.NoError(f, err)
		events, err := f.Events(f.ctx, "billing")
		require.NoError(f, err)
		require.Len(f, events, 1)
		_, err = f.Events(f.ctx, "nowhere")
		require.ErrorIs(f, err, client.ErrNotFound)
	})
}
