package cli

import (
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/schema"
)

// policyFlags say how the fires of an execute are treated, and where they run.
type policyFlags struct {
	misfire, overlap, runOn                   string
	catchUp, overlapMax, priority             int
	retry, pauseAfter, recover                int
	deadline, timeout, retryDelay, retryLimit time.Duration
	targets                                   []string
}

func (o *policyFlags) bind(cmd *cobra.Command) {
	misfires, overlaps, runOns := wordsOf(schema.Misfires), wordsOf(schema.Overlaps), wordsOf(schema.RunOns)
	f := cmd.Flags()
	f.StringVar(&o.misfire, "misfire", "", "what happens to missed fires: "+strings.Join(misfires, ", ")+" (default FIRE_ONCE)")
	f.IntVar(&o.catchUp, "catch-up", 0, "how many missed fires FIRE_ALL runs at most (default 1,000)")
	f.DurationVar(&o.deadline, "deadline", 0, "how late a fire may start (default however late)")
	f.StringVar(&o.overlap, "overlap", "", "what happens to a fire that comes due while one runs: "+strings.Join(overlaps, ", ")+" (default ALLOW)")
	f.IntVar(&o.overlapMax, "overlap-max", 0, "how many fires run at a time with ALLOW (default no limit)")
	f.DurationVar(&o.timeout, "run-timeout", 0, "longest run (default no limit)")
	f.IntVar(&o.priority, "priority", 0, "the higher goes first when there is more due than room")
	f.IntVar(&o.retry, "retry", 0, "how often a failed fire is tried again")
	f.DurationVar(&o.retryDelay, "retry-delay", 0, "time before the first retry, doubled for each further one (default 1s)")
	f.DurationVar(&o.retryLimit, "retry-cap", 0, "longest time before a retry (default 1h)")
	f.IntVar(&o.pauseAfter, "pause-after", 0, "how many failed fires in a row put it into ERROR (default never)")
	f.IntVar(&o.recover, "recover", 0, "how often a fire is run again after its node was lost")
	f.StringVar(&o.runOn, "run-on", "", "which nodes run it: "+strings.Join(runOns, ", ")+" (default what the app's mode says)")
	f.StringSliceVar(&o.targets, "target", nil, "key or label of a node that may run it, with SOME")
	withWords(cmd, "misfire", misfires...)
	withWords(cmd, "overlap", overlaps...)
	withWords(cmd, "run-on", runOns...)
}

// over returns the policies that the flags make of those that were there, and
// whether one of the flags was given.
func (o *policyFlags) over(cmd *cobra.Command, p client.Policies) (client.Policies, bool) {
	given := false
	for flag, set := range map[string]func(){
		"misfire":     func() { p.Misfire = schema.Misfire(strings.ToUpper(o.misfire)) },
		"catch-up":    func() { p.CatchUp = o.catchUp },
		"deadline":    func() { p.Deadline = o.deadline },
		"overlap":     func() { p.Overlap = schema.Overlap(strings.ToUpper(o.overlap)) },
		"overlap-max": func() { p.OverlapMax = o.overlapMax },
		"run-timeout": func() { p.Timeout = o.timeout },
		"priority":    func() { p.Priority = o.priority },
		"retry":       func() { p.RetryMax = o.retry },
		"retry-delay": func() { p.RetryDelay = o.retryDelay },
		"retry-cap":   func() { p.RetryCap = o.retryLimit },
		"pause-after": func() { p.PauseAfter = o.pauseAfter },
		"recover":     func() { p.Recover = o.recover },
		"run-on":      func() { p.RunOn, p.Targets = schema.RunOn(strings.ToUpper(o.runOn)), o.targets },
		"target":      func() { p.Targets = o.targets },
	} {
		if cmd.Flags().Changed(flag) {
			set()
			given = true
		}
	}
	return p, given
}

// policyWords are the policies that differ from the defaults, in the words of the
// flags.
func policyWords(p client.Policies) string {
	out := []string{}
	add := func(flag, value string) {
		if value != "" {
			out = append(out, flag+" "+value)
		}
	}
	if p.Misfire != schema.FireOnce {
		add("misfire", string(p.Misfire))
	}
	add("catch-up", number(p.CatchUp))
	add("deadline", span(p.Deadline))
	if p.Overlap != schema.Allow {
		add("overlap", string(p.Overlap))
	}
	add("overlap-max", number(p.OverlapMax))
	add("run-timeout", span(p.Timeout))
	add("priority", number(p.Priority))
	add("retry", number(p.RetryMax))
	add("retry-delay", span(p.RetryDelay))
	add("retry-cap", span(p.RetryCap))
	add("pause-after", number(p.PauseAfter))
	add("recover", number(p.Recover))
	add("run-on", string(p.RunOn))
	add("target", strings.Join(p.Targets, ","))
	return strings.Join(out, ", ")
}
