package coreotel

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/quartz-cluster/quartz/core/observe"
)

// measured is an Observer and what it has measured.
type measured struct {
	*Observer

	t      *testing.T
	reader *metric.ManualReader
}

func measure(t *testing.T, c Config) *measured {
	t.Helper()
	m := &measured{t: t, reader: metric.NewManualReader()}
	c.MeterProvider = metric.NewMeterProvider(metric.WithReader(m.reader))
	var err error
	m.Observer, err = New(c)
	require.NoError(t, err)
	return m
}

// tell tells an event of a fire, under its defaults.
func (m *measured) tell(e observe.Event) {
	if e.App == "" {
		e.App = "billing"
	}
	m.Observe(m.t.Context(), e)
}

// points returns, by instrument, each set of attributes with its sum, or with the count and the
// sum of its distribution. It holds them to the table.
func (m *measured) points() map[string]map[string]string {
	m.t.Helper()
	var all metricdata.ResourceMetrics
	require.NoError(m.t, m.reader.Collect(context.Background(), &all))
	out := map[string]map[string]string{}
	for _, scope := range all.ScopeMetrics {
		for _, v := range scope.Metrics {
			i := slices.IndexFunc(table, func(i instrument) bool { return i.name == v.Name })
			require.GreaterOrEqual(m.t, i, 0, v.Name)
			require.Equal(m.t, table[i].unit, v.Unit)
			require.Equal(m.t, table[i].about, v.Description)
			into := map[string]string{}
			note := func(kind string, set attribute.Set, format string, args ...any) {
				require.Equal(m.t, table[i].kind, kind, v.Name)
				for _, a := range set.ToSlice() {
					require.Contains(m.t, table[i].attributes, a.Key, v.Name)
				}
				into[set.Encoded(attribute.DefaultEncoder())] = fmt.Sprintf(format, args...)
			}
			switch data := v.Data.(type) {
			case metricdata.Sum[int64]:
				for _, p := range data.DataPoints {
					note(map[bool]string{true: counter, false: upDown}[data.IsMonotonic], p.Attributes, "%d", p.Value)
				}
			case metricdata.Histogram[float64]:
				for _, p := range data.DataPoints {
					note(histogram, p.Attributes, "%d: %g", p.Count, p.Sum)
				}
			case metricdata.Gauge[float64]:
				for _, p := range data.DataPoints {
					note(gauge, p.Attributes, "%g", p.Value)
				}
			default:
				require.Fail(m.t, "unknown data", "%T", data)
			}
			out[v.Name] = into
		}
	}
	return out
}

func TestWhatIsMeasured(t *testing.T) {
	t.Parallel()
	m := measure(t, Config{})
	fire := observe.Event{App: "billing", Class: "send", Job: "invoices", Attempt: 1}
	with := func(k observe.Kind, change func(e *observe.Event)) {
		e := fire
		e.Kind = k
		if change != nil {
			change(&e)
		}
		if k == observe.Started {
			m.Start(t.Context(), e)
			return
		}
		m.tell(e)
	}
	failed := errors.New("failed")
	with(observe.Started, func(e *observe.Event) { e.Late = 250 * time.Millisecond })
	with(observe.Failed, func(e *observe.Event) { e.Took, e.Err = 2*time.Second, failed })
	with(observe.Retrying, nil)
	with(observe.Started, func(e *observe.Event) { e.Late, e.Attempt = time.Hour, 2 })
	with(observe.Finished, func(e *observe.Event) { e.Took, e.State = time.Second, "SUCCEEDED" })
	with(observe.Completed, func(e *observe.Event) { e.State = "SUCCEEDED" })
	with(observe.HandedOver, nil) // it was not begun
	with(observe.TimedOut, func(e *observe.Event) { e.Took, e.Err = 3*time.Second, failed })
	with(observe.Completed, func(e *observe.Event) { e.State, e.Job = "TIMED_OUT", "" })
	with(observe.Lost, nil)
	with(observe.Recovered, nil)
	m.tell(observe.Event{Kind: observe.Lost}) // its job is gone
	with(observe.Misfired, func(e *observe.Event) { e.Count, e.Reason = 3, "SKIP" })
	with(observe.Misfired, func(e *observe.Event) { e.Count = 2 })
	with(observe.Misfired, func(e *observe.Event) { e.Count, e.Reason = 1, "by hand" })
	with(observe.Skipped, func(e *observe.Event) { e.Count, e.Reason = 3, "overlap" })
	m.tell(observe.Event{Kind: observe.ClaimBatch, Count: 150, Of: 200})
	m.tell(observe.Event{Kind: observe.CompletionBatch, Count: 20, Of: 20})
	m.tell(observe.Event{Kind: observe.Refused, Reason: "claim"})
	m.tell(observe.Event{Kind: observe.PassDone, Took: time.Second})
	m.tell(observe.Event{Kind: observe.LeaseLost})
	require.Equal(t, map[string]map[string]string{
		"quartz.fires": {
			"quartz.app=billing,quartz.class=send,quartz.job=invoices,quartz.outcome=succeeded": "1",
			"quartz.app=billing,quartz.class=send,quartz.outcome=timed_out":                     "1",
			"quartz.app=billing,quartz.class=send,quartz.job=invoices,quartz.outcome=lost":      "1",
			"quartz.app=billing,quartz.outcome=lost":                                            "1",
		},
		"quartz.fire.lateness": {"quartz.app=billing,quartz.class=send": "1: 0.25"},
		"quartz.run.duration": {
			"quartz.app=billing,quartz.class=send,quartz.outcome=failed":    "1: 2",
			"quartz.app=billing,quartz.class=send,quartz.outcome=succeeded": "1: 1",
			"quartz.app=billing,quartz.class=send,quartz.outcome=timed_out": "1: 3",
		},
		"quartz.retries":    {"quartz.app=billing,quartz.class=send": "1"},
		"quartz.recoveries": {"quartz.app=billing,quartz.class=send": "1"},
		"quartz.misfires": {
			"quartz.app=billing,quartz.class=send,quartz.policy=skip":      "3",
			"quartz.app=billing,quartz.class=send,quartz.policy=fire_once": "2",
			"quartz.app=billing,quartz.class=send,quartz.policy=_OTHER":    "1",
		},
		"quartz.skips": {"quartz.app=billing,quartz.class=send,quartz.policy=overlap": "3"},
		"quartz.batch.size": {
			"quartz.app=billing,quartz.operation=claim":    "1: 150",
			"quartz.app=billing,quartz.operation=complete": "1: 20",
		},
		"quartz.claim.conflicts":       {"quartz.app=billing": "50"},
		"quartz.database.retries":      {"quartz.app=billing,quartz.step=claim": "1"},
		"quartz.handler.pass.duration": {"quartz.app=billing": "1: 1"},
		"quartz.events":                {"quartz.app=billing,quartz.event=lease_lost": "1"},
	}, m.points())
}

