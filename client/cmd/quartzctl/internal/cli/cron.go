package cli

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/quartz-cluster/quartz/client"
)

func (p *Program) cron() *cobra.Command {
	return group("cron", "Cron expressions", p.cronExplain())
}

// explained is a schedule in words and in times.
type explained struct {
	Schedule client.Schedule `json:"schedule"`
	Reading  string          `json:"reading"`
	Fires    []time.Time     `json:"fires"` // in the zone of the schedule
}

func (p *Program) cronExplain() *cobra.Command {
	var zone, from string
	var n int
	cmd := &cobra.Command{Use: "explain EXPRESSION", Short: "Say in words when a cron expression fires, and its next fires", Args: takes("explain EXPRESSION")}
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		after, err := instant("from", from)
		if err != nil {
			return err
		}
		if after.IsZero() {
			after = time.Now()
		}
		out := explained{Schedule: client.Cron(args[0], zone)}
		if out.Reading, err = client.Explain(out.Schedule); err != nil {
			return err
		}
		if out.Fires, err = client.Preview(out.Schedule, after, n); err != nil {
			return err
		}
		return p.printer().Lines(out, append([]string{out.Reading, ""}, fireLines(out.Fires)...))
	}
	cmd.Flags().StringVar(&zone, "zone", "", "IANA time zone of the expression, such as Europe/Berlin (default UTC)")
	cmd.Flags().StringVar(&from, "from", "", "show the fires after this time (default now)")
	cmd.Flags().IntVar(&n, "next", 5, "how many fires to show")
	cmd.ValidArgsFunction = cobra.NoFileCompletions
	return cmd
}

// fireLines shows fires, a line each, in their zone and, where that is another, in
// UTC.
func fireLines(fires []time.Time) []string {
	lines := make([]string, len(fires))
	for i, t := range fires {
		lines[i] = t.Format("Mon 2006-01-02 15:04:05.999 MST")
		if _, offset := t.Zone(); offset != 0 {
			lines[i] = fmt.Sprintf("%-28s  %s", lines[i], formatTime(t))
		}
	}
	return lines
}
