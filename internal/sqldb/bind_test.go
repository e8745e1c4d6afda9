package sqldb

import (
	"testing"

	"github.com/stretchr/testify/require"
)

type word string

func TestBindsAreOfPlainTypes(t *testing.T) {
	t.Parallel()
	blob := []byte("x")
	args := []any{int64(1), word("a"), []word{"b", "c"}, nil, "d", []string{"e"}, blob, true}
	require.Equal(t, []any{int64(1), "a", []string{"b", "c"}, nil, "d", []string{"e"}, blob, true}, plain(args))
	require.Equal(t, word("a"), args[1], "the caller's list stays")
}
