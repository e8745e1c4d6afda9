package schedule

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestMissedOfSimpleIsExactInOneStep(t *testing.T) {
	t.Parallel()
	s := mustParse(t, simpleOf(1_000_000, 10, 1000, 0))
	require.Equal(t, Missed{Next: 1000, HasNext: true}, s.Missed(1000, 999, 1))
	require.Equal(t, Missed{Count: 1, Newest: 1000, Next: 1010, HasNext: true}, s.Missed(1000, 1009, 1))
	require.Equal(t, Missed{Count: 2, Newest: 1010, Next: 1020, HasNext: true}, s.Missed(1000, 1010, 1))
	require.Equal(t, Missed{Count: 999_999, Newest: 1000 + 9_999_980, Next: 1000 + 9_999_990, HasNext: true}, s.Missed(1000, 1000+9_999_989, 1))
	require.Equal(t, Missed{Count: 1_000_000, Newest: 1000 + 9_999_990}, s.Missed(1000, 1<<50, 1))
	require.Equal(t, Missed{Count: 1, Newest: 1000 + 9_999_990}, s.Missed(1000+9_999_990, 1<<50, 1))
	// An instant that stands in the row but is none of the slots still counts.
	require.Equal(t, Missed{Count: 3, Newest: 1020, Next: 1030, HasNext: true}, s.Missed(1005, 1029, 1))

	ended := mustParse(t, simpleOf(-1, 10, 1000, 1050))
	require.Equal(t, Missed{Count: 6, Newest: 1050}, ended.Missed(1000, 1<<50, 1))
	require.Equal(t, Missed{Count: 1, Newest: 1000}, mustParse(t, simpleOf(1, 0, 1000, 0)).Missed(1000, 5000, 9))
}

func TestMissedOfCronGoesInBoundedSteps(t *testing.T) {
	t.Parallel()
	s := mustParse(t, cronIn("0 */15 * * * ?", "Europe/Berlin"))
	from := at(t, "2026-10-24T22:00:00Z") // midnight of a day of 25 hours
	upTo := from + 25*3_600_000 - 1
	next := from + 25*3_600_000
	require.Equal(t, Missed{Count: 100, Newest: next - 900_000, Next: next, HasNext: true}, s.Missed(from, upTo, 1000))
	require.Equal(t, Missed{Count: 100, Newest: next - 900_000, Next: next, HasNext: true}, s.Missed(from, upTo, 100))
	require.Equal(t, Missed{Count: 99, Newest: next - 1_800_000, Next: next - 900_000, HasNext: true, More: true}, s.Missed(from, upTo, 99))

	for _, bound := range []int{-1, 0, 1, 2, 7, 50} {
		var count int64
		m := Missed{Next: from, More: true}
		for m.More {
			m = s.Missed(m.Next, upTo, bound)
			require.LessOrEqual(t, m.Count, max(int64(bound), 1))
			count += m.Count
		}
		require.Equal(t, int64(100), count)
		require.Equal(t, next-900_000, m.Newest)
		require.Equal(t, next, m.Next)
	}
}

func TestMissedUpToTheLastInstant(t *testing.T) {
	t.Parallel()
	spec := cronIn("0 0 10 20-22 11 ? 2026", "")
	from, last := at(t, "2026-11-20T10:00:00Z"), at(t, "2026-11-22T10:00:00Z")
	require.Equal(t, Missed{Count: 3, Newest: last}, mustParse(t, spec).Missed(from, last, 10))
	require.Equal(t, Missed{Count: 3, Newest: last}, mustParse(t, spec).Missed(from, last+1<<40, 3))
	require.Equal(t, Missed{Count: 2, Newest: last - 86_400_000, Next: last, HasNext: true}, mustParse(t, spec).Missed(from, last-1, 10))
	spec.End = last - 1
	require.Equal(t, Missed{Count: 2, Newest: last - 86_400_000}, mustParse(t, spec).Missed(from, last, 10))
	require.Equal(t, Missed{Count: 2, Newest: last - 86_400_000}, mustParse(t, spec).Missed(from, last, 2))
}
