package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/examples/internal/stage"
)

// account is what the show amounts to: three accounts that know nothing of each
// other, compared.
type account struct {
	ran      map[string]map[string]int // runs that ended well, by execute and node
	again    int                       // fires that were run once more
	twice    int                       // of them, those that ended well twice
	masters  []stage.Event
	outage   time.Duration // from the kill to the next start on a master
	lateness time.Duration // the most by which a fire of the other execute was late
	problems []string
}

// account compares what the schedules have with what the nodes told and what the
// tables count.
func (s *show) account(ctx context.Context) (*account, error) {
	a := &account{ran: map[string]map[string]int{}, masters: s.masters, problems: s.problems}
	for _, name := range slices.Sorted(maps.Keys(s.ids)) {
		row, err := s.office.GetExecute(ctx, s.ids[name])
		if err != nil {
			return nil, err
		}
		instants, err := client.Preview(row.Schedule, s.zero.Add(-time.Millisecond), 10*times)
		if err != nil {
			return nil, err
		}
		a.fires(name, instants, s.book, s.killed)
		if row.Counts.Fires != times || row.Counts.Lost != 0 || row.Counts.Skipped != 0 {
			a.problem("the tables count %d fires of %s, %d lost, %d skipped", row.Counts.Fires, name, row.Counts.Lost, row.Counts.Skipped)
		}
	}
	a.mastership(s.book, s.killed)
	return a, nil
}

func (a *account) problem(format string, args ...any) {
	a.problems = append(a.problems, fmt.Sprintf(format, args...))
}

// fires demands that each instant was run well once, whatever attempt that took.
// What ended on the killed node just before the kill may have ended once more: the
// node could not write it, and a fire that is recovered runs at least once.
func (a *account) fires(name string, instants []time.Time, book []stage.Event, kill stage.Event) {
	if len(instants) != times {
		a.problem("%s has %d instants", name, len(instants))
	}
	a.ran[name] = map[string]int{}
	for _, instant := range instants {
		var ends, attempts []stage.Event
		for _, e := range book {
			if e.Name != name || !e.Nominal.Equal(instant) {
				continue
			}
			switch e.Kind {
			case stage.Done:
				ends = append(ends, e)
				a.ran[name][e.Node]++
			case stage.Started:
				attempts = append(attempts, e)
				if name == anywhere && e.Attempt == 1 {
					a.lateness = max(a.lateness, e.At.Sub(e.Nominal))
				}
			default:
			}
		}
		switch {
		case len(ends) == 2 && ends[0].Node == kill.Node && ends[1].Attempt > ends[0].Attempt:
			a.twice++
		case len(ends) != 1:
			a.problem("the fire of %s due at %s ended well %d times", name, instant.Format(time.TimeOnly), len(ends))
		}
		for i, e := range attempts {
			if e.Attempt != i+1 {
				a.problem("attempt %d of the fire of %s due at %s came as number %d", e.Attempt, name, instant.Format(time.TimeOnly), i+1)
			}
		}
		if len(attempts) > 1 {
			a.again++
		}
	}
}

// mastership demands that one node after the other ran what is the master's, each
// of them while it was that.
func (a *account) mastership(book []stage.Event, kill stage.Event) {
	if kill.Kind != stage.Killed {
		a.problem("no master was killed")
	}
	var acting []string
	for _, e := range book {
		if e.Kind != stage.Started || e.Name != onMaster {
			continue
		}
		if len(acting) == 0 || acting[len(acting)-1] != e.Node {
			acting = append(acting, e.Node)
			if e.At.After(kill.At) && a.outage == 0 {
				a.outage = e.At.Sub(kill.At)
			}
		}
	}
	var masters []string
	for i, e := range a.masters {
		masters = append(masters, e.Peer)
		if e.Count != int64(i+1) {
			a.problem("the master's epoch is %d after %d elections", e.Count, i+1)
		}
	}
	if !slices.Equal(acting, masters) || len(masters) != 2 || masters[0] != kill.Node {
		a.problem("elected were %v, and %s was run by %v", masters, onMaster, acting)
	}
}

// print prints the account and reports whether it is in order.
func (a *account) print(printf func(string, ...any)) bool {
	printf("\n")
	for _, name := range slices.Sorted(maps.Keys(a.ran)) {
		printf("%-6s", name)
		for _, node := range slices.Sorted(maps.Keys(a.ran[name])) {
			printf("  %s: %d", node, a.ran[name][node])
		}
		printf("\n")
	}
	if len(a.problems) > 0 {
		printf("FAILED:\n")
		for _, p := range a.problems {
			printf("  %s\n", p)
		}
		return false
	}
	printf("After the kill %s stood still for %.1f s; %s was at most %.1f s late.\n",
		onMaster, a.outage.Seconds(), anywhere, a.lateness.Seconds())
	twice := "none twice"
	if a.twice > 0 {
		twice = fmt.Sprintf("%d of them twice, as the killed node could not write its end", a.twice)
	}
	printf("OK: %d fires of each were due, all ran, %d once more after the kill, %s; master were %s and then %s.\n",
		times, a.again, twice, a.masters[0].Peer, a.masters[1].Peer)
	return true
}
