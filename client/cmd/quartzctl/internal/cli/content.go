package cli

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
)

// maxContent is the longest file that is read, in bytes.
const maxContent = 16 << 20

// contentFlag is a flag with JSON, or with the name of a file that holds it.
type contentFlag struct{ text string }

func (o *contentFlag) bind(cmd *cobra.Command, usage string) {
	cmd.Flags().StringVar(&o.text, "data", "", usage+": JSON, or @file, or @- for what is typed or piped in")
}

func (o *contentFlag) read(p *Program) (any, error) {
	name, isFile := strings.CutPrefix(o.text, "@")
	if !isFile {
		return o.text, nil
	}
	text, err := p.readFile(name)
	return string(text), err
}

// readFile reads a file, or the standard input where its name is -.
func (p *Program) readFile(name string) ([]byte, error) {
	in := p.In
	if name != "-" {
		file, err := os.Open(name) //nolint:gosec // the user's own
		if err != nil {
			return nil, err
		}
		defer func() { _ = file.Close() }()
		in = file
	}
	text, err := io.ReadAll(io.LimitReader(in, maxContent+1))
	if err == nil && len(text) > maxContent {
		err = fmt.Errorf("%s is longer than %d MiB", name, maxContent>>20)
	}
	return text, err
}
