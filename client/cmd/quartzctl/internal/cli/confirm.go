package cli

import (
	"bufio"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/quartz-cluster/quartz/client/cmd/quartzctl/internal/output"
)

var errNo = errors.New("nothing was done")

// confirmation is the flag of what is not done without a word.
type confirmation struct{ yes bool }

func (o *confirmation) bind(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&o.yes, "yes", false, "do not ask")
}

// confirm asks, unless the answer was given. Where nobody can be asked, it is no.
func (s *session) confirm(answer confirmation, format string, args ...any) error {
	question := output.Safe(fmt.Sprintf(format, args...))
	if answer.yes {
		return nil
	}
	if !s.program.Asks {
		return s.wrong("%s? There is nobody to ask here: say --yes", question)
	}
	fmt.Fprintf(s.program.Err, "%s? [y/N] ", question)
	line, err := bufio.NewReader(s.program.In).ReadString('\n')
	switch strings.ToLower(strings.TrimSpace(line)) {
	case "y", "yes":
		return nil
	}
	if err != nil { // the line was not ended by whoever typed it
		fmt.Fprintln(s.program.Err)
	}
	return errNo
}
