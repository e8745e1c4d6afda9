package cli

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/client"
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

func TestAllNamesAreCompleted(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	c, err := client.New(w.db)
	require.NoError(t, err)
	const n = client.DefaultLimit + 3
	for i := range n {
		_, err := c.AddAppWithNode(t.Context(), client.Node{App: fmt.Sprintf("app-%d", i), Key: "a"})
		require.NoError(t, err)
		_, err = c.AddNode(t.Context(), client.Node{App: "app-0", Key: fmt.Sprintf("node-%d", i)})
		require.NoError(t, err)
	}
	for _, args := range [][]string{{"__complete", "apps", "show", "app-"}, {"__complete", "nodes", "ping", "app-0", "node-"}} {
		var stdout strings.Builder
		p := &Program{In: strings.NewReader(""), Out: &stdout, Err: &strings.Builder{}, Getenv: func(string) string { return w.dsn() }}
		require.Equal(t, exitOK, p.Main(t.Context(), args))
		require.Equal(t, n, strings.Count(stdout.String(), args[len(args)-1]))
	}
}
