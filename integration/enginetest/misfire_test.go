package enginetest

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/core/observe"
	"github.com/quartz-cluster/quartz/integration/internal/lab"
	"github.com/quartz-cluster/quartz/schema"
)

// Instants that nobody claimed are run and skipped as each policy says, and every
// one of them is accounted for.
func TestMisfirePolicies(t *testing.T) {
	const n = 5 // instants missed, the newest half an hour ago
	policies := []struct {
		name    string
		option  client.ExecuteOption
		runs    int
		skipped int64
	}{
		{"default", client.OnMisfire(schema.FireOnce), 1, n - 1},
		{"none", func(*client.Execute) {}, 1, n - 1},
		{"skip", client.OnMisfire(schema.Skip), 0, n},
		{"all", client.OnMisfire(schema.FireAll), n, 0},
		{"catch up 2", client.CatchUp(2), 2, n - 2},
		{"catch up 1", client.CatchUp(1), 1, n - 1},
		{"catch up 9", client.CatchUp(9), n, 0},
	}
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		newest := l.Now().Add(-30 * time.Minute).Truncate(time.Second)
		schedules := []struct {
			schedule client.Schedule
			period   time.Duration
		}{
			{client.Every(time.Hour), time.Hour},
			{client.Cron(fmt.Sprintf("%d %d %d * * ?", newest.Second(), newest.Minute(), newest.Hour()), "UTC"), 24 * time.Hour},
		}
		type added struct {
			id           int64
			what         string
			oldest, next time.Time
			period       time.Duration
			runs         int
			skipped      int64
		}
		var all []added
		for _, s := range schedules {
			for _, p := range policies {
				oldest := newest.Add(-(n - 1) * s.period)
				id := l.Execute(s.schedule, p.option)
				l.Set(id, "START_TIME = ?, NEXT_FIRE_TIME = ?", oldest.UnixMilli(), oldest.UnixMilli())
				all = append(all, added{
					id, string(s.schedule.Type) + " " + p.name, oldest, newest.Add(s.period), s.period, p.runs, p.skipped,
				})
			}
		}
		l.Start()
		for _, a := range all {
			row := l.UntilRow(a.id, func(e schema.Execute) bool { // all but the last may run on in children
				return e.NextFireTime == a.next.UnixMilli() && e.FireTime == 0 && e.FireCount >= int64(a.runs)
			}, "%s has caught up", a.what)
			require.EqualValues(t, a.runs, row.FireCount, a.what)
			require.Equal(t, a.skipped, row.SkipCount, a.what)
			require.Equal(t, schema.Executing, row.State, a.what)
			nominals := l.Nominals(a.id)
			require.Len(t, nominals, a.runs, a.what)
			for i, at := range nominals { // the newest of them, oldest first
				require.Equal(t, newest.Add(-time.Duration(a.runs-1-i)*a.period), at, a.what)
			}
			var claimed []time.Time // runs that may overlap start as the scheduler of goroutines has it
			for _, e := range l.Events(observe.Claimed) {
				if e.ExecuteID == a.id {
					claimed = append(claimed, e.Nominal)
				}
			}
			require.Equal(t, nominals, claimed, "%s: in order", a.what)
		}
		l.UntilEvents(observe.Misfired, 1)
		l.UntilEvents(observe.Skipped, 1)
	})
}

// What is late by less than the threshold is no misfire: it simply runs.
func TestLateWithinTheThresholdIsNoMisfire(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		start := l.Now().Add(-20 * time.Second).Truncate(time.Millisecond)
		id := l.Execute(client.Every(5*time.Second).Times(4), client.OnMisfire(schema.Skip))
		l.Set(id, "START_TIME = ?, NEXT_FIRE_TIME = ?", start.UnixMilli(), start.UnixMilli())
		l.Start()
		row := l.UntilState(id, schema.Complete)
		require.EqualValues(t, 4, row.FireCount)
		require.Zero(t, row.SkipCount)
		require.Empty(t, l.Events(observe.Misfired))
	})
}

// Of instants of which only the older ones are missed, SKIP runs the newest.
func TestSkipRunsTheNewestIfItIsNotMissedItself(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		newest := l.Now().Add(-2 * time.Second).Truncate(time.Millisecond)
		id := l.Execute(client.Every(time.Hour), client.OnMisfire(schema.Skip))
		oldest := newest.Add(-3 * time.Hour).UnixMilli()
		l.Set(id, "START_TIME = ?, NEXT_FIRE_TIME = ?", oldest, oldest)
		l.Start()
		row := l.UntilRow(id, func(e schema.Execute) bool { return e.FireCount == 1 }, "it ran")
		require.EqualValues(t, 3, row.SkipCount)
		require.Equal(t, newest, l.Runs(id)[0].NominalTime)
	})
}

