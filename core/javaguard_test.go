package core

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/core/internal/store"
)

func TestJavaGuardStandsBackWhileThatEditionMovesItsClock(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var g javaGuard
		read := func(pre time.Time, interval int64) bool {
			return g.active(store.Cluster{Now: time.Now().UnixMilli(), TimePre: pre.UnixMilli(), TimeInterval: interval})
		}
		began := time.Now()
		require.True(t, read(began, javaInterval), "it wrote just now")
		time.Sleep(javaQuiet - time.Second)
		require.True(t, read(began, javaInterval))
		time.Sleep(time.Second)
		require.False(t, read(began, javaInterval), "it was quiet for long enough")
		require.True(t, read(time.Now(), javaInterval), "it came back")
		require.False(t, read(time.Now(), 3000), "a node of ours wrote last")
	})
}

func TestJavaGuardDoesNotWaitForAnEditionStoppedLongAgo(t *testing.T) {
	t.Parallel()
	now := time.Now().UnixMilli()
	for _, pre := range []int64{now - 60_000, -1} {
		var g javaGuard
		require.False(t, g.active(store.Cluster{Now: now, TimePre: pre, TimeInterval: javaInterval}))
	}
}
