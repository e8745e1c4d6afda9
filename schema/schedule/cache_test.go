package schedule

import (
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSchedulesOfOneExpressionAndZoneShareTheWork(t *testing.T) {
	t.Parallel()
	one, two := cronIn("17 3 4 ? * MON-FRI", "Asia/Tokyo"), cronIn("17 3 4 ? * MON-FRI", "Asia/Tokyo")
	two.Start = at(t, "2026-01-01T00:00:00Z")
	a, b := mustParse(t, one), mustParse(t, two)
	require.Same(t, a.rule, b.rule)
	require.NotSame(t, a.rule, mustParse(t, cronIn("17 3 4 ? * MON-FRI", "Asia/Seoul")).rule)

	after := at(t, "2026-11-22T00:00:00Z")
	want, ok := a.Next(after)
	require.True(t, ok)
	shared := a.rule.(*cron).recent.Load()
	got, ok := b.Next(after)
	require.True(t, ok)
	require.Equal(t, want, got)
	require.Same(t, shared, a.rule.(*cron).recent.Load(), "the second question was answered anew")
}

func TestCacheIsBoundedAndKeepsWhatIsUsed(t *testing.T) {
	t.Parallel()
	var c cache
	used, err := c.get("0 0 12 * * ?", "")
	require.NoError(t, err)
	for i := range 3*cacheSize + 10 {
		_, err = c.get(fmt.Sprintf("%d", i), "") // refused, and remembered as such
		require.Error(t, err)
		if i%100 == 0 {
			again, err := c.get("0 0 12 * * ?", "")
			require.NoError(t, err)
			require.Same(t, used, again)
		}
		require.LessOrEqual(t, len(c.young)+len(c.old), 2*cacheSize)
	}
	_, err = c.get("0", "")
	require.ErrorContains(t, err, `cron "0" has 1 fields`)
}

func TestOneScheduleServesManyGoroutines(t *testing.T) {
	t.Parallel()
	var c cache
	start := at(t, "2026-11-22T00:00:00Z")
	var wg sync.WaitGroup
	for worker := range 8 {
		wg.Go(func() {
			for i := range 200 {
				rule, err := c.get(fmt.Sprintf("0 %d * LW,15W * ?", i%20), "Europe/Berlin")
				if err != nil {
					panic(err)
				}
				for now, n := start+int64(worker), 0; n < 20; n++ {
					next, ok := rule.next(now)
					if !ok || next <= now {
						panic("not later")
					}
					now = next
				}
			}
		})
	}
	wg.Wait()
}
