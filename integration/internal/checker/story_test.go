package checker

import (
	"slices"
	"time"

	"github.com/quartz-cluster/quartz/integration/internal/ledger"
	"github.com/quartz-cluster/quartz/schema"
	"github.com/quartz-cluster/quartz/schema/schedule"
)

// The story that each case changes: execute 1 of job 9 fires every second, five
// times, and is then COMPLETE; execute 2 goes on for ever and had fired three
// times, each a millisecond late, when all stopped at 3.5 s.
type story struct {
	Input
}

const start = int64(1_800_000_000_000)

// at is a time of the story, in milliseconds from its start.
func at(ms int64) time.Time { return time.UnixMilli(start + ms).UTC() }

func tell() *story {
	finite := schedule.Spec{Type: "SIMPLE", RepeatCount: 5, RepeatInterval: 1000, Start: start}
	endless := schedule.Spec{Type: "CRON", Cron: "* * * * * ?", Zone: "UTC", Start: start}
	s := &story{Input{
		Ledger: &ledger.Ledger{Calls: []ledger.Call{
			added(1, finite),
			added(2, endless),
		}},
		Executes: []schema.Execute{
			{ID: 1, PID: 9, Application: "a", State: schema.Complete, FireCount: 5, Recent: kept(0).Entry()},
			{ID: 2, PID: 9, Application: "a", State: schema.Executing, NextFireTime: start + 3000, FireCount: 3, Recent: kept(0).Entry()},
		},
		Stopped: at(3500), Grace: time.Second,
	}}
	for i := range int64(5) {
		s.ran(1, i*1000)
	}
	for i := range int64(3) {
		s.ran(2, i*1000)
	}
	return s
}

// kept is what a row keeps of a fire.
func kept(ms int64) schema.PastFire {
	return schema.PastFire{Nominal: start + ms, Started: start + ms + 1, Duration: 1, NodeID: 7, Attempt: 1, Outcome: schema.Succeeded}
}

func added(execute int64, spec schedule.Spec) ledger.Call {
	return call(ledger.Added, execute, 0, ledger.Row{Spec: spec, Next: start, Updated: start, Revision: 1})
}

func call(kind ledger.Kind, execute, ms int64, row ledger.Row) ledger.Call {
	return ledger.Call{Kind: kind, App: "a", Job: 9, Execute: execute, Begun: at(ms), Acked: at(ms + 5), Row: &row}
}

func (s *story) ran(execute, ms int64) *ledger.Run {
	s.Ledger.Runs = append(s.Ledger.Runs, ledger.Run{
		Process: "p", App: "a", Node: "n", Fence: 7, Class: "c", Execute: execute, Nominal: at(ms), Attempt: 1,
		Revision: 1, Start: at(ms + 1), End: at(ms + 2),
	})
	return &s.Ledger.Runs[len(s.Ledger.Runs)-1]
}

// again lets a fire of execute 1 run a second time, on another node and so much
// after it ended.
func (s *story) again(i int, ms int64) *ledger.Run {
	again := *s.run(i)
	again.Node, again.Process, again.Fence, again.Attempt = "m", "q", 8, 2
	again.Start = again.Start.Add(time.Duration(ms) * time.Millisecond)
	again.End = again.Start.Add(time.Millisecond)
	s.Ledger.Runs = append(s.Ledger.Runs, again)
	return &s.Ledger.Runs[len(s.Ledger.Runs)-1]
}

// run returns the run of execute 1 with that number.
func (s *story) run(i int) *ledger.Run { return &s.Ledger.Runs[i] }

func (s *story) forget(i int) { s.Ledger.Runs = slices.Delete(s.Ledger.Runs, i, i+1) }

func (s *story) called(c ledger.Call) { s.Ledger.Calls = append(s.Ledger.Calls, c) }

func (s *story) row(i int) *schema.Execute { return &s.Executes[i-1] }
