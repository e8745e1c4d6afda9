package coreotel

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/trace"

	"github.com/quartz-cluster/quartz/core/observe"
)

// dropping is an exporter that costs nothing.
type dropping struct{}

func (dropping) ExportSpans(context.Context, []trace.ReadOnlySpan) error { return nil }
func (dropping) Shutdown(context.Context) error                          { return nil }

// costly returns an Observer whose SDK measures and, as far as the sampler says, traces.
func costly(t testing.TB, sampler trace.Sampler) *Observer {
	t.Helper()
	tracers := trace.NewTracerProvider(trace.WithBatcher(dropping{}), trace.WithSampler(sampler))
	t.Cleanup(func() { require.NoError(t, tracers.Shutdown(context.Background())) })
	o, err := New(Config{
		MeterProvider:  metric.NewMeterProvider(metric.WithReader(metric.NewManualReader())),
		TracerProvider: tracers,
	})
	require.NoError(t, err)
	return o
}

// life is all that is told of a fire that succeeds.
func life() func(ctx context.Context, o *Observer) {
	claimed, started := fire(observe.Claimed, 0, nil), fire(observe.Started, 0, nil)
	ended, completed := fire(observe.Finished, 1, nil), fire(observe.Completed, 1, nil)
	started.Trace = call
	ended.Took, ended.State, completed.State = 1, "SUCCEEDED", "SUCCEEDED"
	return func(ctx context.Context, o *Observer) {
		o.Observe(ctx, claimed)
		run, _ := o.Start(ctx, started)
		o.Observe(run, ended)
		o.Observe(run, completed)
	}
}

var samplers = map[string]struct {
	trace.Sampler

	most float64 // allocations of a fire that the docs state
}{
	"sampled": {trace.AlwaysSample(), 22},
	"dropped": {trace.NeverSample(), 10},
}

// The docs state these numbers.
func TestAllocationsOfAFire(t *testing.T) {
	for name, s := range samplers {
		o, live := costly(t, s.Sampler), life()
		require.LessOrEqual(t, testing.AllocsPerRun(1000, func() { live(t.Context(), o) }), s.most, name)
	}
	m := costly(t, trace.NeverSample()).metrics
	e := fire(observe.Completed, 0, nil)
	require.Zero(t, testing.AllocsPerRun(1000, func() {
		e.Took, e.State = 1, "SUCCEEDED"
		for _, e.Kind = range []observe.Kind{observe.Claimed, observe.Started, observe.Finished, observe.Completed} {
			m.measure(context.Background(), &e)
		}
	}), "measuring")
}

func BenchmarkFire(b *testing.B) {
	for name, s := range samplers {
		b.Run(name, func(b *testing.B) {
			o, live := costly(b, s.Sampler), life()
			b.ReportAllocs()
			for b.Loop() {
				live(b.Context(), o)
			}
		})
	}
}
