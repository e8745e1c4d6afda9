package stage

import (
	"cmp"
	"flag"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/quartz-cluster/quartz/examples/opendb"
)

// Options are the flags.
type Options struct {
	DSN      string        `json:"dsn"`
	Duration time.Duration `json:"duration"`
	Lease    time.Duration `json:"lease"`
	Verbose  bool          `json:"verbose"`
}

// parse reads the flags; what is wrong with them it has said on stderr.
func (p Program) parse(args []string, stderr io.Writer) (Options, error) {
	var o Options
	flags := flag.NewFlagSet(p.Name, flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&o.DSN, "dsn", "", opendb.Usage+";\n"+
		"tables of its own are created there and dropped at the end\n(default a SQLite file in a temporary folder)")
	flags.DurationVar(&o.Duration, "duration", cmp.Or(p.Duration, 12*time.Second), "how long the executes fire, from 4s to 10m")
	flags.DurationVar(&o.Lease, "lease", 5*time.Second, "how long a node counts as alive without a heartbeat, from 500ms to 30s;\n5s is the default of core")
	flags.BoolVar(&o.Verbose, "v", false, "show the nodes' own logs")
	flags.Usage = func() {
		fmt.Fprint(stderr, p.About+"\n\nFlags:\n")
		flags.PrintDefaults()
	}
	err := flags.Parse(args)
	if err == nil {
		if err = o.check(flags.Args()); err != nil {
			fmt.Fprintf(stderr, "%s: %v\n", p.Name, err)
		}
	}
	return o, err
}

func (o Options) check(rest []string) error {
	switch {
	case len(rest) > 0:
		return fmt.Errorf("%q is no flag: see -h", strings.Join(rest, " "))
	case o.Duration < 4*time.Second || o.Duration > 10*time.Minute:
		return fmt.Errorf("-duration is %s: it must be from 4s to 10m", o.Duration)
	case o.Lease < 500*time.Millisecond || o.Lease > 30*time.Second: // later than a minute would be a misfire
		return fmt.Errorf("-lease is %s: it must be from 500ms to 30s", o.Lease)
	}
	return nil
}
