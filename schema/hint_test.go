package schema_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/schema"
)

func TestHintsAreReadAsWritten(t *testing.T) {
	t.Parallel()
	seen := schema.HintApp
	for shard := range schema.SharedShard + 1 {
		h := schema.HintOf(shard)
		require.Zero(t, seen&h, "each shard has its own")
		require.Equal(t, h, schema.ParseHint(h.String()))
		seen |= h
	}
	require.Equal(t, schema.HintOf(schema.NodeShard(17)), schema.HintOf(schema.NodeShard(18)))
	require.Equal(t, schema.HintAll, seen|schema.HintOf(schema.NodeShard(17)))
	require.Equal(t, schema.HintAll, schema.HintApp|schema.HintShards)
	require.Zero(t, schema.HintApp&schema.HintShards)
	for _, text := range []string{"", "0", "-1", "x", "1000", "10000", " 1", "more than a hint"} {
		require.Equal(t, schema.HintAll, schema.ParseHint(text), text)
	}
}
