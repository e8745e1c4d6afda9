package scan

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/core/internal/store"
	"github.com/quartz-cluster/quartz/core/observe"
	"github.com/quartz-cluster/quartz/schema"
)

// A row that the Java edition has written names no policy: what holds then is told.
func TestAMisfireNamesThePolicyThatHolds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, 2)
		b.add(0, 1, -90*time.Minute)
		var told []observe.Event
		b.cfg.Tell = func(e observe.Event) {
			if e.Kind == observe.Misfired {
				told = append(told, e)
			}
		}
		_ = b.round(t.Context(), t.Context())
		require.Len(t, told, 1)
		require.Equal(t, string(schema.FireOnce), told[0].Reason)
	})
}

// What the database will not take is told once, as long as it is the same; it keeps no
// other from being claimed.
func TestARejectedClaimIsToldOnce(t *testing.T) {
	t.Parallel()
	for _, running := range []bool{false, true} { // then it is to make way, which is rejected
		synctest.Test(t, func(t *testing.T) {
			b := newBench(t, 10)
			b.add(0, 1, 0)
			var id int64
			_, err := b.db.One(t.Context(), []any{&id}, "SELECT ID FROM QRTZ_EXECUTE")
			require.NoError(t, err)
			if running {
				_, err = b.db.Exec(t.Context(), "UPDATE QRTZ_EXECUTE SET FIRE_TIME = 1, FIRE_NODE = ?, FIRE_ATTEMPT = 1", b.cfg.NodeID)
				require.NoError(t, err)
			}
			_, err = b.db.Exec(t.Context(), fmt.Sprintf(`CREATE TRIGGER no BEFORE UPDATE ON QRTZ_EXECUTE WHEN NEW.ID = %d AND NEW.VERSION IS OLD.VERSION
				BEGIN SELECT RAISE(ABORT, 'no'); END`, id))
			require.NoError(t, err)
			told := 0
			b.cfg.Tell = func(e observe.Event) {
				if e.Kind == observe.Trouble {
					told++
				}
			}
			for round := range 3 {
				b.add(round+1, 1, 0)
				_ = b.round(t.Context(), t.Context())
				require.Len(t, b.started, round+1)
				require.Equal(t, 1, told)
				time.Sleep(time.Second)
			}
			_, err = b.db.Exec(t.Context(), "UPDATE QRTZ_EXECUTE SET VERSION = 1 WHERE ID = ?", id)
			require.NoError(t, err)
			_ = b.round(t.Context(), t.Context())
			require.Equal(t, 2, told, "it was edited")
		})
	}
}

// However many executes the database rejects, a node remembers no more than it needs.
func TestWhatIsRejectedIsForgottenInTheEnd(t *testing.T) {
	t.Parallel()
	b := newBench(t, 1)
	for id := range int64(maxRejected + 1) {
		require.True(t, b.rejects(&store.Due{ID: id, Next: 1}))
		require.False(t, b.rejects(&store.Due{ID: id, Next: 1}))
	}
	require.Len(t, b.rejected, 1)
}
