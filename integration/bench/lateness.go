package main

import (
	"sync/atomic"
	"time"
)

const (
	tick  = 100 * time.Microsecond
	ticks = 1_200_000 // two minutes; what is later counts as that
)

// histogram counts how late runs started, to a tenth of a millisecond.
type histogram struct{ buckets [ticks]atomic.Uint32 }

func (h *histogram) add(late time.Duration) {
	h.buckets[min(max(int64(late/tick), 0), ticks-1)].Add(1)
}

// lateness is what a histogram comes to.
type lateness struct {
	N                  int64
	P50, P95, P99, Max time.Duration
}

func (h *histogram) lateness() lateness {
	var out lateness
	for i := range h.buckets {
		out.N += int64(h.buckets[i].Load())
	}
	seen := int64(0)
	for i := range h.buckets {
		n := int64(h.buckets[i].Load())
		if n == 0 {
			continue
		}
		at := time.Duration(i) * tick
		for _, q := range []struct {
			to    *time.Duration
			share float64
		}{{&out.P50, 0.5}, {&out.P95, 0.95}, {&out.P99, 0.99}} {
			if float64(seen) < q.share*float64(out.N) {
				*q.to = at
			}
		}
		seen += n
		out.Max = at
	}
	return out
}
