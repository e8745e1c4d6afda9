package schedule

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func cronIn(expr, zone string) Spec { return Spec{Type: TypeCron, Cron: expr, Zone: zone} }

func mustParse(t testing.TB, spec Spec) *Schedule {
	t.Helper()
	s, err := Parse(spec)
	require.NoError(t, err)
	return s
}

// at reads an instant written with its offset from UTC.
func at(t testing.TB, text string) int64 {
	t.Helper()
	v, err := time.Parse(time.RFC3339, text)
	require.NoError(t, err)
	return v.UnixMilli()
}

// fires lists the next n instants of an expression as a wall clock in its zone
// shows them, with the offset; "never" ends a list that is over.
func fires(t testing.TB, expr, zone, after string, n int) []string {
	t.Helper()
	s := mustParse(t, cronIn(expr, zone))
	list := make([]string, 0, n)
	for now := at(t, after); len(list) < n; {
		next, ok := s.Next(now)
		if !ok {
			return append(list, "never")
		}
		require.Greater(t, next, now)
		list = append(list, time.UnixMilli(next).In(s.Location()).Format(time.RFC3339))
		now = next
	}
	return list
}

func timeIn(instant int64, s *Schedule) string {
	return time.UnixMilli(instant).In(s.Location()).Format(time.RFC3339)
}
