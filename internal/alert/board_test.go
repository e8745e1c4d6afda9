package alert

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// pad writes down what a listener is told: "+x" for a beginning, "-x" for an end.
type pad struct {
	mu   sync.Mutex
	told []string
}

func (p *pad) listen(_ context.Context, a Alert) {
	p.mu.Lock()
	defer p.mu.Unlock()
	sign := "+"
	if !a.Over.IsZero() {
		sign = "-"
	}
	p.told = append(p.told, sign+a.App)
}

func (p *pad) read() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.told
}

// in runs a test in a bubble, with a board that tells a pad.
func in(t *testing.T, test func(t *testing.T, b *Board, p *pad)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &pad{}
		test(t, NewBoard(Config{Listener: p.listen}), p)
	})
}

func (b *Board) open(x string) { b.Open(x, Alert{App: x, Since: time.Now()}, 0) }
func (b *Board) shut(x string) { b.Close(x, time.Now(), "") }
func (b *Board) none() {
	b.CloseExcept(func(string) bool { return false }, time.Now(), func(Alert) string { return "" })
}

func TestABreachIsToldOnceAndItsEndOnce(t *testing.T) {
	in(t, func(t *testing.T, b *Board, p *pad) {
		b.shut("a") // never was
		b.open("a")
		b.open("a")
		synctest.Wait()
		b.open("a")
		b.open("b")
		require.NoError(t, b.Wait(t.Context()))
		require.Equal(t, []string{"+a", "+b"}, p.read())
		b.shut("a")
		b.shut("a")
		synctest.Wait()
		b.shut("a")
		b.open("a")
		synctest.Wait()
		b.CloseExcept(func(key string) bool { return key == "b" }, time.Now(), func(Alert) string { return "" })
		require.NoError(t, b.Wait(t.Context()))
		require.Equal(t, []string{"+a", "+b", "-a", "+a", "-a"}, p.read())
	})
}

func TestTheEndHasTheFieldsOfTheBeginning(t *testing.T) {
	t.Parallel()
	var told []Alert
	b := NewBoard(Config{Listener: func(_ context.Context, a Alert) { told = append(told, a) }})
	begin := Alert{Kind: NoHandler, App: "a", Class: "x", Since: time.Unix(1, 0), Message: "bad"}
	b.Open("key", begin, 0)
	b.Close("key", time.Unix(61, 0), "good")
	require.NoError(t, b.Wait(t.Context()))
	end := begin
	end.Over, end.Message = time.Unix(61, 0), "good"
	require.Equal(t, []Alert{begin, end}, told)
	require.Equal(t, told[0].ID(), told[1].ID())
	require.Equal(t, "no_handler/a//x: bad", told[0].String())
	require.Equal(t, "no_handler/a//x: over after 1m0s: good", told[1].String())
	require.Equal(t, "failures_in_a_row/a/n/x/7", Alert{Kind: FailuresInARow, App: "a", Node: "n", Class: "x", ExecuteID: 7}.ID())
}

// What has to last is told when it has, and not at all if it does not.
func TestABreachThatHasToLast(t *testing.T) {
	in(t, func(t *testing.T, b *Board, p *pad) {
		after := func(x string) { b.Open(x, Alert{App: x}, time.Minute) }
		after("a")
		time.Sleep(59 * time.Second)
		b.shut("a")
		after("a")
		after("b")
		time.Sleep(59 * time.Second)
		after("a") // still
		require.Empty(t, p.read())
		b.shut("b")
		time.Sleep(time.Second)
		synctest.Wait()
		require.Equal(t, []string{"+a"}, p.read())
		b.none()
		time.Sleep(time.Hour)
		require.Equal(t, []string{"+a", "-a"}, p.read())
	})
}

