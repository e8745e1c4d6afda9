package scan

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"github.com/quartz-cluster/quartz/core/internal/store"
	"github.com/quartz-cluster/quartz/schema"
)

// A hint wakes those that serve its shards first-hand and nobody else.
func TestAHintWakesWhomItIsFor(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, 1)
		woken := func(h schema.Hint) bool {
			b.Hint(h)
			select {
			case <-b.wake:
				return true
			default:
				return false
			}
		}
		other := store.Peer{NodeID: b.cfg.NodeID + 1, State: schema.On, Capacity: 1, Handlers: `["work"]`}
		cluster := func(peers ...store.Peer) store.Cluster {
			self := store.Peer{NodeID: b.cfg.NodeID, State: schema.On, Capacity: 1, Handlers: `["work"]`}
			return store.Cluster{AppState: schema.On, Peers: append([]store.Peer{self}, peers...)}
		}
		count := func() (n int) {
			for shard := range schema.Shards {
				if woken(schema.HintOf(shard)) {
					n++
				}
			}
			return n
		}
		require.Equal(t, schema.Shards, count())
		b.Heard(cluster(other), false)
		require.Equal(t, schema.Shards/2, count(), "half of them are the other node's")
		require.True(t, woken(schema.HintOf(schema.SharedShard)))
		require.True(t, woken(schema.HintOf(schema.NodeShard(b.cfg.NodeID))))
		require.True(t, woken(schema.HintShards))
		require.True(t, woken(schema.HintOf(0)|schema.HintOf(1)), "one of two is its own")
		require.False(t, woken(schema.HintApp))
		other.Running = 1
		b.Heard(cluster(other), false)
		require.Equal(t, schema.Shards, count(), "the other node is full")
	})
}

// Rounds fail from the first one that does until one does not, or has nothing to look for.
func TestSinceWhenRoundsFail(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, 1)
		pool, err := b.gorm.DB()
		require.NoError(t, err)
		for _, quiet := range []bool{false, true} {
			conn, err := pool.Conn(t.Context()) // there is no other
			require.NoError(t, err)
			b.round(t.Context(), t.Context())
			last, since := b.Rested()
			require.Equal(t, last, since)
			require.Equal(t, time.Now(), since)
			b.round(t.Context(), t.Context())
			last, still := b.Rested()
			require.Equal(t, since, still)
			require.Equal(t, since.Add(time.Minute), last, "a call's time later")
			require.NoError(t, conn.Close())
			b.mu.Lock()
			b.quiet = quiet
			b.mu.Unlock()
			b.round(t.Context(), t.Context())
			_, since = b.Rested()
			require.Zero(t, since)
		}
	})
}

// A look through many pages is none that stands still, and says nothing of whether it
// fails before it has claimed something.
func TestALongLookDoesNotStandStill(t *testing.T) {
	t.Parallel()
	for _, claims := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			b := newBench(t, 10)
			b.add(schema.SharedShard, 2*page, -time.Minute)
			_, err := b.db.Exec(t.Context(), "UPDATE QRTZ_EXECUTE SET RUN_ON = 'SOME', TARGETS = '[\"other\"]'")
			require.NoError(t, err)
			if claims {
				b.add(schema.SharedShard, 1, -2*time.Minute)
			}
			require.NoError(t, b.gorm.Callback().Row().Before("gorm:row").Register("slow", func(db *gorm.DB) {
				if strings.Contains(db.Statement.SQL.String(), "RANKED") {
					time.Sleep(30 * time.Second)
				}
			}))
			began, ended := time.Now(), make(chan struct{})
			b.failing = began
			go func() { defer close(ended); _ = b.round(t.Context(), t.Context()) }()
			time.Sleep(65 * time.Second)
			last, failing := b.Rested()
			require.Equal(t, 60*time.Second, last.Sub(began))
			require.Equal(t, claims, failing.IsZero())
			<-ended
			require.Greater(t, time.Since(began), 65*time.Second)
			_, failing = b.Rested()
			require.Zero(t, failing)
		})
	}
}

// The next instant of what still runs is known beforehand, and its fire makes way
// at that instant, not when somebody happens to look.
func TestWhatRunsMakesWayAtTheInstant(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, 10)
		b.add(0, 1, 700*time.Millisecond)
		_, err := b.db.Exec(t.Context(), "UPDATE QRTZ_EXECUTE SET FIRE_TIME = 1, FIRE_NODE = ?, FIRE_ATTEMPT = 1", b.cfg.NodeID)
		require.NoError(t, err)
		began, ctx := time.Now(), t.Context()
		ctx, stop := context.WithCancel(ctx)
		go func() {
			time.Sleep(750 * time.Millisecond)
			stop()
		}()
		b.Run(ctx, t.Context())
		require.Len(t, b.started, 1)
		require.Less(t, time.Since(began), time.Second)
	})
}

// What is over, but will not be written soon, is not looked for over and over.
func TestWhatIsNotWrittenSoonIsLeftToTheNextRound(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, 10)
		b.add(0, 1, 0)
		_, err := b.db.Exec(t.Context(), "UPDATE QRTZ_EXECUTE SET FIRE_TIME = 1, FIRE_NODE = ?, FIRE_ATTEMPT = 1", b.cfg.NodeID)
		require.NoError(t, err)
		asked := 0
		b.cfg.Over = func(store.Ref) (over, soon bool) { asked++; return true, false }
		ctx, stop := context.WithTimeout(t.Context(), 10*time.Second)
		defer stop()
		b.Run(ctx, t.Context())
		require.Empty(t, b.started)
		require.InDelta(t, 10, asked, 1)
	})
}

func drain(signals chan struct{}) {
	select {
	case <-signals:
	default:
	}
}
