package scan

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"github.com/quartz-cluster/quartz/core/internal/store"
	"github.com/quartz-cluster/quartz/core/observe"
	"github.com/quartz-cluster/quartz/schema"
)

// Where a page leaves room for some of the next one, those of that are the urgent ones.
func TestTheUrgentOfAPageThatDoesNotFitGoFirst(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, 30)
		b.add(0, 40, 0)
		n, err := b.db.Exec(t.Context(), "UPDATE QRTZ_EXECUTE SET PRIORITY = 5 WHERE ID IN (SELECT ID FROM QRTZ_EXECUTE ORDER BY ID DESC LIMIT 3)")
		require.NoError(t, err)
		require.EqualValues(t, 3, n)
		_ = b.round(t.Context(), t.Context())
		require.Len(t, b.started, 30)
		first := time.Now().UnixMilli()
		for i := int64(37); i < 40; i++ {
			require.Contains(t, b.started, first+i*schema.Shards)
		}
	})
}

// Where only one shard has anything left, the look goes as far ahead in it as else in all.
func TestTheUrgentOfABusyShardGoFirst(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, 100)
		b.lanes = 2
		b.add(0, 500, 0)
		urgent := time.Now().UnixMilli() + 150*schema.Shards
		n, err := b.db.Exec(t.Context(), "UPDATE QRTZ_EXECUTE SET PRIORITY = 5 WHERE ID = ?", urgent)
		require.NoError(t, err)
		require.EqualValues(t, 1, n)
		_ = b.round(t.Context(), t.Context())
		require.Len(t, b.started, 100)
		require.Contains(t, b.started, urgent)
	})
}

// A small pool has one lane: nothing else is asked until a batch is answered. And no
// claims ask for none.
func TestOneLaneIsOneCallAtATime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, 10)
		require.Equal(t, 1, b.lanes)
		b.add(0, 4, 0)
		ctx := t.Context()
		due, err := b.cfg.Store.Scan(ctx, []store.Range{{Shard: 0, Until: time.Now().UnixMilli()}}, b.place.at, 10)
		require.NoError(t, err)
		s := b.newSender(ctx, 10)
		b.claim(ctx, s, due, time.Now().UnixMilli())
		require.Len(t, b.started, 4, "answered")
		require.Equal(t, 6, s.room())

		(&sender{loop: b.Loop, running: b.lanes}).send(nil, 0) // would wait for ever
	})
}

// A round in which something went wrong on the way to a claim says so, claims nothing,
// and the next one comes with the interval, not at once.
func TestARoundThatFailsIsNotRepeatedAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, 10)
		var told []observe.Event
		b.cfg.Tell = func(e observe.Event) { told = append(told, e) }
		b.add(1, 1, time.Hour)
		b.add(0, 2*page, 0)
		_, err := b.db.Exec(t.Context(), "UPDATE QRTZ_EXECUTE SET ORIGIN = 'RETRY', ORIGIN_ID = (SELECT ID FROM QRTZ_EXECUTE WHERE SHARD = 1) WHERE SHARD = 0")
		require.NoError(t, err)
		broken, pages := errors.New("broken"), 0
		require.NoError(t, b.gorm.Callback().Row().Before("gorm:row").Register("broken", func(db *gorm.DB) {
			switch query := db.Statement.SQL.String(); {
			case strings.Contains(query, "ROW_NUMBER()"):
				pages++
			case strings.Contains(query, "SELECT o.ID"):
				_ = db.AddError(broken)
			}
		}))
		require.Equal(t, b.cfg.Interval, b.round(t.Context(), t.Context()))
		require.Empty(t, b.started)
		require.Len(t, told, 1)
		require.ErrorIs(t, told[0].Err, broken)
		require.Equal(t, 1, pages, "nor are others read in vain")
	})
}

// What is all for others is passed in large pages, however few slots there are.
func TestFewSlotsGetPastMuchThatIsForOthers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, 1)
		b.pages = 8
		b.add(0, 5*page, -2*time.Millisecond)
		_, err := b.db.Exec(t.Context(), "UPDATE QRTZ_EXECUTE SET RUN_ON = 'SOME', TARGETS = 'another'")
		require.NoError(t, err)
		b.add(0, 1, 0)
		_ = b.round(t.Context(), t.Context())
		require.Len(t, b.started, 1)
	})
}

// Slots that are filled by all that is due are no backlog.
func TestWhatFillsTheSlotsExactlyLeavesNoBacklog(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for due, backlog := range map[int]bool{10: false, 11: true} {
			b := newBench(t, 10)
			b.add(0, due, 0)
			_ = b.round(t.Context(), t.Context())
			require.Len(t, b.started, 10)
			require.Equal(t, backlog, b.backlog, due)
		}
	})
}
