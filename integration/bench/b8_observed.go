package main

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// observed is B8: B1's burn-down, by a worker with all that shows what it does: package
// core/otel and the SDK of OpenTelemetry, with metrics read every second, gauges and
// spans in batches for exporters that drop them; package core/alert; a log of JSON from
// the level of information.
//
//	own        each run is a trace of its own, of which one in a hundred is sampled
//	hundredth  the executes have the trace contexts of calls by traced clients, of which
//	           one in a hundred is sampled; the runs follow their calls, as a
//	           parent-based sampler has it
//	every      the same, and all of them are sampled
//
// Besides the rate it counts what the whole process spends on a fire: allocations, and
// processor time, which others on the machine disturb less than the rate.
//
// Its yardstick is the same burn-down unseen but for the bench, which counts what is
// completed, and without trace contexts.
func observed(ctx context.Context, b *bench) ([]figure, error) {
	n := b.scaled(burnt, 100)
	unseen, err := burnObserved(ctx, b, n, "unseen", false, 0)
	if err != nil {
		return nil, err
	}
	var out []figure
	for _, s := range []struct {
		name  string
		oneIn int // calls that are sampled; 0: there are none
	}{{"own", 0}, {"hundredth", 100}, {"every", 1}} {
		r, err := burnObserved(ctx, b, n, s.name, true, s.oneIn)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", s.name, err)
		}
		out = append(out,
			figure{name: s.name, unit: "fires/s", value: r.rate, yards: []yard{{"unseen", unseen.rate}}},
			figure{name: s.name + "/allocations", unit: "allocations/fire", value: r.allocs, yards: []yard{{"unseen", unseen.allocs}}})
		if r.cpu > 0 {
			out = append(out, figure{name: s.name + "/cpu", unit: "µs/fire", value: r.cpu, yards: []yard{{"unseen", unseen.cpu}}})
		}
	}
	return out, nil
}

// spent is a rate, and what a worker spent on a fire.
type spent struct {
	rate, allocs, cpu float64
}

// burnObserved lets a worker loose, seen or not, on n executes by calls of which one in
// so many is sampled; 0: they have no trace contexts.
func burnObserved(ctx context.Context, b *bench, n int, name string, seen bool, oneIn int) (spent, error) {
	var columns map[string]string
	if oneIn > 0 {
		columns = map[string]string{"TRACE": traceContext(oneIn)}
	}
	rate, e, err := burnRows(ctx, b, n, name, seen, columns)
	if err != nil {
		return spent{}, err
	}
	if oneIn > 0 && e.Spans == 0 {
		return spent{}, errors.New("no span was exported")
	}
	s := spent{rate, float64(e.Allocs) / float64(n), float64(e.CPU) / float64(time.Microsecond) / float64(n)}
	b.note("%s: %.1f allocations and %.1f µs a fire, %d spans exported", name, s.allocs, s.cpu, e.Spans)
	return s, nil
}

// traceContext is a W3C trace context as SQL over n, of which one in so many is sampled.
func traceContext(oneIn int) string {
	return fmt.Sprintf(`CONCAT('00-', MD5(CONCAT('trace', n)), '-', SUBSTR(MD5(CONCAT('span', n)), 1, 16),
		CASE WHEN MOD(n, %d) = 0 THEN '-01' ELSE '-00' END)`, oneIn)
}
