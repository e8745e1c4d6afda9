package enginetest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/core/observe"
	"github.com/quartz-cluster/quartz/integration/internal/lab"
	"github.com/quartz-cluster/quartz/internal/sqldb"
	"github.com/quartz-cluster/quartz/schema"
)

// What waits on purpose is neither overdue nor spoken of: a retry whose execute is paused,
// and what must not run beside its own retry. What else no live node may run is told in
// every pass, and of a child the fire is named by its execute.
func TestWhatIsHeldBackIsNotOverdue(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		const own, call = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
		job := l.JobOf(client.Job{Class: "nobody's", Name: "job"})
		later := client.At(l.Now().Add(time.Hour))
		retry := func(of, next int64) int64 {
			child := schema.Execute{
				ID: schema.NewID(), PID: int64(job), Application: lab.App, HostIP: "test", HostName: "test", JobType: schema.Simple, State: schema.Executing,
				RepeatCount: 1, StartTime: 500, EndTime: -1, PrevFireTime: -1, NextFireTime: next, FireAttempt: 2, Trace: own,
				Origin: schema.ChildRetry, OriginID: of, ChildKey: schema.FireKey(of, 500),
			}
			child.Overlap, child.OverlapMax = l.Row(of).Overlap, l.Row(of).OverlapMax
			require.NoError(t, sqldb.Insert(t.Context(), l.SQL, "QRTZ_EXECUTE", child))
			return child.ID
		}
		overdue := l.ExecuteOf(job, later)
		l.Set(overdue, "NEXT_FIRE_TIME = 1000")
		retried := l.ExecuteOf(job, later, client.Named("retried"))
		l.Set(retried, "TRACE = ?", call)
		retry(retried, 1000)
		paused := l.ExecuteOf(job, later, client.Paused())
		ofPaused := retry(paused, 1000)
		alone := l.ExecuteOf(job, later, client.OnOverlap(schema.Queue))
		l.Set(alone, "NEXT_FIRE_TIME = 1000")
		retry(alone, l.Now().Add(time.Hour).UnixMilli())

		l.Start()
		counted := func(want int64) bool {
			for _, kind := range []observe.Kind{observe.Overdue, observe.Stranded} {
				told := l.Events(kind)
				if len(told) == 0 || told[len(told)-1].Count != want {
					return false
				}
			}
			return true
		}
		l.Until(func() bool { return counted(2) }, "two are counted")
		l.Passes(3)
		for _, e := range l.Events(observe.Overdue, observe.Stranded) {
			require.EqualValues(t, 2, e.Count, e.Kind)
		}
		told := l.Events(observe.Unrunnable)
		require.Len(t, told, 2, "once each")
		for _, e := range told {
			if e.ExecuteID == overdue {
				require.Equal(t, []any{time.UnixMilli(1000).UTC(), 1, "job"}, []any{e.Nominal, e.Attempt, e.Job})
				continue
			}
			require.Equal(t, []any{retried, "retried"}, []any{e.ExecuteID, e.Execute}, "the one with the schedule")
			require.Equal(t, []any{time.UnixMilli(500).UTC(), 3}, []any{e.Nominal, e.Attempt})
			require.Equal(t, []string{own, call}, []string{e.Trace, e.Link})
		}
		require.Empty(t, l.Row(ofPaused).LastError+l.Row(alone).LastError)

		_, err := l.Client.ResumeExecute(t.Context(), client.ID(paused))
		require.NoError(t, err)
		l.Until(func() bool { return counted(3) }, "what goes on is counted")
		_, err = l.Client.PauseApp(t.Context(), lab.App)
		require.NoError(t, err)
		l.Until(func() bool { return counted(0) }, "of an app that is paused, nothing is")
	})
}
