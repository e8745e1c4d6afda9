package cli

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"
)

// The page of the manual is what the commands say of themselves.
func TestManual(t *testing.T) {
	t.Parallel()
	const file = "../../../../../docs/quartzctl.md"
	root := (&Program{}).Root()
	root.InitDefaultHelpFlag()
	root.InitDefaultCompletionCmd()
	var page strings.Builder
	fmt.Fprintf(&page, "# quartzctl\n\n```\n%s\n```\n\nEvery command has these flags:\n\n```\n%s```\n", root.Long, root.PersistentFlags().FlagUsages())
	for _, noun := range root.Commands() {
		if noun.Name() == "help" {
			continue
		}
		fmt.Fprintf(&page, "\n## %s\n\n%s.\n", noun.Name(), noun.Short)
		for _, cmd := range commands(noun) {
			page.WriteString(manual(cmd))
		}
	}
	if *update {
		require.NoError(t, os.WriteFile(file, []byte(page.String()), 0o600))
	}
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	sameLines(t, page.String(), string(text))
}

func manual(cmd *cobra.Command) string {
	cmd.InitDefaultHelpFlag()
	out := fmt.Sprintf("\n### %s\n\n%s.\n", cmd.CommandPath(), strings.TrimSuffix(cmd.Short, "."))
	if cmd.Long != "" {
		out += "\n```\n" + strings.TrimSpace(cmd.Long) + "\n```\n"
	}
	out += "\n```\n" + cmd.UseLine() + "\n"
	if cmd.HasExample() {
		out += "\n" + cmd.Example + "\n"
	}
	return out + "\n" + cmd.LocalFlags().FlagUsages() + "```\n"
}
