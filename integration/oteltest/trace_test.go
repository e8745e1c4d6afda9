package oteltest

import (
	"cmp"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/integration/internal/telemetry"
	"github.com/quartz-cluster/quartz/integration/internal/worker"
)

// A fire is in the trace of the call that scheduled it: through a retry, the death of
// the node that ran it again, its recovery on another, and a retry there.
func TestOneTraceFromTheCallThroughEveryAttempt(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		north := o.launch("north")
		north.AwaitReady(t)
		ctx, request := o.tracer.Start(t.Context(), "request")
		id := o.add(ctx, "once", client.Now(), []worker.Act{worker.Fails, worker.Hangs, worker.Fails}, client.Retry(2, time.Millisecond), client.Recover())
		request.End()
		o.untilRuns(id, 2)
		north.Kill()
		south := o.launch("south")
		south.AwaitReady(t)
		o.until("it is recovered and retried", func() bool { return len(o.runs(id)) == 3 })
		south.Stop(t)

		call := o.call(request.SpanContext().TraceID().String())
		require.Equal(t, request.SpanContext().SpanID().String(), call.Parent)
		require.Equal(t, "producer", call.Kind)
		runs := byAttempt(o.runs(id))
		require.Len(t, runs, 3)
		for i, want := range []struct{ process, attempt, parent, outcome, status string }{
			{"north", "1", call.ID, "failed", "Error"},
			// Nobody has seen the end of attempt 2, so the next begins where that began.
			{"south", "3", runs[0].ID, "failed", "Error"},
			{"south", "4", runs[1].ID, "succeeded", "Unset"},
		} {
			run := runs[i]
			require.Equal(t, call.Trace, run.Trace)
			require.Equal(t, want.parent, run.Parent, "of attempt %s", want.attempt)
			require.Equal(t, "process "+worker.Scripted, run.Name)
			require.Equal(t, "consumer", run.Kind)
			require.Equal(t, want.status, run.Status)
			require.Equal(t, want.process, run.Process)
			for key, value := range map[string]string{
				"quartz.node": want.process, "quartz.fire.attempt": want.attempt, "quartz.outcome": want.outcome, "quartz.execute": "once",
			} {
				require.Equal(t, value, run.Attributes[key], key)
			}
		}
	})
}

// Each fire of an execute that has several is in a trace of its own, which is linked to
// the call that scheduled them.
func TestEachOfSeveralFiresHasATraceLinkedToTheCall(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		north := o.launch("north")
		north.AwaitReady(t)
		ctx, request := o.tracer.Start(t.Context(), "request")
		id := o.add(ctx, "often", client.Every(time.Second).Times(3), []worker.Act{worker.Fails}, client.Retry(1, time.Millisecond))
		request.End()
		o.until("all have run", func() bool { return len(o.runs(id)) == 6 })
		north.Stop(t)

		call := o.call(request.SpanContext().TraceID().String())
		fires := map[string][]telemetry.Span{}
		for _, run := range o.runs(id) {
			fire := run.Attributes["quartz.fire.time"]
			fires[fire] = append(fires[fire], run)
		}
		require.Len(t, fires, 3)
		traces := map[string]bool{call.Trace: true}
		for fire, runs := range fires {
			runs = byAttempt(runs)
			require.Len(t, runs, 2, fire)
			require.Empty(t, runs[0].Parent)
			require.Equal(t, runs[0].ID, runs[1].Parent)
			require.Equal(t, runs[0].Trace, runs[1].Trace)
			require.False(t, traces[runs[0].Trace], "another fire's, or the call's")
			traces[runs[0].Trace] = true
			for _, run := range runs {
				require.Equal(t, []telemetry.Link{{Trace: call.Trace, ID: call.ID}}, run.Links)
			}
		}
	})
}

// call returns the span of the one call in a trace that has scheduled something.
func (o *office) call(trace string) telemetry.Span {
	o.t.Helper()
	calls := slices.DeleteFunc(o.calls(), func(s telemetry.Span) bool { return s.Trace != trace || s.Name != "quartz add execute" })
	require.Len(o.t, calls, 1)
	return calls[0]
}

func byAttempt(runs []telemetry.Span) []telemetry.Span {
	slices.SortFunc(runs, func(a, b telemetry.Span) int {
		return cmp.Compare(a.Attributes["quartz.fire.attempt"], b.Attributes["quartz.fire.attempt"])
	})
	return runs
}
