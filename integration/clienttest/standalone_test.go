package clienttest

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/schema"
)

// A node that runs without a cluster has no row: MASTER holds its id with a minus
// sign.
func TestStandaloneNode(t *testing.T) {
	each(t, func(f *fixture) {
		joined := schema.AppEvent{At: noon.UnixMilli(), Kind: schema.EventJoined, Node: "alone", NodeID: node}
		f.exec("UPDATE QRTZ_APP SET MASTER = ?, MASTER_EPOCH = 1, EVENTS = ?", int64(-node), schema.AddEvents("", noon.UnixMilli(), joined))
		app, err := f.GetApp(f.ctx, "billing")
		require.NoError(f, err)
		require.Equal(f, client.AppInfo{Name: "billing", Mode: schema.Any, Master: node, MasterKey: "alone", MasterEpoch: 1, Standalone: true}, *app)

		e := f.execute(client.Every(time.Hour), client.OnAllNodes())
		fires, err := f.RunNow(f.ctx, e.ID)
		require.NoError(f, err)
		require.Len(f, fires, 1)
		require.Equal(f, schema.NodeShard(node), f.onlyChild(e.ID).Shard)

		_, err = f.BeginMaintenance(f.ctx, "billing")
		require.NoError(f, err)
		require.NoError(f, f.WaitMaintenance(f.ctx, "billing"))
		f.fires(e.ID, noon, 1, node)
		f.stayBusy(client.Config{CallTimeout: -1}, "alone")
		running, err := f.Running(f.ctx, client.RunningFilter{App: "billing"})
		require.NoError(f, err)
		require.Equal(f, "alone", running.Items[0].NodeKey)
		answers, err := f.PingNodes(f.ctx, "billing")
		require.NoError(f, err)
		require.Empty(f, answers)
		_, err = f.PingNode(f.ctx, "billing", "alone")
		require.ErrorIs(f, err, client.ErrNotFound)
	})
}

// stayBusy waits for the app to be idle, shortly, until it was seen who is not, and
// returns what that says in the end.
func (f *fixture) stayBusy(config client.Config, nodes ...string) string {
	f.Helper()
	c := f.another(config)
	var err error
	f.eventually(func() bool {
		ctx, cancel := context.WithTimeout(f.ctx, shortly)
		defer cancel()
		err = c.WaitMaintenance(ctx, "billing")
		var busy *client.NoAnswerError
		return errors.As(err, &busy) && slices.Equal(busy.Nodes, nodes)
	})
	require.ErrorIs(f, err, context.DeadlineExceeded)
	return err.Error()
}