// Whatever happens while the listener is at an alert costs no time, keeps two alerts for
// each breach at most, and comes out as pairs.
func TestASlowListener(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		gate, p := make(chan struct{}), &pad{}
		b := NewBoard(Config{Listener: func(ctx context.Context, a Alert) { <-gate; p.listen(ctx, a) }})
		b.open("a")
		synctest.Wait()
		for range 1000 {
			for _, x := range []string{"a", "b"} {
				b.open(x)
				b.shut(x)
			}
			b.open("c")
		}
		b.open("a") // it has not ended, for the listener
		require.LessOrEqual(t, len(b.queue), 3)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		require.ErrorIs(t, b.Wait(ctx), context.DeadlineExceeded)
		close(gate)
		require.NoError(t, b.Wait(t.Context()))
		require.ElementsMatch(t, []string{"+a", "+b", "-b", "+c"}, p.read())
	})
}

func TestTheFirstReasonOfAnEndStays(t *testing.T) {
	t.Parallel()
	gate := make(chan struct{})
	var last Alert
	b := NewBoard(Config{Listener: func(_ context.Context, a Alert) { <-gate; last = a }})
	b.open("a")
	b.Close("a", time.Unix(1, 0), "mended")
	b.none()
	close(gate)
	require.NoError(t, b.Wait(t.Context()))
	require.Equal(t, "mended", last.Message)
	require.Equal(t, time.Unix(1, 0), last.Over)
}

func TestTheListenersContextEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var took time.Duration
		b := NewBoard(Config{Timeout: time.Minute, Listener: func(ctx context.Context, _ Alert) {
			began := time.Now()
			<-ctx.Done()
			took = time.Since(began)
		}})
		b.open("a")
		require.NoError(t, b.Wait(t.Context()))
		require.Equal(t, time.Minute, took)
	})
}

// A listener that panics, or ends its goroutine, is told the rest.
func TestAListenerThatBreaks(t *testing.T) {
	t.Parallel()
	for name, breaks := range map[string]func(){"panics": func() { panic("broken") }, "exits": runtime.Goexit} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var log bytes.Buffer
			p := &pad{}
			b := NewBoard(Config{Logger: slog.New(slog.NewTextHandler(&log, nil)), Listener: func(ctx context.Context, a Alert) {
				p.listen(ctx, a)
				breaks()
			}})
			b.open("a")
			b.open("b")
			b.none()
			require.NoError(t, b.Wait(t.Context()))
			require.ElementsMatch(t, []string{"+a", "-a", "+b", "-b"}, p.read())
			require.Equal(t, name == "panics", strings.Contains(log.String(), "broken"))
		})
	}
}

func TestTooManyBreachesAreLogged(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	p := &pad{}
	b := NewBoard(Config{Logger: slog.New(slog.NewTextHandler(&log, nil)), Listener: p.listen})
	for i := range Limit + 10 {
		b.open(fmt.Sprint(i))
	}
	require.NoError(t, b.Wait(t.Context()))
	require.Equal(t, Limit, len(p.read())) //nolint:testifylint // they are many
	require.Equal(t, 1, strings.Count(log.String(), "left out"))
	b.none()
	require.NoError(t, b.Wait(t.Context()))
	b.open("later")
	require.NoError(t, b.Wait(t.Context()))
	require.Equal(t, 2*Limit+1, len(p.read())) //nolint:testifylint // they are many
	require.Empty(t, b.queue)
}

// Whoever is at it at the same time, each breach begins, ends, begins and ends.
func TestBreachesAtTheSameTime(t *testing.T) {
	t.Parallel()
	p := &pad{}
	b := NewBoard(Config{Listener: p.listen})
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 2000 {
				x := string(rune('a' + rand.IntN(3)))
				switch rand.IntN(4) {
				case 0:
					b.Open(x, Alert{App: x}, time.Microsecond)
				case 1:
					b.open(x)
				default:
					b.shut(x)
				}
				runtime.Gosched()
			}
		})
	}
	all.Wait()
	b.none()
	require.NoError(t, b.Wait(t.Context()))
	open := map[string]bool{}
	for _, told := range p.read() {
		x := told[1:]
		require.Equal(t, told[0] == '-', open[x], "%s", told)
		open[x] = !open[x]
	}
	for x, is := range open {
		require.False(t, is, x)
	}
	require.Empty(t, b.all)
}
