package pgnotify

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestChannelsAreNamesThatPostgreSQLTakesAsTheyAre(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	for _, app := range []string{
		"", "billing", "Billing", "billing ", `a"b'c;--`, "Rechnungen für München", strings.Repeat("x", 50), strings.Repeat("x", 49) + "y",
	} {
		name := channel(app)
		require.Regexp(t, `^[a-z][a-z0-9_]{0,62}$`, name)
		require.Empty(t, seen[name], "of another app")
		seen[name] = app
		require.Equal(t, name, channel(app))
	}
	require.Len(t, seen, 8)
}
