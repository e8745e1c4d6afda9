package schedule

import (
	"fmt"
	"testing"
)

// The next instant of an everyday expression, asked of one after the other.
func BenchmarkNext(b *testing.B) {
	for _, bench := range []struct{ name, expr, zone string }{
		{"weekdays", "0 0 8 ? * MON-FRI", "Europe/Berlin"},
		{"quarter-hourly", "0 */15 * * * ?", "America/New_York"},
		{"secondly", "* * * * * ?", ""},
		{"monthly", "0 0 0 L * ?", "Asia/Tokyo"},
		{"leap-days", "0 0 0 29 2 ?", "Europe/Berlin"},
	} {
		b.Run(bench.name, func(b *testing.B) {
			s := mustParse(b, cronIn(bench.expr, bench.zone))
			start := at(b, "2026-11-22T00:00:00Z")
			b.ReportAllocs()
			for now := start; b.Loop(); {
				next, ok := s.Next(now)
				if !ok {
					next = start
				}
				now = next
			}
		})
	}
}

// The same question again, as executes that share an expression ask it.
func BenchmarkNextShared(b *testing.B) {
	s := mustParse(b, cronIn("0 0 8 ? * MON-FRI", "Europe/Berlin"))
	start := at(b, "2026-11-22T00:00:00Z")
	b.ReportAllocs()
	for b.Loop() {
		s.Next(start)
	}
}

func BenchmarkNextNever(b *testing.B) {
	s := mustParse(b, cronIn("0 0 0 29 2 ? 2100", "Europe/Berlin"))
	start := at(b, "2026-11-22T00:00:00Z")
	b.ReportAllocs()
	for i := start; b.Loop(); i++ {
		s.Next(i)
	}
}

func BenchmarkNextSimple(b *testing.B) {
	s := mustParse(b, simpleOf(-1, 5000, 1000, 0))
	b.ReportAllocs()
	for i := int64(0); b.Loop(); i++ {
		s.Next(i)
	}
}

// A claim parses what stands in the row: known is the common case.
func BenchmarkParse(b *testing.B) {
	b.Run("known", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, _ = Parse(cronIn("0 0 8 ? * MON-FRI", "Europe/Berlin"))
		}
	})
	b.Run("new", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := newCron("0 0 8 ? * MON-FRI", "Europe/Berlin"); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("refused", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, _ = Parse(cronIn("0 0 0 30 2 ?", ""))
		}
	})
	b.Run("thrashing", func(b *testing.B) {
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			_, _ = Parse(cronIn(fmt.Sprintf("%d %d %d ? * MON-FRI", i%60, i/60%60, i/3600%24), "Europe/Berlin"))
		}
	})
}

func BenchmarkTimeline(b *testing.B) {
	loc, err := LoadZone("Europe/Berlin")
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		newTimeline(loc)
	}
}
