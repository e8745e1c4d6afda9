package checker

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/integration/internal/ledger"
	"github.com/quartz-cluster/quartz/schema"
	"github.com/quartz-cluster/quartz/schema/schedule"
)

func TestTheCheckerFindsNothingWrongWithAGoodStory(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(s *story){
		"as it is": func(*story) {},
		"a fire was skipped by policy": func(s *story) {
			s.forget(2)
			s.row(1).FireCount, s.row(1).SkipCount = 4, 1
		},
		"a fire was lost before it started": func(s *story) {
			s.forget(4)
			s.row(1).FireCount, s.row(1).LostCount = 4, 1
		},
		"a fire was lost in the middle of its run": func(s *story) {
			s.run(2).End = time.Time{}
			s.Killed = []string{"p"}
			s.row(1).FireCount, s.row(1).LostCount = 4, 1
		},
		"a fire besides the schedule": func(s *story) {
			s.called(ledger.Call{Kind: ledger.Owed, Execute: 1, Nominal: start + 1500, Begun: at(1500), Acked: at(1500)})
			s.ran(1, 1500)
			s.row(1).FireCount = 6
		},
		"an execute that was deleted": func(s *story) {
			s.called(ledger.Call{Kind: ledger.Deleted, Execute: 1, Begun: at(3995), Acked: at(4000)})
			s.Executes = s.Executes[1:]
		},
		"an execute that was changed behind everybody's back": func(s *story) {
			s.ran(3, 0)
			s.Wild = []int64{3}
		},
		"a fire ran a second time as the next attempt": func(s *story) {
			s.row(1).Recover = 3
			s.again(2, 10)
		},
		"a fire ran a second time beside a process that was stopped": func(s *story) {
			s.row(1).Recover = 3
			s.again(2, 0)
			s.Zombies = []string{"p"}
		},
		"a fire waits for its next attempt": func(s *story) {
			s.row(1).FireCount, s.row(1).RetryMax = 4, 1
			s.Executes = append(s.Executes, schema.Execute{ID: 7, PID: 9, Application: "a", Origin: schema.ChildRetry, OriginID: 1})
		},
		"a run that was claimed before the clock was put back": func(s *story) {
			s.run(2).Start = s.run(2).Nominal.Add(-time.Second)
			s.Jumps = []Jump{{at(900), at(1100)}}
		},
		"instants before it was added were skipped then": func(s *story) {
			s.Ledger.Calls[0].Row.Skipped = 3
			s.row(1).SkipCount = 3
		},
		"an edit passed over an instant and counted it": func(s *story) {
			// At 1.5 s, with the instant at 1 s still waiting: every half second from 2 s.
			s.called(call(ledger.Rescheduled, 1, 1490, ledger.Row{
				Spec: schedule.Spec{Type: "SIMPLE", RepeatCount: 3, RepeatInterval: 500, Start: start + 2000},
				Prev: start, Next: start + 2000, Updated: start + 1500, Skipped: 1, Revision: 1,
			}))
			s.Ledger.Runs = slices.DeleteFunc(s.Ledger.Runs, func(r ledger.Run) bool { return r.Execute == 1 && !r.Nominal.Equal(at(0)) })
			s.ran(1, 2000)
			s.ran(1, 2500)
			s.ran(1, 3000)
			s.row(1).FireCount, s.row(1).SkipCount = 4, 1
		},
		"a fire was claimed ahead of an edit": func(s *story) {
			// At 3.9 s, the instant at 4 s being claimed: the new schedule begins after it.
			s.called(call(ledger.Rescheduled, 1, 3890, ledger.Row{
				Spec: schedule.Spec{Type: "SIMPLE", RepeatCount: 1, Start: start + 4001},
				Prev: start + 4000, Next: start + 4001, Updated: start + 3900, Revision: 1,
			}))
			s.ran(1, 4001)
			s.row(1).FireCount = 6
		},
		"a pause that held": func(s *story) {
			still := ledger.Row{Prev: start + 2000, Next: start + 3000, Revision: 1}
			s.called(call(ledger.Paused, 1, 2100, still))
			s.called(call(ledger.Resumed, 1, 2900, still))
		},
		"a fire that was claimed just before the pause": func(s *story) {
			s.called(call(ledger.Paused, 1, 3800, ledger.Row{Prev: start + 4000, Revision: 1}))
		},
		"a late execute that makes headway": func(s *story) {
			s.Stopped = at(8000)
			late := s.ran(2, 3000)
			late.Start, late.End = at(7500), at(7600)
			s.row(2).NextFireTime, s.row(2).FireCount = start+4000, 4
		},
		"an edit of the data that came too late for a claim": func(s *story) {
			s.called(call(ledger.Edited, 1, 3800, ledger.Row{Revision: 2}))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := tell()
			change(s)
			report := Check(s.Input)
			require.Empty(t, report.Violations, report)
			require.Equal(t, len(s.Ledger.Runs), report.Runs)
		})
	}
}

