package observe_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/core/observe"
	"github.com/quartz-cluster/quartz/schema"
)

type key struct{}

// tracer adds its name to the context of a run; without one it panics.
type tracer struct{ name, trace string }

func (tracer) Observe(context.Context, observe.Event) { panic("told of a start in vain") }

func (tr tracer) Start(ctx context.Context, _ observe.Event) (context.Context, string) {
	switch tr.name {
	case "":
		panic("broken")
	case "nil":
		return nil, tr.trace
	}
	before, _ := ctx.Value(key{}).(string)
	return context.WithValue(ctx, key{}, before+tr.name), tr.trace
}

const (
	first  = "00-11111111111111111111111111111111-1111111111111111-01"
	second = "00-22222222222222222222222222222222-2222222222222222-01"
)

func TestTracersBuildUponEachOther(t *testing.T) {
	t.Parallel()
	var told []string
	plain := observe.Func(func(ctx context.Context, e observe.Event) {
		names, _ := ctx.Value(key{}).(string)
		told = append(told, names+e.Trace)
	})
	m := observe.Multi{plain, tracer{"a", first}, tracer{}, observe.Multi{tracer{"b", ""}, plain}, tracer{"nil", ""}, tracer{"c", second}}
	ctx, trace := m.Start(t.Context(), observe.Event{Kind: observe.Started, Trace: "0"})
	require.Equal(t, "abc", ctx.Value(key{}))
	require.Equal(t, second, trace)
	require.Equal(t, []string{"ab0", "abc" + second}, told, "with what is known by then")

	ctx, trace = observe.Multi{plain}.Start(t.Context(), observe.Event{Trace: "0"})
	require.Equal(t, t.Context(), ctx)
	require.Empty(t, trace)
	require.Equal(t, "0", told[2])
}

// What is no trace context is not gone on from: the database may not take it.
func TestWhatIsNoTraceIsDropped(t *testing.T) {
	t.Parallel()
	var told []string
	plain := observe.Func(func(_ context.Context, e observe.Event) { told = append(told, e.Trace) })
	for _, trace := range []string{"span 7", second + "\x00", second + "-" + strings.Repeat("x", schema.MaxTrace)} {
		_, got := observe.Multi{tracer{"a", trace}, plain}.Start(t.Context(), observe.Event{Trace: "0"})
		require.Empty(t, got)
		_, got = observe.Multi{tracer{"a", first}, tracer{"b", trace}, plain}.Start(t.Context(), observe.Event{})
		require.Equal(t, first, got)
	}
	require.Equal(t, []string{"0", first, "0", first, "0", first}, told)
}

// One that is silent for a panic looks like one that has nothing to tell.
func TestTheFirstPanicOfEachObserverIsLogged(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	broken := observe.Func(func(_ context.Context, e observe.Event) { panic("broken by " + e.Node) })
	m := observe.Multi{observe.Log(slog.New(slog.NewTextHandler(&out, nil))), broken, broken, tracer{}}
	for _, node := range []string{"one", "two"} {
		m.Observe(t.Context(), observe.Event{Kind: observe.Claimed, Node: node})
		m.Start(t.Context(), observe.Event{Kind: observe.Started, Node: node})
	}
	require.Equal(t, 3, strings.Count(out.String(), "an observer panicked"))
	require.Equal(t, 2, strings.Count(out.String(), `observer=observe.Func panic="broken by one"`))
	require.Contains(t, out.String(), "observer=observe_test.tracer")
	require.Contains(t, out.String(), "observer_test.go", "where")

	log := slog.New(badHandler{slog.DiscardHandler})
	observe.Multi{observe.Log(log), broken}.Observe(t.Context(), observe.Event{Kind: observe.Failed})
}

// badHandler panics.
type badHandler struct{ slog.Handler }

func (badHandler) Enabled(context.Context, slog.Level) bool { panic("no disk") }

// Whoever panics keeps nothing from the others.
func TestThoseBehindOneThatPanicsAreTold(t *testing.T) {
	t.Parallel()
	var told []string
	named := func(name string) observe.Func {
		return func(_ context.Context, e observe.Event) { told = append(told, name+e.Node) }
	}
	broken := observe.Func(func(context.Context, observe.Event) { panic("broken") })
	m := observe.Multi{named("a"), broken, named("b"), observe.Multi{broken, named("c")}, broken, broken}
	m.Observe(t.Context(), observe.Event{Node: "1"})
	m.Start(t.Context(), observe.Event{Node: "2"})
	require.Equal(t, []string{"a1", "b1", "c1", "c2", "a2", "b2"}, told)
}
