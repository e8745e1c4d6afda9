package misfire

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/core/internal/store"
	"github.com/quartz-cluster/quartz/schema"
)

const lease = 5 * time.Second

func TestWatchTakesANodeForDeadOnlyByBothClocks(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name     string
		silent   time.Duration // how long BEAT stands still for the observer
		jump     time.Duration // by how much the database's clock jumps meanwhile
		beats    bool
		wantDead bool
	}{
		{"silent for longer than the lease", 6 * time.Second, 0, false, true},
		{"silent for less", 4 * time.Second, 0, false, false},
		{"database clock jumps forward", time.Second, 2 * time.Hour, false, false},
		{"database clock jumps back", time.Second, -2 * time.Hour, false, false},
		{"silent, and the clock jumped back", 6 * time.Second, -2 * time.Hour, false, true},
		{"silent, but not for the database", 6 * time.Second, -5 * time.Second, false, false},
		{"beats, and the clock jumped", 6 * time.Second, 2 * time.Hour, true, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := NewWatch(lease)
				check := time.Now().UnixMilli()
				peer := store.Peer{Key: "a", NodeID: 1, Beat: 7, TimeCheck: check}
				w.Heard(store.Cluster{Now: check, Peers: []store.Peer{peer}})
				time.Sleep(test.silent)
				if test.beats {
					peer.Beat++
				}
				w.Heard(store.Cluster{Now: time.Now().Add(test.jump).UnixMilli(), Peers: []store.Peer{peer}})
				require.Equal(t, test.wantDead, len(w.Dead()) == 1)
			})
		})
	}
}

func TestWatchThatSleptItselfWatchesAWholeLeaseFirst(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := NewWatch(lease)
		old := store.Peer{Key: "a", NodeID: 1, Beat: 7, TimeCheck: time.Now().Add(-time.Hour).UnixMilli()}
		w.Heard(store.Cluster{Now: time.Now().UnixMilli(), Peers: []store.Peer{old}})
		require.Empty(t, w.Dead(), "a node just met has its chance")
		require.Equal(t, lease, w.Verdict())
		time.Sleep(w.Verdict())
		require.Len(t, w.Dead(), 1)
		require.Zero(t, w.Verdict(), "it is out")
	})
}

func TestSummaryFollowsTheExecutesButNotOverAnOperator(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		in   store.Summary
		want schema.State
	}{
		{"no executes", store.Summary{State: schema.Executing}, schema.Executing},
		{"all complete", store.Summary{State: schema.Executing, Executes: 2, Complete: 2}, schema.Complete},
		{"all failed or complete", store.Summary{State: schema.Executing, Executes: 2, Complete: 1, Failed: 1}, schema.Error},
		{"one enabled", store.Summary{State: schema.Complete, Executes: 2, Complete: 1, Enabled: 1}, schema.Executing},
		{"only paused ones left", store.Summary{State: schema.Executing, Executes: 2, Complete: 1}, schema.Executing},
		{"paused by an operator", store.Summary{State: schema.Paused, Executes: 1, Complete: 1}, schema.Paused},
		{"not yet started", store.Summary{State: schema.Init, Executes: 1, Enabled: 1}, schema.Init},
	} {
		require.Equal(t, test.want, summary(test.in), test.name)
	}
}