func TestEachFaultTurnsTheCheckerRed(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		want   Fault
		change func(s *story)
	}{
		"the same fire ran twice": {Doubled, func(s *story) {
			again := *s.run(2)
			again.Node, again.Process, again.Fence = "m", "q", 8
			s.Ledger.Runs = append(s.Ledger.Runs, again)
		}},
		"a fire did not run and nothing counts it": {Missing, func(s *story) { s.forget(2) }},
		"a fire of an endless schedule did not run": {Missing, func(s *story) {
			s.forget(6)
			s.row(2).FireCount = 2
		}},
		"an edit lost an instant": {Missing, func(s *story) {
			s.called(call(ledger.Rescheduled, 1, 3990, ledger.Row{
				Spec: schedule.Spec{Type: "SIMPLE", RepeatCount: 1, Start: start + 5000},
				Prev: start + 3000, Next: start + 5000, Updated: start + 4000, Revision: 1,
			}))
			s.forget(4)
			s.ran(1, 5000)
		}},
		"an execute is gone": {Missing, func(s *story) { s.Executes = s.Executes[:1] }},
		"a run before its time, by a microsecond": {Early, func(s *story) {
			s.run(2).Start = s.run(2).Nominal.Add(-time.Microsecond)
		}},
		"a run at no instant of the schedule": {Stray, func(s *story) { s.ran(1, 1500) }},
		"a run after the schedule's end":      {Stray, func(s *story) { s.ran(1, 5000) }},
		"a run by another app's node":         {Stray, func(s *story) { s.run(2).App = "b" }},
		"a run of an execute that nobody added": {Stray, func(s *story) {
			s.ran(3, 0)
		}},
		"a completion that is not counted": {Miscounted, func(s *story) { s.row(1).FireCount = 4 }},
		"a completion that is counted twice": {Miscounted, func(s *story) {
			s.row(1).FireCount = 6
		}},
		"a skip that is counted, but ran": {Miscounted, func(s *story) { s.row(1).SkipCount = 1 }},
		"an endless schedule without a next fire": {Miscounted, func(s *story) {
			s.row(2).NextFireTime, s.row(2).State = 0, schema.Complete
		}},
		"an execute in ERROR": {Miscounted, func(s *story) { s.row(2).State = schema.Error }},
		"the last fire was skipped": {LastNotRun, func(s *story) {
			s.forget(4)
			s.row(1).FireCount, s.row(1).SkipCount = 4, 1
		}},
		"FIRE_ALL skipped": {Skipped, func(s *story) {
			s.row(1).Misfire = schema.FireAll
			s.forget(2)
			s.row(1).FireCount, s.row(1).SkipCount = 4, 1
		}},
		"a fire besides the schedule that did not run": {Missing, func(s *story) {
			s.called(ledger.Call{Kind: ledger.Owed, Execute: 1, Nominal: start + 1500, Begun: at(1500), Acked: at(1500)})
		}},
		"a fire of a paused execute": {PausedRun, func(s *story) {
			s.called(call(ledger.Paused, 1, 2700, ledger.Row{Revision: 1}))
		}},
		"a fire between pause and resumption": {PausedRun, func(s *story) {
			s.called(call(ledger.Paused, 1, 1700, ledger.Row{Revision: 1}))
			s.called(call(ledger.Resumed, 1, 2700, ledger.Row{Revision: 1}))
		}},
		"a late fire that was claimed in the pause": {PausedRun, func(s *story) {
			s.called(call(ledger.Paused, 1, 2100, ledger.Row{Prev: start + 1000, Next: start + 2000, Revision: 1}))
			s.called(call(ledger.Resumed, 1, 2900, ledger.Row{Prev: start + 2000, Next: start + 3000, Revision: 1}))
		}},
		"a fire of a paused job": {PausedRun, func(s *story) {
			s.called(ledger.Call{Kind: ledger.JobPaused, Job: 9, Begun: at(1000), Acked: at(1005)})
		}},
		"a fire on a paused node": {PausedRun, func(s *story) {
			s.called(ledger.Call{Kind: ledger.NodePaused, App: "a", Node: "n", Begun: at(1000), Acked: at(1005)})
		}},
		"a run with the data before an edit": {StaleData, func(s *story) {
			s.called(call(ledger.Edited, 1, 3000, ledger.Row{Revision: 2}))
		}},
		"two nodes under one node id":            {SharedFence, func(s *story) { s.run(2).Node = "m" }},
		"two processes as one node":              {SharedFence, func(s *story) { s.run(2).Process = "q" }},
		"a second attempt that no policy allows": {Rerun, func(s *story) { s.again(2, 10) }},
		"a second attempt beside the first": {Beside, func(s *story) {
			s.row(1).Recover = 1
			s.again(2, 0)
		}},
		"a recent fire that nobody ran": {Misremembered, func(s *story) {
			s.row(2).Recent = schema.AddRecent(s.row(2).Recent, schema.RecentFires, kept(7))
		}},
		"a recent fire that is there twice": {Misremembered, func(s *story) { s.row(2).Recent += "\n" + kept(0).Entry() }},
		"fires without one that is kept":    {Misremembered, func(s *story) { s.row(2).Recent = "" }},
		"a second attempt without the first one's checkpoint": {Forgotten, func(s *story) {
			s.row(1).Recover = 1
			s.run(2).Mark = 3
			s.again(2, 10).Resumed = 2
		}},
		"a second attempt in a pause": {PausedRun, func(s *story) {
			s.row(1).Recover = 1
			s.again(2, 5000)
			s.called(call(ledger.Paused, 1, 4500, ledger.Row{Prev: start + 4000, Revision: 1}))
		}},
		"a recoverable fire was lost": {LostRecoverable, func(s *story) {
			s.row(1).FireCount, s.row(1).LostCount, s.row(1).Recover = 4, 1, 3
		}},
		"two masters at a time": {TwoMasters, func(s *story) {
			s.row(1).RunOn = schema.RunOnMaster
			s.run(1).End = at(2500)
			s.run(2).Node, s.run(2).Process, s.run(2).Fence = "m", "q", 8
		}},
		"nobody took what was due": {Overdue, func(s *story) { s.Stopped = at(4002) }},
		"nothing is left to fire, but it is enabled": {Overdue, func(s *story) {
			s.row(1).State = schema.Executing
		}},
		"a fire in flight": {LeftBehind, func(s *story) {
			s.row(1).FireTime = start + 4000
			s.row(1).FireCount = 4
		}},
		"a node that has not left":  {LeftBehind, func(s *story) { s.Nodes = []schema.Node{{Application: "a", Key: "n", NodeID: 7}} }},
		"a run that never returned": {Unfinished, func(s *story) { s.run(2).End = time.Time{} }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := tell()
			c.change(s)
			report := Check(s.Input)
			require.Contains(t, report.Faults(), c.want, report)
			require.Contains(t, report.String(), string(c.want))
		})
	}
}

func TestLatenessLeavesOutWhatWasTouchedAndWhatIsSlow(t *testing.T) {
	t.Parallel()
	s := tell()
	s.run(4).Start = at(4040)
	s.ran(2, 2999).Class = "slow"
	s.Slow = []string{"slow"}
	report := Check(s.Input)
	require.Len(t, report.New, 2)
	require.Len(t, report.Late, 6)
	require.Equal(t, time.Millisecond, Quantile(report.Late, 0.5))
	require.Equal(t, 40*time.Millisecond, Quantile(report.Late, 1))

	s.called(call(ledger.Edited, 1, 4500, ledger.Row{Revision: 2}))
	require.Len(t, Check(s.Input).Late, 2)
	require.Zero(t, Quantile(nil, 0.5))
}
