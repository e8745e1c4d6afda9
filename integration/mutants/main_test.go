package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/integration/internal/leak"
)

func TestMain(m *testing.M) { leak.Main(m) }

// A mutant whose text the code has no more would be killed by nobody, and be told of
// only when somebody runs them all.
func TestEveryMutantStillFitsTheCode(t *testing.T) {
	t.Parallel()
	root, err := rootOf()
	require.NoError(t, err)
	for _, m := range mutants {
		_, err := m.overlay(root, t.TempDir())
		require.NoError(t, err, m.name)
	}
}
