package flawstest

import (
	"bytes"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/core"
	"github.com/quartz-cluster/quartz/core/observe"
	"github.com/quartz-cluster/quartz/integration/internal/lab"
	"github.com/quartz-cluster/quartz/schema"
)

const secondly = "* * * * * ?"

func TestTheLastInstantIsMarkedCompleteAndNeverRun(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		l.Start()
		last := l.Now().Truncate(time.Second).Add(15 * time.Second) // adding takes its time on a busy machine
		year := fmt.Sprintf("%d %d %d %d %d ? %d", last.Second(), last.Minute(), last.Hour(), last.Day(), last.Month(), last.Year())
		ids := []int64{
			l.Execute(client.Cron(year, "")),
			l.Execute(client.Cron(secondly, "").Until(last)),
			l.Execute(client.Every(time.Second).StartAt(last.Add(-time.Second)).Until(last)),
			l.Execute(client.At(last)),
		}
		for i, id := range ids {
			l.UntilState(id, schema.Complete)
			runs := l.Nominals(id)
			require.NotEmpty(t, runs, "schedule %d", i)
			require.Equal(t, last, runs[len(runs)-1], "schedule %d", i)
		}
	})
}

func TestASlotBetweenStartAndTheFirstWindowCountsWithoutRunning(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		l.Start()
		once := l.Execute(client.Every(2 * time.Second).Times(1))
		five := l.Execute(client.Every(200 * time.Millisecond).Times(5))
		now := l.Execute(client.Now())
		for id, n := range map[int64]int{once: 1, five: 5, now: 1} {
			row := l.UntilState(id, schema.Complete)
			require.Len(t, l.Runs(id), n)
			require.Equal(t, row.StartTime, l.Nominals(id)[0].UnixMilli())
		}
	})
}

func TestWhatIsLateIsSkippedWithoutAWord(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		start := l.Now().Add(-150 * time.Minute).Truncate(time.Millisecond).UnixMilli()
		id := l.Execute(client.Every(time.Hour), client.OnMisfire(schema.Skip))
		l.Set(id, "START_TIME = ?, NEXT_FIRE_TIME = ?", start, start)
		var log locked
		l.Start(lab.With(func(c *core.Config) { c.Logger = slog.New(slog.NewTextHandler(&log, nil)) }))
		row := l.UntilRow(id, func(e schema.Execute) bool { return e.SkipCount == 3 }, "it is counted")
		require.Equal(t, start+3*3_600_000, row.NextFireTime, "the next one is the next one")
		require.EqualValues(t, 3, l.UntilEvents(observe.Skipped, 1)[0].Count)
		require.Contains(t, log.String(), "instants skipped by policy")
		require.Contains(t, log.String(), "misfire")
	})
}

// locked is a log that may be written and read at once.
type locked struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *locked) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *locked) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func TestABurstLargerThanThePoolIsForgotten(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		l.Start(lab.With(func(c *core.Config) { c.Slots = 4 }))
		at := l.Now().Add(10 * time.Second) // adding takes its time on a busy machine
		batch := make([]client.Execute, 60)
		for i := range batch {
			batch[i].Schedule = client.At(at)
		}
		added, err := l.Client.AddExecutes(t.Context(), l.Job(), batch)
		require.NoError(t, err)
		l.UntilRuns(0, len(batch))
		for _, e := range added {
			row := l.UntilState(int64(e.ID), schema.Complete)
			require.EqualValues(t, 1, row.FireCount)
			require.Zero(t, row.SkipCount)
		}
	})
}

func TestAWindowThatTakesTooLongDropsItsRest(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		job := l.Job()
		var ids []int64
		for range 12 {
			ids = append(ids, l.ExecuteOf(job, client.Now()))
		}
		// Each claim takes three scan intervals, and few are claimed at a time.
		l.Start(lab.With(func(c *core.Config) { c.Slots = 2 }), lab.Through(func(p *lab.Pool) {
			p.Hook(lab.Claim, lab.Hook{Before: func(string, []any) error { <-time.After(300 * time.Millisecond); return nil }})
		}))
		for _, id := range ids {
			require.EqualValues(t, 1, l.UntilState(id, schema.Complete).FireCount)
		}
	})
}

