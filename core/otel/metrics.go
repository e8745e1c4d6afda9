package coreotel

import (
	"context"
	"strings"

	"go.opentelemetry.io/otel/metric"

	"github.com/quartz-cluster/quartz/core/observe"
	"github.com/quartz-cluster/quartz/schema"
)

// metrics are the instruments that events are counted by.
type metrics struct {
	labels labels
	jobs   jobs

	fires, retries, recoveries, misfires, skips, conflicts, refused, events metric.Int64Counter
	lateness, run, batch, pass                                              metric.Float64Histogram
}

func newMetrics(meter metric.Meter, jobsOfApp int) (*metrics, error) {
	in := &maker{meter: meter}
	m := &metrics{
		jobs:  jobs{limit: jobsOfApp, count: map[string]int{}},
		fires: in.counter("quartz.fires"), retries: in.counter("quartz.retries"), recoveries: in.counter("quartz.recoveries"),
		misfires: in.counter("quartz.misfires"), skips: in.counter("quartz.skips"), conflicts: in.counter("quartz.claim.conflicts"),
		refused: in.counter("quartz.database.retries"), events: in.counter("quartz.events"),
		lateness: in.histogram("quartz.fire.lateness"), run: in.histogram("quartz.run.duration"),
		batch: in.histogram("quartz.batch.size"), pass: in.histogram("quartz.handler.pass.duration"),
	}
	return m, in.err
}

// measure takes one event in.
func (m *metrics) measure(ctx context.Context, e *observe.Event) {
	here := label{app: e.App}
	mine := label{app: e.App, class: e.Class}
	switch e.Kind {
	case observe.Claimed, observe.Overdue, observe.Stranded:
	case observe.Started:
		if e.Attempt == 1 { // the others are as late as they are to be
			m.lateness.Record(ctx, e.Late.Seconds(), m.labels.of(mine).record...)
		}
	case observe.Finished, observe.Failed, observe.TimedOut, observe.Cancelled, observe.Suspended, observe.HandedOver:
		if e.Took > 0 { // else it has not run
			m.run.Record(ctx, e.Took.Seconds(), m.labels.of(mine.with(keyOutcome, outcomeOf(e.Kind))).record...)
		}
	case observe.Completed:
		mine.job = m.jobs.of(e.App, e.Job)
		m.add(ctx, m.fires, 1, mine.with(keyOutcome, outcomes[e.State]))
	case observe.Lost:
		mine.job = m.jobs.of(e.App, e.Job)
		m.add(ctx, m.fires, 1, mine.with(keyOutcome, "lost"))
	case observe.Retrying:
		m.add(ctx, m.retries, 1, mine)
	case observe.Recovered:
		m.add(ctx, m.recoveries, 1, mine)
	case observe.Misfired:
		m.add(ctx, m.misfires, e.Count, mine.with(keyPolicy, misfirePolicy(e.Reason)))
	case observe.Skipped:
		m.add(ctx, m.skips, e.Count, mine.with(keyPolicy, e.Reason))
	case observe.ClaimBatch:
		m.batch.Record(ctx, float64(e.Count), m.labels.of(here.with(keyOperation, "claim")).record...)
		m.add(ctx, m.conflicts, e.Of-e.Count, here)
	case observe.CompletionBatch:
		m.batch.Record(ctx, float64(e.Count), m.labels.of(here.with(keyOperation, "complete")).record...)
	case observe.Refused:
		m.add(ctx, m.refused, 1, here.with(keyStep, e.Reason))
	case observe.PassDone:
		m.pass.Record(ctx, e.Took.Seconds(), m.labels.of(here).record...)
	default:
		m.add(ctx, m.events, 1, here.with(keyEvent, string(e.Kind)))
	}
}

func (m *metrics) add(ctx context.Context, c metric.Int64Counter, n int64, l label) {
	c.Add(ctx, n, m.labels.of(l).add...)
}

// outcomes are what fires come to, in lower case.
var outcomes = map[string]string{
	string(schema.Succeeded): "succeeded", string(schema.Failed): "failed", string(schema.TimedOut): "timed_out",
	string(schema.Cancelled): "cancelled", string(schema.Lost): "lost",
}

// outcomeOf is how a run ended.
func outcomeOf(k observe.Kind) string {
	if k == observe.Finished {
		return "succeeded"
	}
	return string(k)
}

// misfirePolicy is the policy of a misfire, of which anything may stand in a row.
func misfirePolicy(text string) string {
	switch p := schema.Misfire(text); p {
	case "":
		return strings.ToLower(string(schema.FireOnce))
	case schema.FireOnce, schema.FireAll, schema.Skip:
		return strings.ToLower(text)
	}
	return other
}
