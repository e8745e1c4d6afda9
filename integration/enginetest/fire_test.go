package enginetest

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/core"
	"github.com/quartz-cluster/quartz/integration/internal/lab"
	"github.com/quartz-cluster/quartz/schema"
)

// every second, at full ones.
const secondly = "* * * * * ?"

func TestEachFireRunsOnExactlyOneOfThreeNodes(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		l.Nodes(3)
		const executes, times = 48, 3 // so many that chance leaves no node without
		job := l.Job()
		var ids []int64
		for range executes {
			ids = append(ids, l.ExecuteOf(job, client.Every(200*time.Millisecond).Times(times)))
		}
		on := make(map[string]int)
		for _, id := range ids {
			row := l.UntilState(id, schema.Complete)
			require.EqualValues(t, times, row.FireCount)
			require.EqualValues(t, times, row.TimeTriggered)
			require.Zero(t, row.SkipCount+row.LostCount+row.FailCount)
			runs := l.Runs(id)
			require.Len(t, runs, times)
			for i, at := range l.Nominals(id) {
				require.Equal(t, row.StartTime+int64(i)*200, at.UnixMilli())
			}
			for _, r := range runs {
				on[r.Node]++
			}
		}
		require.Len(t, on, 3, "the executes are divided among the nodes: %v", on)
	})
}

func TestEveryKindOfScheduleFires(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		l.Start()
		cron := l.Execute(client.Cron(secondly, "Europe/Berlin"))
		interval := l.Execute(client.Every(300 * time.Millisecond))
		counted := l.Execute(client.Every(300 * time.Millisecond).Times(3))
		now := l.Execute(client.Now())
		at := l.Now().Add(10 * time.Second).Truncate(time.Millisecond) // adding takes its time on a busy machine
		once := l.Execute(client.At(at))

		l.UntilRuns(cron, 3)
		for i, r := range l.Ordered(cron)[:3] {
			require.Zero(t, r.NominalTime.UnixMilli()%1000)
			if i > 0 {
				require.Equal(t, time.Second, r.NominalTime.Sub(r.PreviousTime))
			}
		}
		l.UntilRuns(interval, 4)
		require.Len(t, l.UntilRuns(counted, 3), 3)
		require.EqualValues(t, 3, l.UntilState(counted, schema.Complete).FireCount)
		row := l.UntilState(now, schema.Complete)
		require.Equal(t, row.StartTime, l.Runs(now)[0].NominalTime.UnixMilli(), "now is the first and only slot")
		l.UntilState(once, schema.Complete)
		require.Equal(t, at, l.Runs(once)[0].NominalTime)
		for _, endless := range []int64{cron, interval} {
			row := l.Row(endless)
			require.Equal(t, schema.Executing, row.State)
			require.NotZero(t, row.NextFireTime)
		}
	})
}

// What is finite runs to its very last instant.
func TestTheLastInstantRuns(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		l.Start()
		now := l.Now()
		second := now.Truncate(time.Second).Add(10 * time.Second) // adding takes its time on a busy machine
		year := second.Add(4 * time.Second)
		cases := []struct {
			name     string
			schedule client.Schedule
			last     time.Time
			id       int64
		}{
			{name: "interval until", schedule: client.Every(time.Second).StartAt(second.Add(3 * time.Second)).Until(second.Add(5 * time.Second)), last: second.Add(5 * time.Second)},
			{name: "cron until", schedule: client.Cron(secondly, "").Until(second.Add(5 * time.Second)), last: second.Add(5 * time.Second)},
			{name: "cron with a year", schedule: client.Cron(onceAt(year), ""), last: year},
			{name: "counted", schedule: client.Every(500 * time.Millisecond).StartAt(second.Add(3 * time.Second)).Times(3), last: second.Add(4 * time.Second)},
		}
		for i := range cases {
			cases[i].id = l.Execute(cases[i].schedule)
		}
		for _, c := range cases {
			l.UntilState(c.id, schema.Complete)
			runs := l.Nominals(c.id)
			require.NotEmpty(t, runs, c.name)
			require.Equal(t, c.last, runs[len(runs)-1], c.name)
		}
	})
}

// onceAt is a cron expression with a year, for one instant.
func onceAt(at time.Time) string {
	return fmt.Sprintf("%d %d %d %d %d ? %d", at.Second(), at.Minute(), at.Hour(), at.Day(), at.Month(), at.Year())
}

type invoice struct {
	Number int
	Lines  []string
	Note   string
}

