package cli

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The scripts are cobra's; that they are there, for this program, is ours.
func TestEachShellHasItsScript(t *testing.T) {
	t.Parallel()
	for shell, word := range map[string]string{
		"bash": "complete -o default -F __start_quartzctl quartzctl", "zsh": "compdef _quartzctl quartzctl",
		"fish": "complete -c quartzctl", "powershell": "Register-ArgumentCompleter -CommandName 'quartzctl'",
	} {
		var stdout, stderr strings.Builder
		p := &Program{In: strings.NewReader(""), Out: &stdout, Err: &stderr, Getenv: func(string) string { return "" }}
		require.Equal(t, exitOK, p.Main(t.Context(), []string{"completion", shell}))
		require.Empty(t, stderr.String())
		require.Contains(t, stdout.String(), word)
	}
}
