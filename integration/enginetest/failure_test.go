package enginetest

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/core"
	"github.com/quartz-cluster/quartz/core/observe"
	"github.com/quartz-cluster/quartz/integration/internal/lab"
	"github.com/quartz-cluster/quartz/integration/internal/testdb"
	"github.com/quartz-cluster/quartz/schema"
)

// However a handler fails, it is told, counted and stored, and the schedule goes on.
func TestFailuresAreRecorded(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		h := core.NewHandlers()
		h.Add("error", l.Handler(func(context.Context, *core.Fire) error { return errors.New("no paper") }))
		h.Add("panic", l.Handler(func(context.Context, *core.Fire) error { panic("out of toner") }))
		h.Add("exit", l.Handler(func(context.Context, *core.Fire) error { runtime.Goexit(); return nil }))
		h.Add("nil", l.Handler(func(context.Context, *core.Fire) error { return (*jammed)(nil) }))
		h.Add(lab.Work, l.Handler(nil))
		l.Start(lab.Running(h))
		want := map[string]string{
			"error": "no paper", "panic": "handler panicked: out of toner", "exit": "handler ended its goroutine without returning",
			"nil": "handler panicked: runtime error: invalid memory address or nil pointer dereference",
		}
		ids := make(map[string]int64)
		for class := range want {
			ids[class] = l.ExecuteOf(l.JobOf(client.Job{Class: class}), client.Every(200*time.Millisecond).Times(3))
		}
		for class, id := range ids {
			row := l.UntilState(id, schema.Complete)
			require.Equal(t, schema.Failed, row.LastState, class)
			require.Equal(t, want[class], row.LastError)
			require.EqualValues(t, 3, row.FireCount, class)
			require.EqualValues(t, 3, row.FailCount, class)
			require.Equal(t, 3, row.FailStreak, class)
		}
		var panicked *core.PanicError
		for _, e := range l.UntilEvents(observe.Failed, 12) {
			if e.Class == "panic" {
				require.ErrorAs(t, e.Err, &panicked)
				require.Equal(t, "out of toner", panicked.Value)
				require.Contains(t, string(panicked.Stack), "failure_test.go")
			}
		}
		require.NotNil(t, panicked)
		id := l.Execute(client.Now())
		require.Equal(t, schema.Succeeded, l.UntilState(id, schema.Complete).LastState, "the node lives on")
	})
}

// jammed is an error that cannot be asked what it says where it is a nil pointer.
type jammed struct{ where string }

func (e *jammed) Error() string { return e.where }

// An observer that ends its goroutine, as assertions in one do, takes no outcome along.
func TestAnObserverThatEndsItsGoroutine(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		for _, kind := range []observe.Kind{observe.Started, observe.Finished} {
			l.Start(lab.With(func(c *core.Config) {
				c.Observer = observe.Func(func(_ context.Context, e observe.Event) {
					if e.Kind == kind {
						runtime.Goexit()
					}
				})
			}))
			row := l.UntilState(l.Execute(client.Now()), schema.Complete)
			require.EqualValues(t, 1, row.FireCount, kind)
			l.Clear()
		}
	})
}

// A success ends a streak of failures and takes the error away, not the count.
func TestASuccessEndsAStreakOfFailures(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		gate := lab.NewGate()
		l.Start(lab.Running(l.Handlers(func(ctx context.Context, fire *core.Fire) error {
			if fire.NextTime.IsZero() {
				return gate.Wait(ctx, fire)
			}
			return errors.New("not yet")
		})))
		id := l.Execute(client.Every(200 * time.Millisecond).Times(3))
		l.UntilRow(id, func(e schema.Execute) bool { return e.FailStreak == 2 && e.LastError == "not yet" }, "it failed")
		gate.Open()
		row := l.UntilState(id, schema.Complete)
		require.EqualValues(t, 2, row.FailCount)
		require.Zero(t, row.FailStreak)
		require.Equal(t, schema.Succeeded, row.LastState)
		require.Empty(t, row.LastError)
	})
}

// No text that an error may have keeps its outcome, or others of its batch, from
// being stored.
func TestAnyErrorTextIsStored(t *testing.T) {
	texts := map[string]string{
		"nul":          "before\x00after",
		"invalid":      "caf\xe9 \xff\xfe",
		"cut rune":     strings.Repeat("ü", 3000) + "\xc3",
		"long":         strings.Repeat("x", 1<<20),
		"quotes":       `'; DROP TABLE QRTZ_EXECUTE; -- \ " {"a",\"b\"} ?`,
		"four bytes":   strings.Repeat("😀", 500),
		"lines":        "first\r\n\tsecond\x1b[0m",
		"empty":        "",
		"placeholders": "$1 :a @b ?? {now} {limit} QRTZ_",
	}
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		h := core.NewHandlers()
		together := lab.NewGate()
		for name, text := range texts {
			h.Add(name, l.Handler(func(ctx context.Context, f *core.Fire) error {
				return errors.Join(together.Wait(ctx, f), errors.New(text))
			}))
		}
		h.Add("fine", l.Handler(together.Wait))
		l.Start(lab.Running(h), lab.With(func(c *core.Config) { c.Slots = 20 }))
		ids := make(map[string]int64)
		for _, name := range h.Names() {
			ids[name] = l.ExecuteOf(l.JobOf(client.Job{Class: name}), client.Now())
		}
		l.UntilRuns(0, len(ids))
		together.Open() // so that they are completed in one batch
		for name, id := range ids {
			row := l.UntilState(id, schema.Complete)
			require.EqualValues(t, 1, row.FireCount)
			if name == "fine" {
				require.Equal(t, schema.Succeeded, row.LastState)
				continue
			}
			require.Equal(t, schema.Failed, row.LastState, name)
			require.LessOrEqual(t, len(row.LastError), schema.MaxError, name)
			require.True(t, utf8.ValidString(row.LastError), name)
			require.NotContains(t, row.LastError, "\x00", name)
		}
		require.Equal(t, "beforeafter", l.Row(ids["nul"]).LastError)
		require.Equal(t, texts["quotes"], l.Row(ids["quotes"]).LastError)
		require.Equal(t, texts["placeholders"], l.Row(ids["placeholders"]).LastError)
		require.True(t, strings.HasSuffix(l.Row(ids["long"]).LastError, "x…"))
	})
}

