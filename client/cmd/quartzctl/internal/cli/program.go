package cli

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"gorm.io/gorm"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/client/cmd/quartzctl/internal/database"
	"github.com/quartz-cluster/quartz/client/cmd/quartzctl/internal/output"
)

// Program is quartzctl and what it has of the world around it.
type Program struct {
	// In, Out and Err are the standard streams.
	In       io.Reader
	Out, Err io.Writer
	// Asks says that a person sits at In, who can be asked.
	Asks bool
	// Screen returns the size of the terminal at Out. Defaults to nil: there is
	// none.
	Screen func() (width, height int)
	// Getenv reads the environment.
	Getenv func(name string) string
	// Actor is who acts unless a flag says otherwise.
	Actor string
	// Prepare is called with a database that was opened. Defaults to nil; tests
	// put a clock into it.
	Prepare func(db *gorm.DB) error

	flags flags
	cmd   *cobra.Command // that has begun its work
}

// flags are those that every command has.
type flags struct {
	dsn, prefix, schema, actor, format string
	timeout                            time.Duration
	bare                               bool
}

// dsnVariable names the variable that holds the DSN.
const dsnVariable = "QUARTZ_DSN"

const about = `quartzctl manages the jobs of a quartz cluster: its apps, nodes, jobs and executes.

It talks to the database alone, as back offices do, and never runs a job itself.
Which database is said by --dsn or, so that the password stays out of the list of
processes, by ` + dsnVariable + `:

%s

JOB is the id of a job or, with --app, its name; EXECUTE is the id of an execute
or, with --job, its name. Ids are digits alone.

Times are in UTC. What is written as a table is for people and may change; for
programs there are -o json and -o yaml.

Exit codes:
  0    done; diff: nothing differs
  1    failed
  2    wrong usage, or a value that cannot be: nothing was written
  3    there is no such app, node, job, execute or fire
  4    the state does not allow it, somebody was faster, or the name is taken
  5    a node has not answered in time
  6    the database cannot be reached
  7    diff: something differs; migrate verify: the tables fall short
  130  interrupted`

// Main runs the command in args and returns the exit code.
func (p *Program) Main(ctx context.Context, args []string) int {
	root := p.Root()
	root.SetArgs(args)
	root.SetIn(p.In)
	root.SetOut(p.Out)
	root.SetErr(p.Err)
	cmd, err := root.ExecuteContextC(ctx)
	switch {
	case err != nil && ctx.Err() != nil:
		err = errInterrupted
	case err != nil && p.cmd == nil:
		err = usageError{cmd, err.Error()}
	}
	p.complain(err)
	return exitCode(err)
}

// Root returns the tree of commands.
func (p *Program) Root() *cobra.Command {
	root := group("quartzctl", "Manage the jobs of a quartz cluster",
		p.apps(), p.nodes(), p.jobs(), p.executes(), p.running(), p.overview(), p.watch(), p.console(), p.cron(),
		p.export(), p.diff(), p.apply(), p.migrate(), p.version())
	root.Long = fmt.Sprintf(about, "  "+strings.ReplaceAll(database.Forms, "\n", "\n  "))
	root.SilenceErrors, root.SilenceUsage = true, true

	f := root.PersistentFlags()
	f.StringVar(&p.flags.dsn, "dsn", "", "database (default $"+dsnVariable+")")
	f.StringVar(&p.flags.prefix, "table-prefix", "", "what the names of the tables begin with (default QRTZ_)")
	f.StringVar(&p.flags.schema, "database-schema", "", "database schema of the tables (default the connection's own)")
	f.StringVar(&p.flags.actor, "actor", "", "who does it, for UPDATED_BY and the events (default user@host)")
	f.DurationVar(&p.flags.timeout, "timeout", client.DefaultCallTimeout, "how long a call may take, and a node to answer")
	f.StringVarP(&p.flags.format, "output", "o", string(output.Table), "format: "+strings.Join(output.Formats, ", "))
	f.BoolVar(&p.flags.bare, "no-headers", false, "omit table headers")
	withWords(root, "output", output.Formats...)
	root.PersistentPreRunE = func(*cobra.Command, []string) error { return p.flags.check() }
	p.watchBegin(root)
	return root
}

func (f flags) check() error {
	if !slices.Contains(output.Formats, f.format) {
		return fmt.Errorf("--output %q is none of %s", f.format, strings.Join(output.Formats, ", "))
	}
	if f.timeout <= 0 {
		return fmt.Errorf("--timeout %s must be longer than nothing", f.timeout)
	}
	return nil
}

// watchBegin notes when a command begins its work: what goes wrong before that is
// wrong with how it was called.
func (p *Program) watchBegin(cmd *cobra.Command) {
	if run := cmd.RunE; run != nil {
		cmd.RunE = func(cmd *cobra.Command, args []string) error {
			p.cmd = cmd
			return run(cmd, args)
		}
	}
	for _, below := range cmd.Commands() {
		p.watchBegin(below)
	}
}

// printer writes in the format that was asked for.
func (p *Program) printer() *output.Printer {
	out := &output.Printer{Out: p.Out, Format: output.Format(p.flags.format), Bare: p.flags.bare}
	if p.Screen != nil {
		out.Width, _ = p.Screen()
	}
	return out
}
