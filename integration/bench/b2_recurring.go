package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/quartz-cluster/quartz/schema"
)

const (
	recurrence = 60 * time.Second
	// grace is how long after the last instant a start still counts.
	grace = time.Second
)

// levels are how many executes fire every second.
var levels = []int{500, 5_000, 15_000, 30_000}

// recurring is B2: N executes that fire every second for 60 s, FIRE_ALL, their
// instants all on the same moment; one worker process with 2,000 slots. The share of
// the fires that began within a second of the last instant, and how late those were:
// the handler's own clock, which is the database's as both are on this machine,
// against the nominal time.
//
// Its yardstick is gocron in this process at the same N, for a third of the time: no
// database and no second process to lose a fire to. It counts a job's n'th run
// against that job's n'th instant.
func recurring(ctx context.Context, b *bench) ([]figure, error) {
	var out []figure
	for i, level := range levels {
		if i > 0 && b.brief() {
			break
		}
		n := b.scaled(level, 10)
		span := max(time.Duration(float64(recurrence)*b.scale).Round(time.Second), time.Second)
		ours, err := recurQuartz(ctx, b, n, span)
		if err != nil {
			return nil, fmt.Errorf("%d every second: %w", n, err)
		}
		theirsFor := max((span / 3).Round(time.Second), time.Second)
		theirs, err := recurGocron(ctx, n, theirsFor)
		if err != nil {
			return nil, fmt.Errorf("gocron, %d every second: %w", n, err)
		}
		fired := func(l lateness, span time.Duration) float64 {
			return 100 * float64(l.N) / (float64(n) * span.Seconds())
		}
		b.note("%d every second: %.1f %% fired, p50 %s, p99 %s; gocron %.1f %%, p50 %s, p99 %s",
			n, fired(ours, span), ours.P50, ours.P99, fired(theirs, theirsFor), theirs.P50, theirs.P99)
		add := func(name, unit string, value, yardstick float64) {
			out = append(out, figure{fmt.Sprintf("%d/%s", level, name), unit, value, []yard{{"gocron", yardstick}}})
		}
		add("fired", "%", fired(ours, span), fired(theirs, theirsFor))
		add("late-p50", "ms", millis(ours.P50), millis(theirs.P50))
		add("late-p95", "ms", millis(ours.P95), millis(theirs.P95))
		add("late-p99", "ms", millis(ours.P99), millis(theirs.P99))
		add("late-max", "ms", millis(ours.Max), millis(theirs.Max))
	}
	return out, nil
}

// firstInstant returns a full second for which n schedules can be made.
func firstInstant(n int) time.Time {
	return time.Now().Add(time.Second + time.Duration(n)*100*time.Microsecond).Truncate(time.Second).Add(time.Second)
}

func recurQuartz(ctx context.Context, b *bench, n int, span time.Duration) (late lateness, err error) {
	p, err := newTables(ctx, b.kind)
	if err != nil {
		return late, err
	}
	defer func() { err = errors.Join(err, p.close()) }()
	job, err := p.addJob(ctx, app, schema.Executing)
	if err != nil {
		return late, err
	}
	err = p.add(ctx, executes{app: app, job: job, count: n, first: fmt.Sprint(time.Now().Add(time.Hour).UnixMilli()), columns: map[string]string{
		"REPEAT_COUNT": fmt.Sprint(int(span.Seconds())), "REPEAT_INTERVAL": "1000", "MISFIRE": "'FIRE_ALL'",
	}})
	if err == nil {
		err = p.settle(ctx, "QRTZ_EXECUTE")
	}
	if err != nil {
		return late, err
	}
	w, err := launch(ctx, config{Engine: "quartz", Kind: b.kind, DSN: p.dsn, Slots: slots})
	if err != nil {
		return late, err
	}
	defer w.kill()
	if _, err := w.tell(ctx, wordGo); err != nil {
		return late, err
	}
	// Known only now that everything is in place.
	first := firstInstant(n)
	if err := p.exec(ctx, fmt.Sprintf("UPDATE QRTZ_EXECUTE SET START_TIME = %d, NEXT_FIRE_TIME = %[1]d", first.UnixMilli())); err != nil {
		return late, err
	}
	if time.Now().After(first) {
		return late, errors.New("the executes were not there in time")
	}
	if err := pause(ctx, time.Until(first.Add(span-time.Second+grace))); err != nil {
		return late, err
	}
	e, err := w.stop(ctx)
	if err != nil {
		return late, err
	}
	b.odd(e)
	return e.Late, nil
}
