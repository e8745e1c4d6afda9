package scan

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/core/internal/store"
	"github.com/quartz-cluster/quartz/core/observe"
)

// due returns what a look finds.
func (b *bench) due() []*store.Due {
	b.t.Helper()
	due, err := b.cfg.Store.Scan(b.t.Context(), b.ranges(b.place, b.cfg.Clock.Now()), b.place.at, 100)
	require.NoError(b.t, err)
	return due
}

// inDoubt puts claims of all that is due in doubt.
func (b *bench) inDoubt(latest time.Time) {
	b.t.Helper()
	var claims []store.Claim
	for _, d := range b.due() {
		claims = append(claims, store.Claim{Due: d, Nominal: d.Next, Attempt: 1})
	}
	b.doubt(b.t.Context(), claims, latest.UnixMilli())
}

// A claim in doubt holds up nothing else, however long it lasts, as when the database's
// clock goes back: slots are kept for it, and its execute is left alone.
func TestAClaimInDoubtHoldsUpNoOther(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, 3)
		b.add(0, 2, 0)
		doubted := b.due()
		b.inDoubt(time.Now().Add(time.Minute))
		b.add(1, 2, 0)
		_ = b.round(t.Context(), t.Context())
		require.Len(t, b.started, 1, "two slots are kept")
		for _, d := range doubted {
			require.NotContains(t, b.started, d.ID)
		}
		b.Heard(b.cluster, true)
		require.False(t, b.Resting())

		time.Sleep(time.Minute)
		b.settling.Wait()
		require.True(t, b.Resting())
		require.Len(t, b.started, 1, "none of them took effect")
		b.Heard(b.cluster, false)
		_ = b.round(t.Context(), t.Context())
		require.Len(t, b.started, 3)
	})
}

// A database that takes no claim, and answers all else, is not asked all the time.
func TestAClaimWithoutAFireIsNotAskedFor(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, 1)
		b.add(0, 1, 0)
		<-b.wake // what it heard at first
		b.doubt(t.Context(), []store.Claim{{Due: b.due()[0]}}, 0)
		b.settling.Wait()
		require.Empty(t, b.wake, "the next look waits for its time")
	})
}

// A claim that is left in doubt as its registration ends is told of.
func TestAClaimThatIsLeftInDoubtIsTold(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, 1)
		b.add(0, 1, 0)
		var told []error
		b.cfg.Tell = func(e observe.Event) {
			if e.Kind == observe.Trouble {
				told = append(told, e.Err)
			}
		}
		b.cfg.Valid = func() bool { return false }
		b.inDoubt(time.Now())
		b.settling.Wait()
		require.Empty(t, b.started)
		require.Len(t, told, 1)
		require.ErrorIs(t, told[0], errUnsettled)
	})
}