// A completion that fails, or whose answer is lost, is written in the end, and told once.
func TestACompletionOutlivesFailuresOfTheDatabase(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		failing := l.Handlers(func(_ context.Context, f *core.Fire) error {
			if f.Attempt == 1 && f.RunNow {
				return errors.New("once")
			}
			return nil
		})
		for name, hook := range map[string]func(f *lab.Failures) lab.Hook{
			"not sent": func(f *lab.Failures) lab.Hook {
				return lab.Hook{Before: func(string, []any) error { return f.Next() }}
			},
			"answer lost":          func(f *lab.Failures) lab.Hook { return lab.Hook{After: f.Next} },
			"failed at the commit": func(f *lab.Failures) lab.Hook { return lab.Hook{Commit: f.Next} },
		} {
			f, child := lab.Fail(3), lab.Fail(1)
			l.Start(lab.Running(failing), lab.Through(func(p *lab.Pool) { p.Hook(lab.Complete, hook(f)); p.Hook(lab.End, hook(child)) }))
			id := l.Execute(client.Every(100*time.Millisecond).Times(4), client.Retry(1, time.Millisecond))
			_, err := l.Client.RunNow(t.Context(), client.ID(id))
			require.NoError(t, err)
			row := l.UntilState(id, schema.Complete)
			require.EqualValues(t, 5, row.FireCount, name)
			require.Len(t, l.Runs(id), 6, name)
			if hook(f).Commit == nil || l.DB.Kind != testdb.Postgres { // where a completion has no commit of its own
				l.Until(func() bool { return f.Left() == 0 }, "%s: the failures were injected", name)
			}
			l.Until(func() bool { return child.Left() == 0 }, "%s: the failure was injected", name)
			l.UntilEvents(observe.Completed, 5)
			require.Len(t, l.Events(observe.Completed), 5, name)
			require.Empty(t, l.Events(observe.Superseded), name)
			l.Clear()
		}
	})
}

// rejection is what a database says of a row that it does not take.
type rejection struct{}

func (rejection) Error() string    { return "a trigger says no" }
func (rejection) SQLState() string { return "23514" }

// An outcome that the database rejects keeps neither other fires nor maintenance
// waiting, and is written once it is taken.
func TestARejectedOutcomeHoldsUpNothing(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		bad := l.Execute(client.Every(100 * time.Millisecond))
		var mended atomic.Bool
		n := l.Start(lab.Through(func(p *lab.Pool) {
			p.Hook(lab.Complete, lab.Hook{Before: func(_ string, args []any) error {
				if !mended.Load() && strings.Contains(fmt.Sprint(args...), strconv.FormatInt(bad, 10)) {
					return rejection{}
				}
				return nil
			}})
		}), lab.With(func(c *core.Config) { c.ScanInterval = time.Second }))
		l.Until(func() bool {
			return slices.ContainsFunc(l.Events(observe.Trouble), func(e observe.Event) bool { return e.Reason == "complete" && e.ExecuteID == bad })
		}, "it is told")
		began, before := time.Now(), n.Pool.Count(lab.Scan)
		n.Beats(20)
		scans := float64(n.Pool.Count(lab.Scan) - before)
		require.Less(t, scans, 20+10*time.Since(began).Seconds(), "nobody waits for it at every moment")
		l.UntilState(l.Execute(client.Now()), schema.Complete)
		_, err := l.Client.BeginMaintenance(t.Context(), lab.App)
		require.NoError(t, err)
		require.NoError(t, l.Client.WaitMaintenance(t.Context(), lab.App))
		require.Zero(t, l.Row(bad).FireCount)
		mended.Store(true)
		l.UntilRow(bad, func(e schema.Execute) bool { return e.FireCount == 1 }, "it is written")
	})
}

// Guards of a completion: the fire must still be the node's own.
func TestACompletionNamesItsFire(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		for column, value := range map[string]int64{"FIRE_TIME": 1, "FIRE_ATTEMPT": 7, "FIRE_NODE": 5} {
			gate := lab.NewGate()
			n := l.Start(lab.Running(l.Handlers(gate.Wait)), long)
			// The other node that the fire is given to must be a live one.
			l.Peer(5)
			id := l.Execute(client.Now())
			l.UntilRuns(id, 1)
			l.Set(id, column+" = ?", value)
			before := l.Row(id)
			gate.Open()
			l.UntilEvents(observe.Superseded, 1)
			n.Beats(1)
			after := l.Row(id)
			require.Equal(t, before.FireCount, after.FireCount, column)
			require.Equal(t, before.FireTime, after.FireTime, column)
			require.Equal(t, before.LastState, after.LastState, column)
			require.Empty(t, l.Events(observe.Completed), column)
			l.Clear()
		}
	})
}
