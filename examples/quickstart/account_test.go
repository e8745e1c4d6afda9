package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/examples/internal/stage"
	"github.com/quartz-cluster/quartz/schema"
)

// zero is second 0 of the made-up shows.
var zero = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// fixture is a show of one execute with three instants, of which the second was
// cut off and recorded as lost.
type fixture struct {
	plan   []planned
	ledger []stage.Event
	row    *client.ExecuteInfo
}

const id = client.ID(7)

func newFixture() *fixture {
	f := &fixture{row: &client.ExecuteInfo{ID: id, Name: "acme", State: schema.Complete, Counts: client.Counts{Fires: 2, Lost: 1}}}
	for s := range 3 {
		nominal := zero.Add(time.Duration(s) * time.Second)
		f.plan = []planned{{f.row, "every 1s", append(f.instants(), nominal)}}
		f.tell(stage.Started, "node-1", nominal, nominal)
		if s != 1 {
			f.tell(stage.Done, "node-1", nominal, nominal.Add(100*time.Millisecond))
		}
	}
	f.tell(stage.Lost, "node-2", zero.Add(time.Second), zero.Add(8*time.Second))
	return f
}

func (f *fixture) instants() []time.Time {
	if len(f.plan) == 0 {
		return nil
	}
	return f.plan[0].instants
}

func (f *fixture) tell(k stage.Kind, node string, nominal, at time.Time) {
	f.ledger = append(f.ledger, stage.Event{Kind: k, Node: node, Execute: id, Name: "acme", Nominal: nominal, At: at})
}

// forget takes all lines about an instant, of the given kinds, out of the ledger.
func (f *fixture) forget(nominal time.Time, kinds ...stage.Kind) {
	var kept []stage.Event
	for _, e := range f.ledger {
		drop := false
		for _, k := range kinds {
			drop = drop || e.Kind == k && e.Nominal.Equal(nominal)
		}
		if !drop {
			kept = append(kept, e)
		}
	}
	f.ledger = kept
}

func (f *fixture) account() *account {
	return newAccount(f.plan, f.ledger, map[client.ID]*client.ExecuteInfo{id: f.row}, zero)
}

func TestEveryFireAccountedFor(t *testing.T) {
	t.Parallel()
	a := newFixture().account()
	require.Empty(t, a.problems)
	sum := a.sum()
	require.Equal(t, total{Due: 3, Ran: 2, Lost: 1}, sum)
	require.Len(t, a.cutOff, 1)
	require.Equal(t, "node-1", a.cutOff[0].node)
	require.Equal(t, "node-2", a.cutOff[0].lostBy)
	require.Equal(t, map[string]int{"node-1": 2}, a.byNode())
}

func TestFailedRunIsRun(t *testing.T) {
	t.Parallel()
	f := newFixture()
	f.forget(zero, stage.Done)
	f.tell(stage.Failed, "node-1", zero, zero.Add(time.Second))
	a := f.account()
	require.Empty(t, a.problems)
	require.Equal(t, total{Due: 3, Ran: 1, Failed: 1, Lost: 1}, a.sum())
}

func TestSkippedFireIsAccountedFor(t *testing.T) {
	t.Parallel()
	f := newFixture()
	f.forget(zero, stage.Started, stage.Done)
	f.row.Counts.Fires, f.row.Counts.Skipped = 1, 1
	a := f.account()
	require.Empty(t, a.problems)
	require.Equal(t, total{Due: 3, Ran: 1, Lost: 1, Skipped: 1}, a.sum())
}

func TestRunThatEndedButCouldNotBeRecordedIsLost(t *testing.T) {
	t.Parallel()
	f := newFixture()
	second := zero.Add(time.Second)
	f.forget(second, stage.Lost)
	f.tell(stage.Done, "node-1", second, second.Add(time.Second))
	f.tell(stage.Lost, "node-2", second, second.Add(8*time.Second))
	a := f.account()
	require.Empty(t, a.problems)
	require.Equal(t, total{Due: 3, Ran: 2, Lost: 1}, a.sum())
	require.Len(t, a.cutOff, 1)
}

func TestWhatIsNotAccountedForIsNamed(t *testing.T) {
	t.Parallel()
	at := func(s float64) time.Time { return zero.Add(time.Duration(s * float64(time.Second))) }
	for name, c := range map[string]struct {
		spoil func(f *fixture)
		want  []string
	}{
		"a fire that ran twice": {
			func(f *fixture) {
				f.tell(stage.Started, "node-3", at(2), at(2.001))
				f.tell(stage.Done, "node-3", at(2), at(2.1))
			},
			[]string{"acme: the fire due at 2.000 ran 2 times, first on node-1, then on node-3"},
		},
		"a lost fire that ran again": {
			func(f *fixture) {
				f.tell(stage.Started, "node-3", at(1), at(9))
				f.tell(stage.Done, "node-3", at(1), at(9.1))
			},
			[]string{"acme: the fire due at 1.000 ran 2 times, first on node-1, then on node-3"},
		},
		"a fire that never ran": {
			func(f *fixture) {
				f.forget(at(2), stage.Started, stage.Done)
				f.row.Counts.Fires = 1
			},
			[]string{"acme: 1 of 3 fires are not accounted for"},
		},
		"a fire that the tables count and nobody ran": {
			func(f *fixture) { f.forget(at(2), stage.Started, stage.Done) },
			[]string{"acme: 1 of 3 fires are not accounted for", "acme: the nodes ran 1 fires to their end, the tables count 2"},
		},
		"a run that was cut off and not recorded": {
			func(f *fixture) { f.forget(at(1), stage.Lost); f.row.Counts.Lost = 0 },
			[]string{"acme: 1 of 3 fires are not accounted for"},
		},
		"a loss that was none": {
			func(f *fixture) { f.row.Counts.Lost = 2 },
			[]string{"acme: the tables count 2 fires as lost and 0 as skipped, but only 1 were not run"},
		},
		"a start before its time": {
			func(f *fixture) {
				f.forget(at(2), stage.Started, stage.Done)
				f.tell(stage.Started, "node-1", at(2), at(1.999))
				f.tell(stage.Done, "node-1", at(2), at(2.1))
			},
			[]string{"acme: the fire due at 2.000 started before its time, at 1.999 on node-1"},
		},
		"a run for no instant of the schedule": {
			func(f *fixture) { f.tell(stage.Started, "node-2", at(2.5), at(2.5)) },
			[]string{"acme: ran at 2.500 on node-2, for an instant that its schedule does not have"},
		},
		"an execute that has not come to its end": {
			func(f *fixture) { f.row.State, f.row.NextFire = schema.Executing, at(3) },
			[]string{"acme: has not come to its end: it is EXECUTING, its next fire 2026-11-22T12:00:03Z"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFixture()
			c.spoil(f)
			require.Equal(t, c.want, f.account().problems)
		})
	}
}

func TestLateness(t *testing.T) {
	t.Parallel()
	f := newFixture()
	f.forget(zero.Add(2*time.Second), stage.Started)
	f.tell(stage.Started, "node-2", zero.Add(2*time.Second), zero.Add(5*time.Second))
	median, longest := f.account().lateness()
	require.Zero(t, median)
	require.Equal(t, 3*time.Second, longest)
	median, longest = (&account{}).lateness()
	require.Zero(t, median+longest)
}