// Every kind of event is counted among the others, or has a measure of its own.
func TestTheDocsHaveEveryEvent(t *testing.T) {
	t.Parallel()
	var counted []string
	for _, k := range kinds(t) {
		m := measure(t, Config{})
		m.tell(observe.Event{Kind: observe.Kind(k), Err: errors.New("failed")})
		for set := range m.points()["quartz.events"] {
			require.Equal(t, "quartz.app=billing,quartz.event="+k, set)
			counted = append(counted, k)
		}
	}
	require.ElementsMatch(t, counted, eventsOfDocs(t))
}

func TestJobsAreToldApartUpToABound(t *testing.T) {
	t.Parallel()
	for limit, want := range map[int]int{2: 3, -1: 1, 0: 50} {
		m := measure(t, Config{Jobs: limit})
		for i := range 50 {
			for range 2 {
				m.tell(observe.Event{Kind: observe.Completed, Class: "send", Job: fmt.Sprint(i), State: "SUCCEEDED"})
			}
		}
		fires := m.points()["quartz.fires"]
		require.Len(t, fires, want, limit)
		if limit == 2 {
			require.Equal(t, "96", fires["quartz.app=billing,quartz.class=send,quartz.job=_OTHER,quartz.outcome=succeeded"])
		}
		m.tell(observe.Event{Kind: observe.Completed, App: "other", Class: "send", Job: "x", State: "SUCCEEDED"})
		require.Len(t, m.points()["quartz.fires"], want+1, "each app has its own")
	}
}

// What is overdue is told by whoever made the last pass: an older word is none.
func TestWhatWasOverdueIsForgotten(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := measure(t, Config{})
		m.tell(observe.Event{Kind: observe.Overdue, Count: 7, Late: 20 * time.Second, Wait: 3 * time.Second})
		m.tell(observe.Event{Kind: observe.Overdue, App: "idle", Wait: time.Hour})
		m.tell(observe.Event{Kind: observe.Stranded, Count: 2, Wait: 3 * time.Second})
		time.Sleep(8 * time.Second)
		points := m.points()
		require.Equal(t, map[string]string{"quartz.app=billing": "2"}, points["quartz.executes.unrunnable"])
		require.Equal(t, map[string]string{"quartz.app=billing": "7", "quartz.app=idle": "0"}, points["quartz.executes.overdue"])
		require.Equal(t, map[string]string{"quartz.app=billing": "28", "quartz.app=idle": "0"}, points["quartz.executes.overdue.age"])
		time.Sleep(time.Second)
		require.Equal(t, map[string]string{"quartz.app=idle": "0"}, m.points()["quartz.executes.overdue"])
		require.Empty(t, m.points()["quartz.executes.unrunnable"])
	})
}

func TestWatchNeedsANode(t *testing.T) {
	t.Parallel()
	require.Error(t, measure(t, Config{}).Watch(nil))
}
