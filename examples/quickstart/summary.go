package main

import (
	"fmt"
	"strings"

	"github.com/quartz-cluster/quartz/examples/internal/stage"
)

// summarise prints the account and reports whether all is well.
func (s *show) summarise(a *account) bool {
	t := &s.line
	t.printf(bold, "\n%-8s %-22s %5s %5s %5s %8s %8s %8s\n", "execute", "schedule", "due", "ran", "lost", "skipped", "doubled", "missing")
	row := func(colour, name, words string, n total) {
		t.printf(colour, "%-8s %-22s %5d %5d %5d %8d %8d %8d\n", name, words, n.Due, n.Ran+n.Failed, n.Lost, n.Skipped, n.Doubled, n.Missing)
	}
	for _, n := range a.totals {
		row("", n.Name, n.words, n)
	}
	sum := a.sum()
	row(bold, "all", "", sum)

	var nodes []string
	counts := a.byNode()
	for _, n := range t.nodes {
		nodes = append(nodes, fmt.Sprintf("%s ran %d", n, counts[n]))
	}
	median, longest := a.lateness()
	t.printf("", "\n%s. Half of the runs started within %s of their time; the latest waited %s.\n", strings.Join(nodes, ", "), short(median), short(longest))

	if s.killed.Kind == stage.Killed {
		t.printf(bold, "\n%s was killed %s into %s. Cut off by it, and not run again (at most once):\n", s.killed.Node, short(s.killed.Took), s.killed.Name)
	} else {
		a.problems = append(a.problems, "no node was killed: the run in whose middle that was to happen did not come")
	}
	for _, r := range a.cutOff {
		t.printf("", "  %s\n", s.obituary(r))
	}
	a.problems = append(a.problems, s.problems...)
	if len(a.problems) == 0 {
		t.printf(bold, "\nOK: %d fires were due: %d ran once, %d recorded as lost, %d as skipped. None ran twice, none is missing.\n",
			sum.Due, sum.Ran+sum.Failed, sum.Lost, sum.Skipped)
		return true
	}
	t.printf(red, "\nFAILED:\n")
	for _, p := range a.problems {
		t.printf(red, "  %s\n", p)
	}
	return false
}

// obituary says what became of a run that was cut off.
func (s *show) obituary(r *run) string {
	at := func(ms int64) float64 { return float64(ms-s.line.zero.UnixMilli()) / 1000 }
	text := fmt.Sprintf("%s, due %.3f, started on %s at %.3f", r.name, at(r.nominal), r.node, at(r.began.UnixMilli()))
	if !r.ended.IsZero() {
		text += fmt.Sprintf(", done at %.3f, but its node could not write that", at(r.ended.UnixMilli()))
	}
	if r.lostBy == "" {
		return text + ": nobody recorded it as lost"
	}
	return text + fmt.Sprintf(": recorded as LOST by %s at %.3f", r.lostBy, at(r.lostAt.UnixMilli()))
}
