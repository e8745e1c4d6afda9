package enginetest

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/core"
	"github.com/quartz-cluster/quartz/core/observe"
	"github.com/quartz-cluster/quartz/integration/internal/lab"
	"github.com/quartz-cluster/quartz/schema"
)

// recent reads the last fires of an execute, and holds them against its runs.
func recent(t *testing.T, l *lab.Lab, execute int64) []client.PastFire {
	t.Helper()
	var info *client.ExecuteInfo
	l.Until(func() bool { // something of it may end between the two
		var err error
		info, err = l.Client.GetExecute(t.Context(), client.ID(execute))
		require.NoError(t, err)
		page, err := l.Client.ListExecutes(t.Context(), client.ExecuteFilter{Job: info.JobID})
		require.NoError(t, err)
		require.Len(t, page.Items, 1)
		return reflect.DeepEqual(info.Recent, page.Items[0].Recent)
	}, "a list shows the same of execute %d", execute)
	for _, past := range info.Recent {
		if past.Started.IsZero() || past.Outcome == schema.Lost {
			continue
		}
		found := false
		for _, run := range l.Runs(execute) {
			found = found || run.NominalTime.Equal(past.Time) && run.Attempt == past.Attempt && run.Fence == int64(past.NodeID) &&
				run.ActualTime.Equal(past.Started)
		}
		require.True(t, found, "nothing ran as %+v", past)
	}
	return info.Recent
}

// outcomes of fires by their attempts, as in "FAILED 1".
func outcomes(fires []client.PastFire) []string {
	out := []string{}
	for _, f := range fires {
		out = append(out, string(f.Outcome)+" "+strings.Repeat("I", f.Attempt))
	}
	return out
}

// However an attempt ends, the execute keeps it, and once.
func TestEachAttemptIsAmongTheRecentFires(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		gate := lab.NewGate()
		defer gate.Open()
		h := core.NewHandlers()
		add := func(class string, do core.HandlerFunc) { h.Add(class, l.Handler(do)) }
		add("fine", nil)
		add("fails", func(context.Context, *core.Fire) error { return errFailed })
		add("second", func(_ context.Context, f *core.Fire) error {
			if f.Attempt < 3 {
				return errFailed
			}
			return nil
		})
		add("waits", func(ctx context.Context, _ *core.Fire) error {
			<-ctx.Done()
			return ctx.Err()
		})
		add("holds", gate.Wait)
		l.Start(lab.Running(h))
		execute := func(class string, s client.Schedule, options ...client.ExecuteOption) int64 {
			return l.ExecuteOf(l.JobOf(client.Job{Class: class}), s, options...)
		}
		ends := func(id int64, want ...string) []client.PastFire {
			t.Helper()
			l.UntilState(id, schema.Complete)
			l.UntilRuns(id, len(want)) // what times out may be recorded before its handler was called
			fires := recent(t, l, id)
			require.Equal(t, want, outcomes(fires))
			return fires
		}
		plain := ends(execute("fine", client.Now()), "SUCCEEDED I")[0]
		require.Empty(t, plain.Error)
		require.Equal(t, errFailed.Error(), ends(execute("fails", client.Now()), "FAILED I")[0].Error)
		again := ends(execute("second", client.Now(), client.Retry(5, 20*time.Millisecond)), "SUCCEEDED III", "FAILED II", "FAILED I")
		require.Equal(t, again[0].Time, again[2].Time)
		slow := ends(execute("waits", client.Now(), client.Timeout(50*time.Millisecond)), "TIMED_OUT I")[0]
		require.GreaterOrEqual(t, slow.Duration, 50*time.Millisecond)

		cancelled := execute("waits", client.Now())
		l.UntilRuns(cancelled, 1)
		require.NoError(t, l.Client.CancelFire(t.Context(), client.FireID{ExecuteID: client.ID(cancelled), Time: l.Runs(cancelled)[0].NominalTime}))
		ends(cancelled, "CANCELLED I")

		waiting := execute("fails", client.Now(), client.Retry(1, time.Hour))
		l.UntilRow(waiting, func(e schema.Execute) bool { return e.State == schema.Complete }, "its only fire waits for a retry")
		require.Equal(t, []string{"FAILED I"}, outcomes(recent(t, l, waiting)))
		n, err := l.Client.Cancel(t.Context(), client.ID(waiting))
		require.NoError(t, err)
		require.Equal(t, 1, n)
		dropped := recent(t, l, waiting)
		require.Equal(t, []string{"CANCELLED II", "FAILED I"}, outcomes(dropped))
		require.Zero(t, dropped[0].NodeID)
		require.True(t, dropped[0].Started.IsZero())

		beside := execute("holds", client.Every(300*time.Millisecond).Times(2))
		l.UntilRuns(beside, 2) // the first of them in a child by now
		_, err = l.Client.RunNow(t.Context(), client.ID(beside))
		require.NoError(t, err)
		l.UntilRuns(beside, 3)
		gate.Open()
		ends(beside, "SUCCEEDED I", "SUCCEEDED I", "SUCCEEDED I")
	})
}

