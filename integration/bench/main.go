package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"regexp"
	"runtime"
	"strings"
	"syscall"
	"time"

	"github.com/quartz-cluster/quartz/integration/internal/testdb"
)

func main() {
	workIfAsked()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// plan is what a call of the program measures.
type plan struct {
	scenarios []scenario
	kinds     []testdb.Kind
	runs      int
	scale     float64
}

func run(ctx context.Context, args []string, out, log io.Writer) error {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(log)
	flags.Usage = func() {
		fmt.Fprintln(log, "bench measures on the servers of QUARTZ_TEST_POSTGRES_DSN and QUARTZ_TEST_MARIADB_DSN:")
		for _, s := range scenarios {
			fmt.Fprintf(log, "  %s  %s\n", s.name, s.about)
		}
		flags.PrintDefaults()
	}
	names := flags.String("scenario", ".", "the scenarios, as a regular expression of their names")
	databases := flags.String("db", "postgres,mariadb", "the databases")
	p := plan{}
	flags.IntVar(&p.runs, "runs", 3, "how often each scenario is run; medians are printed")
	flags.Float64Var(&p.scale, "scale", 1, "shrinks counts and times, for a quick look")
	if err := flags.Parse(args); err != nil {
		return err
	}
	pattern, err := regexp.Compile("^(" + *names + ")")
	if err != nil {
		return fmt.Errorf("-scenario: %w", err)
	}
	for _, s := range scenarios {
		if pattern.MatchString(s.name) {
			p.scenarios = append(p.scenarios, s)
		}
	}
	for name := range strings.SplitSeq(*databases, ",") {
		kind := testdb.Kind(name)
		if kind != testdb.Postgres && kind != testdb.MariaDB {
			return fmt.Errorf("-db %q: there are postgres and mariadb", name)
		}
		p.kinds = append(p.kinds, kind)
	}
	if len(p.scenarios) == 0 || p.runs < 1 || p.scale <= 0 || p.scale > 1 {
		return fmt.Errorf("-scenario %q, -runs %d, -scale %g: at least one scenario and one run, and a scale above 0 and up to 1", *names, p.runs, p.scale)
	}
	return p.measure(ctx, out, log)
}

// measure runs everything and prints what it came to. A scenario that fails is told
// of and left out.
func (p plan) measure(ctx context.Context, out, log io.Writer) error {
	machine(out, "before")
	var all []*series
	var failed error
	for _, s := range p.scenarios {
		for _, kind := range p.kinds {
			if !s.runsOn(kind) {
				continue
			}
			for n := range p.runs {
				b := &bench{kind: kind, scale: p.scale, log: log}
				b.note("%s, %s, run %d of %d", s.name, s.about, n+1, p.runs)
				figures, err := s.run(ctx, b)
				if err != nil {
					failed = errors.Join(failed, fmt.Errorf("%s on %s: %w", s.name, kind, err))
					break
				}
				for _, f := range figures {
					var of *series
					all, of = find(all, series{scenario: s.name, kind: kind, figure: f, scale: p.scale})
					of.values, of.yards = append(of.values, f.value), append(of.yards, f.yards)
				}
			}
		}
	}
	if err := report(out, all); err != nil {
		return err
	}
	machine(out, "after")
	return failed
}

// machine says what else the machine had to do: a run can be no quieter.
func machine(out io.Writer, when string) {
	load, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		load = []byte("unknown")
	}
	now := time.Now().Format(time.DateTime)
	fmt.Fprintf(out, "%s: %s, %d CPUs, %s, load %s\n", when, now, runtime.NumCPU(), runtime.Version(), strings.TrimSpace(string(load)))
}
