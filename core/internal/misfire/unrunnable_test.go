package misfire

import (
	"slices"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/core/internal/store"
	"github.com/quartz-cluster/quartz/core/observe"
	"github.com/quartz-cluster/quartz/schema"
)

func TestMayRun(t *testing.T) {
	t.Parallel()
	node := store.Peer{Key: "key#2", NodeID: 7, Handlers: `["Report"]`, Labels: `["gpu"]`}
	for targets, may := range map[string]bool{`["key#2"]`: true, `["key"]`: true, `["a","gpu"]`: true, `["key#3"]`: false, `["ke"]`: false} {
		due := store.Stuck{Due: store.Due{Class: "Report", RunOn: schema.RunOnSome, Targets: targets}}
		require.Equal(t, may, mayRun(node, store.Cluster{}, due), targets)
		due.Class = "Import"
		require.False(t, mayRun(node, store.Cluster{}, due), "without a handler")
	}
	due := store.Stuck{Due: store.Due{Class: "Report", RunOn: schema.RunOnMaster}}
	require.True(t, mayRun(node, store.Cluster{Master: 7}, due))
	require.False(t, mayRun(node, store.Cluster{Master: 8}, due))
}

// What waited for its master too long has one again: the pass that elects it does not say
// that nobody can run it. Where the new one cannot either, the next pass does.
func TestAPassThatElectsTheMasterDoesNotMissIt(t *testing.T) {
	t.Parallel()
	for class, said := range map[string]bool{"work": false, "other": true} {
		synctest.Test(t, func(t *testing.T) {
			b := newBench(t)
			b.add(1, 0, false)
			mustExec(t, b.db, "UPDATE QRTZ_EXECUTE SET NEXT_FIRE_TIME = 1000, RUN_ON = 'MASTER'")
			mustExec(t, b.db, "UPDATE QRTZ_JOB SET JOB_CLASS = ?", class)
			_, err := b.cfg.Store.Register(t.Context(), store.Member{Key: "peer", HostName: "host", NeverMaster: true, Handlers: `["other"]`})
			require.NoError(t, err)
			mustExec(t, b.db, "UPDATE QRTZ_APP SET MASTER = 1000, MASTER_EPOCH = 1")
			b.run()
			require.Contains(t, b.told, observe.MasterChanged)
			require.NotContains(t, b.told, observe.Unrunnable)
			b.run()
			require.Equal(t, said, slices.Contains(b.told, observe.Unrunnable), class)
		})
	}
}