// Each instant is told of with the policy that decided about it: what is late because the fire
// before ran for long, or past its deadline, is no misfire.
func TestEachPolicyIsToldOfWhatItDecided(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		type told struct {
			kind   observe.Kind
			reason string
			count  int64
		}
		job, now := l.Job(), l.Now().Truncate(time.Second)
		first := now.Add(-10*time.Hour - 30*time.Minute)
		want := map[int64][]told{}
		// The first fire ran for so long, and nobody was there since.
		after := func(ran time.Duration, times int64, tells []told, options ...client.ExecuteOption) int64 {
			id, at := l.ExecuteOf(job, client.Every(time.Hour).Times(times), options...), first.UnixMilli()
			l.Set(id, "START_TIME = ?, PREV_FIRE_TIME = ?, HIGH_TIME = ?, FIRE_START = ?, NEXT_FIRE_TIME = ?, LAST_END_TIME = ?",
				at, at, at, at, first.Add(time.Hour).UnixMilli(), first.Add(ran).UnixMilli())
			want[id] = tells
			return id
		}
		after(90*time.Minute, 2, nil, client.OnOverlap(schema.Queue))
		all := after(150*time.Minute, 11, []told{
			{observe.Skipped, "overlap", 2}, {observe.Skipped, "deadline", 5}, {observe.Skipped, "misfire", 2}, {observe.Misfired, "FIRE_ONCE", 3},
		}, client.OnOverlap(schema.SkipOverlap), client.Deadline(3*time.Hour))
		// Of this one there is always an instant that is late by less than its deadline and the threshold.
		deadline := l.ExecuteOf(job, client.Every(20*time.Second), client.Deadline(50*time.Second))
		began := now.Add(-10 * time.Minute).UnixMilli()
		l.Set(deadline, "START_TIME = ?, NEXT_FIRE_TIME = ?", began, began)
		l.Start()
		l.UntilRuns(deadline, 1)
		for id := range want {
			l.UntilState(id, schema.Complete)
			require.Len(t, l.Runs(id), 1)
		}
		require.EqualValues(t, 9, l.Row(all).SkipCount)
		got := map[int64][]told{}
		for _, e := range l.Events(observe.Skipped, observe.Misfired) {
			if e.ExecuteID == deadline {
				require.Equal(t, []any{observe.Skipped, "deadline"}, []any{e.Kind, e.Reason})
			}
			got[e.ExecuteID] = append(got[e.ExecuteID], told{e.Kind, e.Reason, e.Count})
		}
		for id, tells := range want {
			require.Equal(t, tells, got[id])
		}
	})
}

// The last instants of a finite schedule are run, or skipped, and then it is over.
func TestWhatEndedWhileNobodyWasThere(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		start := l.Now().Add(-3 * time.Hour).Truncate(time.Millisecond)
		for _, c := range []struct {
			option  client.ExecuteOption
			runs    int64
			skipped int64
		}{
			{client.OnMisfire(schema.FireOnce), 1, 2},
			{client.OnMisfire(schema.FireAll), 3, 0},
			{client.OnMisfire(schema.Skip), 0, 3},
		} {
			id := l.Execute(client.Every(time.Minute).Times(3), c.option)
			l.Set(id, "START_TIME = ?, NEXT_FIRE_TIME = ?", start.UnixMilli(), start.UnixMilli())
			defer func() {
				row := l.UntilState(id, schema.Complete)
				require.Equal(t, c.runs, row.FireCount)
				require.Equal(t, c.skipped, row.SkipCount)
				require.Zero(t, row.NextFireTime)
			}()
		}
		l.Start()
	})
}

// A long absence of a frequent schedule is counted exactly, in bounded steps.
func TestALongAbsenceIsCountedExactly(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		newest := l.Now().Truncate(time.Minute)
		oldest := newest.Add(-25_000 * time.Second)
		// A cron expression, whose instants are found one by one, that has ended.
		id := l.Execute(client.Cron(secondly, "UTC"))
		l.Set(id, "START_TIME = ?, NEXT_FIRE_TIME = ?, END_TIME = ?", oldest.UnixMilli(), oldest.UnixMilli(), newest.Add(-2*time.Minute).UnixMilli())
		l.Start()
		row := l.UntilState(id, schema.Complete)
		require.EqualValues(t, 1, row.FireCount)
		require.EqualValues(t, 25_000-120, row.SkipCount)
		require.Equal(t, newest.Add(-2*time.Minute), l.Runs(id)[0].NominalTime)
	})
}
