package stage

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"gorm.io/gorm"
)

// Program is an example: the back office, and the nodes as which it starts itself.
type Program struct {
	Name   string
	About  string // the first lines of its help
	Prefix string // how the names of its tables begin
	// Duration is the default of -duration. Defaults to 12 s.
	Duration time.Duration
	// Node is the life of one node.
	Node func(ctx context.Context, db *gorm.DB, cfg NodeConfig, book *Ledger) error
	// Show is the back office. It prints an account, and says whether that is in
	// order.
	Show func(ctx context.Context, s *Stage) (ok bool, err error)
}

// Stage is what a show is performed on.
type Stage struct {
	Options
	*Tables
	*Cluster

	Out io.Writer
}

// Main is the main function of the program.
func (p Program) Main() {
	p.NodeMain()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := p.Run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// Run performs the show. It returns 0 if the account is in order, 1 if not, or if
// something prevented that, and 2 for flags that the program does not take.
func (p Program) Run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	opts, err := p.parse(args, stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		return 2
	}
	ok, err := p.perform(ctx, opts, stdout, stderr)
	if err != nil {
		fmt.Fprintf(stderr, "%s: %v\n", p.Name, err)
	}
	if err != nil || !ok {
		return 1
	}
	return 0
}

func (p Program) perform(ctx context.Context, opts Options, stdout, stderr io.Writer) (ok bool, err error) {
	tables, err := p.openTables(ctx, opts.DSN)
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, tables.close(ctx)) }()
	opts.DSN = tables.dsn
	cluster := &Cluster{
		Events: make(chan Event), config: NodeConfig{Options: opts, Prefix: tables.Prefix}, stderr: stderr,
	}
	return p.Show(ctx, &Stage{Options: opts, Tables: tables, Cluster: cluster, Out: stdout})
}
