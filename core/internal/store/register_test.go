package store

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSharedKey(t *testing.T) {
	t.Parallel()
	for registered, configured := range map[string]string{
		"key": "key", "key#2": "key", "key#1000": "key", "a#b": "a#b", "a#b#3": "a#b", "#2": "#2", "key#": "key#", "key#-1": "key#-1",
	} {
		require.Equal(t, configured, SharedKey(registered), registered)
	}
}
