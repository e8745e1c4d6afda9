package clienttest

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/schema"
)

// newEvents returns what was added to the events of the app since the call
// before.
func (f *fixture) newEvents(seen *int) []client.AppEvent {
	f.Helper()
	events, err := f.Events(f.ctx, "billing")
	require.NoError(f, err)
	more := events[*seen:]
	*seen = len(events)
	return more
}

func TestEditsOfAnAppAreWrittenDown(t *testing.T) {
	each(t, func(f *fixture) {
		f.register("a", node)
		alice := f.As("alice")
		seen := 0
		for i, c := range []struct {
			call func() (*client.AppInfo, error)
			want client.AppInfo
			say  client.AppEvent
		}{
			{
				func() (*client.AppInfo, error) { return alice.SetMode(f.ctx, "billing", schema.MasterOnly) },
				client.AppInfo{Mode: schema.MasterOnly}, client.AppEvent{Kind: schema.EventMode, Text: "MASTER_ONLY"},
			},
			{
				func() (*client.AppInfo, error) { return alice.PreferMaster(f.ctx, "billing", "k") },
				client.AppInfo{Mode: schema.MasterOnly, Preferred: "k"}, client.AppEvent{Kind: schema.EventPreferred, Node: "k"},
			},
			{
				func() (*client.AppInfo, error) { return alice.PauseApp(f.ctx, "billing") },
				client.AppInfo{Mode: schema.MasterOnly, Preferred: "k", Paused: true}, client.AppEvent{Kind: schema.EventPaused},
			},
			{
				func() (*client.AppInfo, error) { return alice.BeginMaintenance(f.ctx, "billing") },
				client.AppInfo{Mode: schema.MasterOnly, Preferred: "k", Paused: true, Maintenance: true},
				client.AppEvent{Kind: schema.EventMaintenance, Text: "begin"},
			},
			{
				func() (*client.AppInfo, error) { return alice.SetMode(f.ctx, "billing", schema.Any) },
				client.AppInfo{Mode: schema.Any, Preferred: "k", Paused: true, Maintenance: true}, client.AppEvent{Kind: schema.EventMode, Text: "ANY"},
			},
			{
				func() (*client.AppInfo, error) { return alice.PreferMaster(f.ctx, "billing", "") },
				client.AppInfo{Mode: schema.Any, Paused: true, Maintenance: true}, client.AppEvent{Kind: schema.EventPreferred, Text: "nobody"},
			},
			{
				func() (*client.AppInfo, error) { return alice.EndMaintenance(f.ctx, "billing") },
				client.AppInfo{Mode: schema.Any, Paused: true}, client.AppEvent{Kind: schema.EventMaintenance, Text: "end"},
			},
			{
				func() (*client.AppInfo, error) { return alice.ResumeAppWithNodes(f.ctx, "billing") },
				client.AppInfo{Mode: schema.Any}, client.AppEvent{Kind: schema.EventResumed, Text: "with its nodes"},
			},
		} {
			c.want.Name, c.want.Version = "billing", int64(i+1)
			for round := range 2 { // the second time changes nothing
				got, err := c.call()
				require.NoError(f, err)
				require.Equal(f, c.want, *got)
				read, err := f.GetApp(f.ctx, "billing")
				require.NoError(f, err)
				require.Equal(f, got, read)
				if round == 1 {
					require.Empty(f, f.newEvents(&seen))
					continue
				}
				c.say.At, c.say.By = noon, "alice"
				require.Equal(f, []client.AppEvent{c.say}, f.newEvents(&seen))
			}
		}
		_, err := f.SetMode(f.ctx, "nowhere", schema.Any)
		require.ErrorIs(f, err, client.ErrNotFound)
	})
}

// An app that is paused, or resumed, already may have nodes that are not.
func TestEditsOfItsNodesAloneAreWrittenDown(t *testing.T) {
	each(t, func(f *fixture) {
		f.register("a", node)
		c, told := f.notifying(&notifier{})
		alice := c.As("alice")
		seen := 0
		for i, turn := range []struct {
			app, withNodes func(ctx context.Context, name string) (*client.AppInfo, error)
			kind           string
		}{
			{alice.PauseApp, alice.PauseAppWithNodes, schema.EventPaused},
			{alice.ResumeApp, alice.ResumeAppWithNodes, schema.EventResumed},
		} {
			app, err := turn.app(f.ctx, "billing")
			require.NoError(f, err)
			f.newEvents(&seen)
			told()
			with, err := turn.withNodes(f.ctx, "billing")
			require.NoError(f, err)
			require.Equal(f, app, with, "it is no edit of the app")
			read, err := f.GetNode(f.ctx, "billing", "a")
			require.NoError(f, err)
			require.Equal(f, i == 0, read.Paused)
			require.Equal(f, []client.AppEvent{{At: noon, Kind: turn.kind, By: "alice", Text: "with its nodes"}}, f.newEvents(&seen))
			require.Equal(f, []schema.Hint{schema.HintApp}, told())
			_, err = turn.withNodes(f.ctx, "billing")
			require.NoError(f, err)
			require.Empty(f, f.newEvents(&seen), "nothing changes")
			require.Empty(f, told())
		}
	})
}