// An execute keeps at least as many fires as its nodes are told to, the newest, and
// not many more.
func TestTheRecentFiresAreBounded(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		handlers := l.Handlers(func(_ context.Context, f *core.Fire) error {
			if len(f.Data) > 0 {
				return errFailed
			}
			return nil
		})
		for _, keep := range []int{0, 3, -1} {
			l.Start(lab.Running(handlers), lab.With(func(c *core.Config) { c.RecentFires, c.MisfireThreshold = keep, time.Hour }))
			want := keep
			if keep == 0 {
				want = schema.RecentFires
			}
			for _, options := range [][]client.ExecuteOption{nil, {client.WithData([]int{1}), client.Retry(1, 10*time.Millisecond)}} {
				const times = 12
				id := l.Execute(client.Every(50*time.Millisecond).Times(times), append(options, client.AtMost(1))...)
				for n := range int64(times) { // one after the other: together they may take long
					l.UntilRow(id, func(e schema.Execute) bool { return e.FireCount > n }, "%d fires are over", n+1)
				}
				row := l.UntilState(id, schema.Complete)
				runs, fires := l.Runs(id), recent(t, l, id)
				require.GreaterOrEqual(t, len(fires), max(want, 0))
				require.LessOrEqual(t, len(fires), 2*max(want, 0))
				for i, f := range fires {
					run := runs[len(runs)-1-i]
					require.Equal(t, run.NominalTime, f.Time)
					require.Equal(t, run.Attempt, f.Attempt)
				}
				require.LessOrEqual(t, len(row.Recent), schema.MaxRecent)
			}
			l.Clear()
		}
	})
}

// No text that an error may have breaks the list, or keeps it from being stored.
func TestAnyErrorTextIsAmongTheRecentFires(t *testing.T) {
	texts := []string{
		"before\x00after", "caf\xe9 \xff\xfe", "first\r\n\tsecond\x1b[0m", `'; DROP TABLE QRTZ_EXECUTE; -- \ " {"a",\"b\"} ?`,
		"$1 :a @b ?? {now} {limit} QRTZ_", "<script>alert(1)</script>", strings.Repeat("x", 5000), strings.Repeat("😀", 5000), strings.Repeat(`"`, 5000),
		strings.Repeat("\u2028", 5000),
	}
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		l.Start(lab.Running(l.Handlers(func(_ context.Context, f *core.Fire) error {
			var which [1]int
			return errors.Join(f.Decode(&which), errors.New(texts[which[0]]))
		})), lab.With(func(c *core.Config) { c.RecentFires = schema.MaxRecentFires }))
		job, ids := l.Job(), map[int64]string{}
		for i, text := range texts {
			for _, options := range [][]client.ExecuteOption{nil, {client.Retry(1, time.Millisecond)}} {
				options = append(options, client.WithData([]int{i}), client.AtMost(1))
				ids[l.ExecuteOf(job, client.Every(100*time.Millisecond).Times(10), options...)] = text
			}
		}
		for id, text := range ids {
			row := l.UntilState(id, schema.Complete)
			require.LessOrEqual(t, len([]rune(row.Recent)), schema.MaxRecent)
			fires := schema.Recent(row.Recent)
			require.GreaterOrEqual(t, len(fires), 8)
			for _, f := range fires {
				require.Equal(t, schema.Recent(schema.PastFire{Outcome: schema.Failed, Error: text}.Entry())[0].Error, f.Error)
			}
		}
	})
}

