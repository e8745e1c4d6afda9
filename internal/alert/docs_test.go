package alert

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTheDocsHaveEveryAlert(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../docs/observability.md")
	require.NoError(t, err)
	_, after, found := strings.Cut(string(text), "<!-- alerts: held to the code by a test of internal/alert -->\n\n")
	require.True(t, found)
	have, _, _ := strings.Cut(after, "\n\n")
	want := "| alert | told by | when | over when |\n| --- | --- | --- | --- |"
	for _, r := range Table {
		want += "\n| `" + string(r.Kind) + "` | " + r.By + " | " + r.When + " | " + r.Over + " |"
	}
	require.Equal(t, want, have)
}