func TestInstantsBetweenTwoWindowsFallInAGap(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		l.Start(lab.Through(func(p *lab.Pool) {
			p.Hook(lab.Scan, lab.Hook{Before: func(string, []any) error { <-time.After(130 * time.Millisecond); return nil }})
		}))
		id := l.Execute(client.Every(70 * time.Millisecond).Times(20))
		l.UntilState(id, schema.Complete) // until each run that began is recorded
		nominals := l.Nominals(id)
		for i := range nominals[1:] {
			require.Equal(t, 70*time.Millisecond, nominals[i+1].Sub(nominals[i]))
		}
	})
}

func TestWhatWasClaimedAndNotRunIsLostWithoutARecord(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		// As a process leaves it that was killed between claim and run.
		id := l.Execute(client.Every(time.Hour))
		l.Set(id, "FIRE_NODE = 4711, FIRE_TIME = NEXT_FIRE_TIME, HIGH_TIME = NEXT_FIRE_TIME, FIRE_ATTEMPT = 1, NEXT_FIRE_TIME = NEXT_FIRE_TIME + 3600000")
		nominal := l.Row(id).FireTime
		l.Start()
		e := l.UntilEvents(observe.Lost, 1)[0]
		require.Equal(t, id, e.ExecuteID)
		require.Equal(t, nominal, e.Nominal.UnixMilli())
		row := l.Row(id)
		require.EqualValues(t, 1, row.LostCount)
		require.Equal(t, schema.Lost, row.LastState)
		require.Equal(t, nominal, row.LastFireTime)
		require.Contains(t, row.LastError, "node 4711 is gone")
	})
}

func TestAnUnknownHandlerIsASilentNoOp(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		l.Start()
		id := l.ExecuteOf(l.JobOf(client.Job{Class: "unknown"}), client.Now())
		e := l.UntilEvents(observe.Unrunnable, 1)[0]
		require.Equal(t, id, e.ExecuteID)
		row := l.Row(id)
		require.Contains(t, row.LastError, `"unknown"`)
		require.Equal(t, schema.Executing, row.State)
		require.Zero(t, row.FireCount+row.SkipCount+row.HighTime, "it is not used up")
	})
}

func TestOfTwoFirstNodesOneIdlesForEver(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		l.Exec(1, "DELETE FROM QRTZ_APP WHERE APPLICATION = ?", lab.App)
		nodes := make([]*lab.Node, 4)
		for i := range nodes {
			nodes[i] = l.Launch()
		}
		for _, n := range nodes {
			<-n.Ready()
		}
		require.Len(t, l.LiveNodes(), len(nodes))
		require.Equal(t, schema.On, l.AppRow().State)
	})
}

func TestDeletingANodesRowOrItsAppStopsItForEver(t *testing.T) {
	lab.Each(t, func(_ *testing.T, l *lab.Lab) {
		n := l.Start()
		id := l.Execute(client.Every(100 * time.Millisecond))
		l.UntilRuns(id, 1)
		l.Exec(1, "DELETE FROM QRTZ_NODE WHERE APPLICATION = ?", lab.App)
		l.UntilEvents(observe.Registered, 2)
		l.UntilRuns(id, len(l.Runs(id))+2)

		l.Exec(1, "DELETE FROM QRTZ_APP WHERE APPLICATION = ?", lab.App)
		n.Beats(1)
		l.UntilRuns(id, len(l.Runs(id))+2)

		l.Exec(1, "DELETE FROM QRTZ_NODE WHERE APPLICATION = ?", lab.App)
		l.Exec(1, "DELETE FROM QRTZ_APP WHERE APPLICATION = ?", lab.App)
		l.UntilEvents(observe.Registered, 3)
		l.UntilRuns(id, len(l.Runs(id))+2)
	})
}