// What a dead node had in flight is among the recent fires as lost, also where it
// runs again.
func TestALostFireIsAmongTheRecentOnes(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		gate := lab.NewGate()
		defer gate.Open()
		dying := l.Start(lab.As("dying"), short, lab.Running(l.Handlers(gate.Wait)))
		recovered := l.Execute(client.Now(), client.Recover())
		lost := l.Execute(client.Now())
		l.UntilRuns(0, 2)
		living := l.Start(lab.As("living"), short)
		dying.Pool.Cut()
		l.UntilState(recovered, schema.Complete)
		l.UntilState(lost, schema.Complete)
		both := recent(t, l, recovered)
		require.Equal(t, []string{"SUCCEEDED II", "LOST I"}, outcomes(both))
		require.Equal(t, nodeRow(t, l, "living").NodeID, int64(both[0].NodeID))
		for _, f := range []client.PastFire{both[1], recent(t, l, lost)[0]} {
			require.Equal(t, schema.Lost, f.Outcome)
			require.Equal(t, l.Runs(lost)[0].Fence, int64(f.NodeID))
			require.False(t, f.Started.Before(f.Time))
			require.Zero(t, f.Duration)
			require.Contains(t, f.Error, "is gone")
		}
		living.Beats(1)
	})
}

// A run that a stop breaks off has no outcome: it goes on, and that attempt has one.
func TestWhatWasHandedOverIsNoRecentFire(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		stopping := l.Start(lab.Running(l.Handlers(lab.NewGate().Wait)), lab.With(func(c *core.Config) { c.StopTimeout = 50 * time.Millisecond }))
		id := l.Execute(client.Now(), client.Recover())
		l.UntilRuns(id, 1)
		require.NoError(t, stopping.Stop(context.Background()))
		require.Len(t, l.Events(observe.HandedOver), 1)
		require.Empty(t, recent(t, l, id))
		l.Start()
		l.UntilState(id, schema.Complete)
		require.Equal(t, []string{"SUCCEEDED II"}, outcomes(recent(t, l, id)))
	})
}

// The recent fires of what runs on all nodes are those of each, and stay when one
// leaves.
func TestTheRecentFiresOfAllNodes(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		first := l.Start(lab.As("first"))
		l.Start(lab.As("second"))
		job := l.Job()
		info, err := l.Client.AddExecute(t.Context(), job, client.Now(), client.OnAllNodes())
		require.NoError(t, err)
		id := int64(info.ID)
		l.Everywhere(id)
		l.UntilState(id, schema.Complete)
		l.UntilRuns(id, 2)
		nodes := func() []string {
			var keys []string
			for _, f := range recent(t, l, id) {
				for _, run := range l.Runs(id) {
					if run.Fence == int64(f.NodeID) {
						keys = append(keys, run.Node)
					}
				}
			}
			return keys
		}
		l.Until(func() bool { return len(recent(t, l, id)) == 2 }, "both have told")
		require.ElementsMatch(t, []string{"first", "second"}, nodes())
		require.NoError(t, first.Stop(context.Background()))
		untilCopies(t, l, id, "second")
		require.ElementsMatch(t, []string{"first", "second"}, nodes())
		require.Len(t, schema.Recent(l.Row(id).Recent), 1, "its own by now")
	})
}
