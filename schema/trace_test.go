package schema_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/schema"
)

func TestTraceID(t *testing.T) {
	t.Parallel()
	const id = "4bf92f3577b34da6a3ce929d0e0e4736"
	for text, want := range map[string]string{
		"00-" + id + "-00f067aa0ba902b7-01":                    id,
		"01-" + id + "-00f067aa0ba902b7-01-of-a-later-version": id,
		"":                                   "",
		"00-" + id + "-00f067aa0ba902b7":     "",
		"00-" + id + "-00f067aa0ba902b7-01x": "",
		"00-" + id + "-00f067aa0ba902b7-0x":  "",
		"00-" + strings.ToUpper(id) + "-00f067aa0ba902b7-01":           "",
		"00_" + id + "-00f067aa0ba902b7-01":                            "",
		"00-" + strings.Repeat("0", 32) + "-00f067aa0ba902b7-01":       "",
		"00-" + id + "-00f067aa0ba902b7-01-" + strings.Repeat("x", 50): "",
	} {
		require.Equal(t, want, schema.TraceID(text), text)
	}
}