func TestAJobDoesNotComeBackWithItsExecutes(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		l.Start()
		job := l.Job()
		id := l.ExecuteOf(job, client.Every(100*time.Millisecond))
		l.UntilRuns(id, 1)
		_, err := l.Client.PauseExecute(t.Context(), client.ID(id))
		require.NoError(t, err)
		l.Passes(3)
		require.Equal(t, schema.Executing, l.JobRow(int64(job)).State, "its only execute is paused, it is not")
		_, err = l.Client.ResumeExecute(t.Context(), client.ID(id))
		require.NoError(t, err)
		l.UntilRuns(id, len(l.Runs(id))+2)

		over := l.Job()
		l.UntilState(l.ExecuteOf(over, client.Now()), schema.Complete)
		l.Until(func() bool { return l.JobRow(int64(over)).State == schema.Complete }, "the job is over")
		l.UntilState(l.ExecuteOf(over, client.Now()), schema.Complete)
	})
}

func TestANullPreviousFireTimeMakesARowUnclaimable(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		id := l.Execute(client.Now())
		l.Set(id, "PREV_FIRE_TIME = NULL")
		l.Start()
		l.UntilState(id, schema.Complete)
		require.True(t, l.Runs(id)[0].PreviousTime.IsZero())
	})
}

func TestRecoveryUndoesPausesAndOverwritesClaims(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		later := client.At(l.Now().Add(time.Hour))
		inFlight := "FIRE_NODE = 4711, FIRE_TIME = NEXT_FIRE_TIME, FIRE_ATTEMPT = 1, NEXT_FIRE_TIME = NULL"
		paused, again := l.Execute(later), l.Execute(later)
		l.Set(paused, inFlight+", STATE = 'PAUSED'")
		l.Set(again, inFlight)
		// The handler has read what is in flight, and another node claims the row
		// before it writes.
		l.Peer(5)
		_, err := l.Client.PauseApp(t.Context(), lab.App)
		require.NoError(t, err)
		var once sync.Once
		l.Start(lab.Through(func(p *lab.Pool) {
			p.Hook(lab.Flights, lab.Hook{After: func() error {
				once.Do(func() { l.Set(again, "FIRE_NODE = 5, FIRE_ATTEMPT = 2") })
				return nil
			}})
		}), deferred(l), lab.With(func(c *core.Config) { c.Lease = time.Minute }))
		l.UntilEvents(observe.Lost, 1)
		l.Passes(3)
		require.Equal(t, schema.Paused, l.Row(paused).State)
		require.Equal(t, schema.Off, l.AppRow().State, "winning a pass is no reason to resume the app")
		row := l.Row(again)
		require.NotZero(t, row.FireTime, "it is another node's now")
		require.Zero(t, row.LostCount)
	})
}

func TestOnePoisonRowEndsTheRecoveryOfAllBehindIt(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		job := l.Job()
		var poison []int64
		for _, columns := range []string{"CRON = 'nonsense'", "JOB_TYPE = 'SIMPLE', REPEAT_INTERVAL = 0", "END_TIME = 7", "ZONE_ID = 'Mars/Base'"} {
			due, unscheduled := l.ExecuteOf(job, client.Cron(secondly, "UTC")), l.ExecuteOf(job, client.Cron(secondly, "UTC"))
			l.Set(due, columns)
			l.Set(unscheduled, columns+", NEXT_FIRE_TIME = NULL")
			poison = append(poison, due, unscheduled)
		}
		behind := l.ExecuteOf(job, client.Every(100*time.Millisecond))
		unscheduled := l.ExecuteOf(job, client.Every(100*time.Millisecond))
		l.Set(unscheduled, "NEXT_FIRE_TIME = NULL")
		l.Start()
		l.UntilRuns(behind, 3)
		l.UntilRuns(unscheduled, 3)
		for _, id := range poison {
			require.NotEmpty(t, l.UntilState(id, schema.Error).LastError)
		}
	})
}

func TestADatabaseErrorDuringAClaimCountsAsNotMine(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		lost := lab.Fail(1)
		l.Start(lab.Through(func(p *lab.Pool) { p.Hook(lab.Take, lab.Hook{After: lost.Next}) }))
		id := l.Execute(client.Now())
		row := l.UntilState(id, schema.Complete)
		require.Zero(t, lost.Left(), "the claim was committed and its answer lost")
		require.Len(t, l.Runs(id), 1)
		require.EqualValues(t, 1, row.FireCount)
	})
}