func TestDataReachesTheHandlerTyped(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		got := make(chan invoice, 10)
		failed := make(chan error, 10)
		h := core.NewHandlers()
		core.Handle(h, "typed", func(_ context.Context, _ *core.Fire, data invoice) error { got <- data; return nil })
		h.Add("watch", func(_ context.Context, fire *core.Fire) error {
			var data []int
			err := fire.Decode(&data)
			failed <- err
			return err
		})
		l.Start(lab.Running(h))
		theirs := invoice{Number: 7, Lines: []string{"straße", "日本", `"quoted" \ 'single'`}, Note: "from the job"}
		job := l.JobOf(client.Job{Class: "typed", Data: theirs})
		l.ExecuteOf(job, client.Now())
		require.Equal(t, theirs, <-got)

		own := invoice{Number: 8, Note: "from the execute"}
		l.ExecuteOf(job, client.Now(), client.WithData(own))
		require.Equal(t, own, <-got)

		l.ExecuteOf(l.JobOf(client.Job{Class: "typed"}), client.Now())
		require.Equal(t, invoice{}, <-got, "no data leaves the struct alone")

		bad := l.ExecuteOf(l.JobOf(client.Job{Class: "watch", Data: json.RawMessage(`{"a":1}`)}), client.Now())
		var fits *core.DataError
		require.ErrorAs(t, <-failed, &fits)
		require.Equal(t, "watch", fits.Class)
		row := l.UntilState(bad, schema.Complete)
		require.Equal(t, schema.Failed, row.LastState)
		require.Contains(t, row.LastError, `data does not fit handler "watch"`)
	})
}

func TestAFireTellsAllAboutItself(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		n := l.Start(lab.As("teller"))
		job := l.JobOf(client.Job{Class: lab.Work, Name: "nightly", Data: json.RawMessage(`{"a": [1, 2]}`)})
		id := l.ExecuteOf(job, client.Every(400*time.Millisecond).Times(3), client.Named("thrice"))
		row := l.UntilState(id, schema.Complete)
		node := l.NodeRows()[0]
		require.Equal(t, "teller", n.Key())
		runs := l.Ordered(id)
		require.Len(t, runs, 3)
		for i, r := range runs {
			require.Equal(t, lab.App, r.App)
			require.Equal(t, "teller", r.Node)
			require.Equal(t, int64(job), r.JobID)
			require.Equal(t, "nightly", r.JobName)
			require.Equal(t, lab.Work, r.Class)
			require.Equal(t, id, r.ExecuteID)
			require.Equal(t, "thrice", r.ExecuteName)
			require.Equal(t, 1, r.Attempt)
			require.Equal(t, node.NodeID, r.Fence)
			require.JSONEq(t, `{"a": [1, 2]}`, string(r.Data))
			require.Equal(t, row.StartTime+int64(i)*400, r.NominalTime.UnixMilli())
			require.False(t, r.ActualTime.Before(r.NominalTime))
			if i == 0 {
				require.True(t, r.PreviousTime.IsZero())
			} else {
				require.Equal(t, runs[i-1].NominalTime, r.PreviousTime)
			}
			if i == len(runs)-1 {
				require.True(t, r.NextTime.IsZero())
			} else {
				require.Equal(t, runs[i+1].NominalTime, r.NextTime)
			}
		}
		require.Equal(t, runs[2].NominalTime.UnixMilli(), row.PrevFireTime)
		require.Equal(t, runs[2].NominalTime.UnixMilli(), row.LastFireTime)
		require.Equal(t, schema.Succeeded, row.LastState)
		require.GreaterOrEqual(t, row.LastEndTime, row.LastFireTime)
		require.Equal(t, node.NodeID, row.FireNode, "who ran it last stays")
	})
}

func TestAFireInFlightIsOnItsRow(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		release := make(chan struct{})
		l.Start(lab.Running(l.Handlers(func(context.Context, *core.Fire) error { <-release; return nil })))
		id := l.Execute(client.Now())
		l.UntilRuns(id, 1)
		row := l.Row(id)
		require.Equal(t, l.Runs(id)[0].NominalTime.UnixMilli(), row.FireTime)
		require.Equal(t, l.NodeRows()[0].NodeID, row.FireNode)
		require.Equal(t, 1, row.FireAttempt)
		require.GreaterOrEqual(t, row.FireStart, row.FireTime-250)
		require.Equal(t, schema.Executing, row.State, "it completes when the run is over")
		close(release)
		require.Zero(t, l.UntilState(id, schema.Complete).NextFireTime)
	})
}
