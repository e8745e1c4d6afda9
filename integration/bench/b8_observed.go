package main

import (
	"context"
	"fmt"
)

// observed is B8: B1's burn-down, by a worker with package core/otel and the SDK of
// OpenTelemetry with all that a program would have: metrics read every second, gauges,
// spans in batches, all for exporters that drop them. The executes have the trace
// contexts of calls by traced clients, of which one in a hundred is sampled, or every
// one; the runs follow their calls, as a parent-based sampler has it.
//
// Besides the rate it counts the allocations of the whole process for a fire.
//
// Its yardstick is the same burn-down unseen, without trace contexts.
func observed(ctx context.Context, b *bench) ([]figure, error) {
	n := b.scaled(burnt, 100)
	unseen, e, err := burnRows(ctx, b, n, "unseen", false, nil)
	if err != nil {
		return nil, err
	}
	plain := float64(e.Allocs) / float64(n)
	b.note("unseen: %.1f allocations a fire", plain)
	var out []figure
	for _, s := range []struct {
		name  string
		oneIn int // traces that are sampled
	}{{"hundredth", 100}, {"every", 1}} {
		rate, e, err := burnRows(ctx, b, n, s.name, true, map[string]string{"TRACE": traceContext(s.oneIn)})
		if err != nil {
			return nil, fmt.Errorf("%s: %w", s.name, err)
		}
		if e.Spans == 0 {
			return nil, fmt.Errorf("%s: no span was exported", s.name)
		}
		allocs := float64(e.Allocs) / float64(n)
		b.note("%s: %.1f allocations a fire, %.1f more; %d spans exported of %d", s.name, allocs, allocs-plain, e.Spans, n/s.oneIn)
		out = append(out,
			figure{name: s.name, unit: "fires/s", value: rate, yards: []yard{{"unseen", unseen}}},
			figure{name: s.name + "/allocations", unit: "allocations/fire", value: allocs, yards: []yard{{"unseen", plain}}})
	}
	return out, nil
}

// traceContext is a W3C trace context as SQL over n, of which one in so many is sampled.
func traceContext(oneIn int) string {
	return fmt.Sprintf(`CONCAT('00-', MD5(CONCAT('trace', n)), '-', SUBSTR(MD5(CONCAT('span', n)), 1, 16),
		CASE WHEN MOD(n, %d) = 0 THEN '-01' ELSE '-00' END)`, oneIn)
}
