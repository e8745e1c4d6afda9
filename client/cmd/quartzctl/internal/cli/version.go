package cli

import (
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// build is which quartzctl this is.
type build struct {
	Version string `json:"version"`
	Go      string `json:"go"`
	System  string `json:"system"`
}

func (p *Program) version() *cobra.Command {
	cmd := &cobra.Command{Use: "version", Short: "Say which quartzctl this is", Args: cobra.NoArgs}
	cmd.RunE = func(*cobra.Command, []string) error {
		b := build{Version: "(devel)", Go: runtime.Version(), System: runtime.GOOS + "/" + runtime.GOARCH}
		if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
			b.Version = info.Main.Version
		}
		return p.printer().Say(b, "quartzctl %s, %s, %s", b.Version, b.Go, b.System)
	}
	return cmd
}
