package misfire

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/core/internal/store"
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
