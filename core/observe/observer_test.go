package observe_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/core/observe"
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

func TestTracersBuildUponEachOther(t *testing.T) {
	t.Parallel()
	var told []string
	plain := observe.Func(func(ctx context.Context, e observe.Event) {
		names, _ := ctx.Value(key{}).(string)
		told = append(told, names+e.Trace)
	})
	m := observe.Multi{plain, tracer{"a", "1"}, tracer{}, observe.Multi{tracer{"b", ""}, plain}, tracer{"nil", ""}, tracer{"c", "2"}}
	ctx, trace := m.Start(t.Context(), observe.Event{Kind: observe.Started, Trace: "0"})
	require.Equal(t, "abc", ctx.Value(key{}))
	require.Equal(t, "2", trace)
	require.Equal(t, []string{"ab0", "abc2"}, told, "with what is known by then")

	ctx, trace = observe.Multi{plain}.Start(t.Context(), observe.Event{Trace: "0"})
	require.Equal(t, t.Context(), ctx)
	require.Empty(t, trace)
	require.Equal(t, "0", told[2])
}
