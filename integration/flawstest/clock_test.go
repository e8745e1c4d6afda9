package flawstest

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/integration/internal/lab"
	"github.com/quartz-cluster/quartz/integration/internal/testdb"
	"github.com/quartz-cluster/quartz/schema"
)

// The node's clock is an hour behind the database's, and an hour ahead of it.
func TestTheNodesClockDecidesWhatIsDue(t *testing.T) {
	t.Parallel()
	for name, offset := range map[string]time.Duration{"slow": time.Hour, "fast": -time.Hour} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := lab.NewAt(t, testdb.SQLite, func() int64 { return time.Now().Add(offset).UnixMilli() })
			l.Nodes(2)
			id := l.Execute(client.At(l.Now().Add(10 * time.Second))) // adding takes its time on a busy machine
			notYet := l.Execute(client.At(l.Now().Add(30 * time.Minute)))
			l.UntilState(id, schema.Complete) // that it did not run early is checked at the end
			l.Passes(2)
			require.Empty(t, l.Runs(notYet))
			require.Len(t, l.LiveNodes(), 2, "and nobody takes the other for dead")
		})
	}
}

func TestFiresComeEarlyByDesign(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		l.Start()
		id := l.Execute(client.Every(50 * time.Millisecond).Times(40))
		l.UntilState(id, schema.Complete)
		for _, r := range l.Runs(id) {
			require.False(t, r.Started.Before(r.NominalTime), "%s started at %s", r.NominalTime, r.Started)
		}
	})
}

func TestTheHandlerIsToldWrongTimes(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		l.Start()
		id := l.Execute(client.Every(200 * time.Millisecond).Times(3))
		start := time.UnixMilli(l.UntilState(id, schema.Complete).StartTime).UTC()
		for i, r := range l.Ordered(id) {
			require.Equal(t, start.Add(time.Duration(i)*200*time.Millisecond), r.NominalTime)
			require.False(t, r.ActualTime.Before(r.NominalTime))
			require.False(t, r.ActualTime.After(r.Started.Add(time.Second)))
			if i < 2 {
				require.Equal(t, r.NominalTime.Add(200*time.Millisecond), r.NextTime, "the next, not the present one")
			}
			if i > 0 {
				require.Equal(t, r.NominalTime.Add(-200*time.Millisecond), r.PreviousTime)
			}
		}
	})
}

func TestAZoneIsValidatedByOneRuleAndRunByAnother(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		l.Start()
		_, err := l.Client.AddExecute(t.Context(), l.Job(), client.Cron(secondly, "UTC+8"))
		var field *client.FieldError
		require.ErrorAs(t, err, &field)
		require.Equal(t, "zone", field.Field)
		require.Contains(t, err.Error(), `did you mean "Etc/GMT-8"?`)

		written := l.Execute(client.Cron(secondly, "Etc/GMT-8"))
		l.UntilRuns(written, 1)
		l.Set(written, "ZONE_ID = ?", "UTC+8") // by somebody who asks no client
		require.Contains(t, l.UntilState(written, schema.Error).LastError, `did you mean "Etc/GMT-8"?`)
	})
}

func TestIntervalCronDataAndEndAreCutOrOverwritten(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		l.Start()
		month := l.Execute(client.Every(31*24*time.Hour).Times(2), client.Paused())
		require.EqualValues(t, 31*24*3600*1000, l.Row(month).RepeatInterval)
		times, err := l.Client.Preview(t.Context(), client.ID(month), 2)
		require.NoError(t, err)
		require.Equal(t, 31*24*time.Hour, times[1].Sub(times[0]))

		var seconds []string
		for s := range 60 {
			seconds = append(seconds, strconv.Itoa(s))
		}
		long := strings.Join(seconds, ",") + " * * * * ?"
		data := map[string]string{"text": strings.Repeat("ü", (schema.MaxData-len(`{"text":""}`))/2)}
		end := l.Now().Add(time.Hour).Truncate(time.Millisecond)
		id := l.ExecuteOf(l.JobOf(client.Job{Class: lab.Work, Data: data}), client.Cron(long, "").Until(end))
		run := l.UntilRuns(id, 2)[0]
		require.Equal(t, long, l.Row(id).Cron)
		var got map[string]string
		require.NoError(t, run.Decode(&got))
		require.Equal(t, data, got)

		once := l.Execute(client.Now().Until(end))
		require.Equal(t, end.UnixMilli(), l.UntilState(once, schema.Complete).EndTime, "the end is the user's")
	})
}
