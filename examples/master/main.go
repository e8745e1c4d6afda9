package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/quartz-cluster/quartz/examples/opendb"
)

// options are the flags.
type options struct {
	dsn      string
	duration time.Duration
	lease    time.Duration
	verbose  bool
}

func main() {
	if code, isNode := nodeMain(); isNode {
		os.Exit(code)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := master(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// master is the program: it returns 0 if the account is in order, 1 if not, or if
// something prevented that, and 2 for flags that it does not take.
func master(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	opts, err := parse(args, stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		return 2
	}
	a, err := perform(ctx, opts, stdout, stderr)
	if err != nil {
		fmt.Fprintln(stderr, "master:", err)
		return 1
	}
	if !a.print(func(format string, args ...any) { fmt.Fprintf(stdout, format, args...) }) {
		return 1
	}
	return 0
}

// parse reads the flags; what is wrong with them it has said on stderr.
func parse(args []string, stderr io.Writer) (options, error) {
	var o options
	flags := flag.NewFlagSet("master", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&o.dsn, "dsn", "", opendb.Usage+";\n"+
		"tables of its own are created there and dropped at the end\n(default a SQLite file in a temporary folder)")
	flags.DurationVar(&o.duration, "duration", 12*time.Second, "how long the executes fire, from 4s to 10m")
	flags.DurationVar(&o.lease, "lease", 5*time.Second, "how long a node counts as alive without a heartbeat, from 500ms to 30s;\n5s is the default of core")
	flags.BoolVar(&o.verbose, "v", false, "show the nodes' own logs")
	flags.Usage = func() {
		fmt.Fprint(stderr, "master shows a job that only the master of three nodes runs, kills the master in\n"+
			"the middle of it, and accounts for every fire.\n\nFlags:\n")
		flags.PrintDefaults()
	}
	err := flags.Parse(args)
	if err == nil {
		if err = o.check(flags.Args()); err != nil {
			fmt.Fprintln(stderr, "master:", err)
		}
	}
	return o, err
}

func (o options) check(rest []string) error {
	switch {
	case len(rest) > 0:
		return fmt.Errorf("%q is no flag: see -h", strings.Join(rest, " "))
	case o.duration < 4*time.Second || o.duration > 10*time.Minute:
		return fmt.Errorf("-duration is %s: it must be from 4s to 10m", o.duration)
	case o.lease < 500*time.Millisecond || o.lease > 30*time.Second: // later than a minute would be a misfire
		return fmt.Errorf("-lease is %s: it must be from 500ms to 30s", o.lease)
	}
	return nil
}
