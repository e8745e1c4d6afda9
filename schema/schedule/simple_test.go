package schedule

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

func simpleOf(count, interval, start, end int64) Spec {
	return Spec{Type: TypeSimple, RepeatCount: count, RepeatInterval: interval, Start: start, End: end}
}

// all walks through a schedule that ends.
func all(t *testing.T, s *Schedule) (list []int64) {
	t.Helper()
	for next, ok := s.First(); ok; next, ok = s.Next(next) {
		require.Less(t, len(list), 10_000)
		list = append(list, next)
	}
	return list
}

func TestSimpleSlots(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		spec Spec
		want []int64
	}{
		"count N is N slots, the first at the start":   {simpleOf(3, 100, 1000, 0), []int64{1000, 1100, 1200}},
		"count 1 needs no interval":                    {simpleOf(1, 0, 1000, 0), []int64{1000}},
		"count 1 with one":                             {simpleOf(1, 5000, 1000, 0), []int64{1000}},
		"the end is part of it":                        {simpleOf(-1, 100, 1000, 1200), []int64{1000, 1100, 1200}},
		"and nothing later":                            {simpleOf(-1, 100, 1000, 1199), []int64{1000, 1100}},
		"count 0 is for ever":                          {simpleOf(0, 100, 1000, 1100), []int64{1000, 1100}},
		"end at the start":                             {simpleOf(5, 100, 1000, 1000), []int64{1000}},
		"the epoch":                                    {simpleOf(2, 10, 0, 0), []int64{0, 10}},
		"an interval of more than 24.8 days":           {simpleOf(2, 1<<40, 1000, 0), []int64{1000, 1000 + 1<<40}},
		"a count that no clock will see the end of":    {simpleOf(math.MaxInt64, 1<<47, 1000, 0), []int64{1000, 1000 + 1<<47}},
		"the longest interval":                         {simpleOf(-1, math.MaxInt64, 1000, 0), []int64{1000}},
		"the latest start":                             {simpleOf(-1, 10, latest-15, math.MaxInt64), []int64{latest - 15, latest - 5}},
		"what belongs to the other type is not looked": {Spec{Type: TypeSimple, Cron: "x", Zone: "y", RepeatCount: 1}, []int64{0}},
	} {
		require.Equal(t, test.want, all(t, mustParse(t, test.spec)), name)
	}
}

func TestSimpleNext(t *testing.T) {
	t.Parallel()
	s := mustParse(t, simpleOf(-1, 100, 1000, 0))
	for after, want := range map[int64]int64{
		math.MinInt64: 1000, 0: 1000, 999: 1000, 1000: 1100, 1001: 1100, 1099: 1100, 1100: 1200, 1_000_000_000_000: 1_000_000_000_100,
	} {
		next, ok := s.Next(after)
		require.True(t, ok)
		require.Equal(t, want, next, after)
	}
	for _, after := range []int64{latest, math.MaxInt64} {
		_, ok := s.Next(after)
		require.False(t, ok)
	}
}

func TestStartAndEndBoundCron(t *testing.T) {
	t.Parallel()
	spec := cronIn("0 0 12 * * ?", "")
	spec.Start, spec.End = at(t, "2026-11-22T12:00:00Z"), at(t, "2026-11-24T12:00:00Z")
	require.Equal(t, []int64{spec.Start, spec.Start + 86_400_000, spec.End}, all(t, mustParse(t, spec)))
	spec.Start++
	spec.End--
	require.Equal(t, []int64{at(t, "2026-11-23T12:00:00Z")}, all(t, mustParse(t, spec)))
	spec.End = 0
	for _, after := range []int64{math.MinInt64, 0, spec.Start - 1, spec.Start} {
		next, ok := mustParse(t, spec).Next(after)
		require.True(t, ok)
		require.Equal(t, at(t, "2026-11-23T12:00:00Z"), next)
	}
	first, ok := mustParse(t, spec).First()
	require.True(t, ok)
	require.Equal(t, at(t, "2026-11-23T12:00:00Z"), first)
}

func TestEndsOfTime(t *testing.T) {
	t.Parallel()
	for _, expr := range []string{"* * * * * ?", "0 0 12 * * ?", "0 0 * * * ? 2199"} {
		for _, zone := range []string{"", "Asia/Kathmandu", "America/New_York"} {
			s := mustParse(t, cronIn(expr, zone))
			first, ok := s.Next(math.MinInt64)
			require.True(t, ok)
			if expr[0] == '*' && zone == "" {
				require.Zero(t, first)
			}
			for _, after := range []int64{math.MaxInt64, math.MaxInt64 / 2, at(t, "2200-01-02T00:00:00Z")} {
				_, ok = s.Next(after)
				require.False(t, ok)
			}
		}
	}
}