func TestEditsOfANodeAreWrittenDown(t *testing.T) {
	each(t, func(f *fixture) {
		f.register("a", node)
		alice := f.As("alice")
		seen := 0
		for _, c := range []struct {
			call           func() (*client.NodeInfo, error)
			paused, barred bool
			say            string
		}{
			{func() (*client.NodeInfo, error) { return alice.PauseNode(f.ctx, "billing", "a") }, true, false, schema.EventNodePaused},
			{func() (*client.NodeInfo, error) { return alice.BarNode(f.ctx, "billing", "a") }, true, true, schema.EventBarred},
			{func() (*client.NodeInfo, error) { return alice.ResumeNode(f.ctx, "billing", "a") }, false, true, schema.EventNodeResumed},
			{func() (*client.NodeInfo, error) { return alice.UnbarNode(f.ctx, "billing", "a") }, false, false, schema.EventUnbarred},
			{func() (*client.NodeInfo, error) { return alice.PauseNode(f.ctx, "billing", "a") }, true, false, schema.EventNodePaused},
		} {
			for round := range 2 { // the second time changes nothing
				info, err := c.call()
				require.NoError(f, err)
				require.Equal(f, []bool{c.paused, c.barred}, []bool{info.Paused, info.Barred})
				read, err := f.GetNode(f.ctx, "billing", "a")
				require.NoError(f, err)
				require.Equal(f, info, read)
				if round == 1 {
					require.Empty(f, f.newEvents(&seen))
					continue
				}
				require.Equal(f, []client.AppEvent{{At: noon, Kind: c.say, Node: "a", NodeID: node, By: "alice"}}, f.newEvents(&seen))
			}
		}
		renamed, err := f.UpdateNode(f.ctx, "billing", "a", client.SetHostName("renamed"))
		require.NoError(f, err)
		require.Equal(f, []any{"renamed", true}, []any{renamed.HostName, renamed.Paused}, "a pause is not the edit's")
		require.Empty(f, f.newEvents(&seen))
		require.Zero(f, f.count("SELECT VERSION FROM QRTZ_APP"), "none is an edit of the app")
		_, err = f.BarNode(f.ctx, "billing", "nobody")
		require.ErrorIs(f, err, client.ErrNotFound)

		// A bar of its own configuration is not the operator's.
		f.exec("UPDATE QRTZ_NODE SET BARRED = 'C'")
		_, err = f.UnbarNode(f.ctx, "billing", "a")
		requireConflict(f, err, client.KindNode)
		info, err := f.BarNode(f.ctx, "billing", "a")
		require.NoError(f, err)
		require.True(f, info.Barred)
		require.Equal(f, schema.On, f.nodeRow("a").Barred)
	})
}

func TestOperatorsAtOnceLoseNoEvent(t *testing.T) {
	each(t, func(f *fixture) {
		keys := []string{"a", "b", "c", "d", "e", "f"}
		for i, key := range keys {
			f.register(key, node+int64(i))
		}
		var all sync.WaitGroup
		for _, key := range keys {
			all.Go(func() {
				if _, err := f.PauseNode(f.ctx, "billing", key); err != nil {
					f.Errorf("pause: %v", err)
				}
				if _, err := f.PreferMaster(f.ctx, "billing", key); err != nil {
					f.Errorf("prefer: %v", err)
				}
			})
		}
		all.Wait()
		events, err := f.Events(f.ctx, "billing")
		require.NoError(f, err)
		require.Len(f, events, 2*len(keys))
		require.EqualValues(f, len(keys), f.count("SELECT VERSION FROM QRTZ_APP"))
	})
}

func TestWhatAppsAndNodesTell(t *testing.T) {
	each(t, func(f *fixture) {
		f.register("a", node)
		f.register("b", node+1)
		_, err := f.AddNode(f.ctx, client.Node{App: "billing", Key: "word"})
		require.NoError(f, err)
		f.exec(`UPDATE QRTZ_NODE SET CAPACITY = 10, RUNNING = 3, BUILD = 'v1', LABELS = '["gpu"]', HANDLERS = '["x"]', SKEW = -250 WHERE HOST_IP = 'a'`)
		f.exec("UPDATE QRTZ_NODE SET CAPACITY = 0 WHERE HOST_IP = 'b'")
		f.exec("UPDATE QRTZ_APP SET MASTER = ?, MASTER_EPOCH = 4, MASTER_PREFER = 'b'", int64(node))
		f.pass(1500 * time.Millisecond)

		app, err := f.GetApp(f.ctx, "billing")
		require.NoError(f, err)
		require.Equal(f, client.AppInfo{Name: "billing", Mode: schema.Any, Master: node, MasterKey: "a", MasterEpoch: 4, Preferred: "b"}, *app)
		apps, err := f.ListApps(f.ctx, client.AppFilter{})
		require.NoError(f, err)
		require.Equal(f, []*client.AppInfo{app}, apps.Items)

		nodes, err := f.ListNodes(f.ctx, client.NodeFilter{App: "billing"})
		require.NoError(f, err)
		require.Equal(f, []*client.NodeInfo{
			{
				App: "billing", Key: "a", HostName: "a", Live: true, NodeID: node, Master: true,
				Started: noon, LastBeat: noon, BeatAge: 1500 * time.Millisecond,
				Capacity: 10, Running: 3, Handlers: []string{"x"}, Labels: []string{"gpu"}, ClockSkew: -250 * time.Millisecond, Build: "v1",
			},
			{App: "billing", Key: "b", HostName: "b", Live: true, NodeID: node + 1, Draining: true, Started: noon, LastBeat: noon, BeatAge: 1500 * time.Millisecond},
			{App: "billing", Key: "word", HostName: "word"},
		}, nodes.Items)

		// A master that is gone has no key.
		require.NoError(f, f.DeleteNode(f.ctx, "billing", "a"))
		app, err = f.GetApp(f.ctx, "billing")
		require.NoError(f, err)
		require.EqualValues(f, node, app.Master)
		require.Empty(f, app.MasterKey)
	})
}
