package member

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

func TestLeaseThatRanOutDoesNotComeBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var l Lease
		require.False(t, l.Valid(), "no lease before the first renewal")
		require.True(t, l.renew(time.Now().Add(time.Second)))
		time.Sleep(900 * time.Millisecond)
		require.True(t, l.Valid())
		require.Equal(t, 100*time.Millisecond, l.Left())
		require.True(t, l.renew(time.Now().Add(time.Second)))
		time.Sleep(time.Second)
		require.False(t, l.Valid())
		require.False(t, l.renew(time.Now().Add(time.Second)), "a heartbeat answered too late must not revive it")
		require.False(t, l.Valid())
	})
}

func TestLeaseThatWasEndedDoesNotComeBack(t *testing.T) {
	t.Parallel()
	var l Lease
	require.True(t, l.renew(time.Now().Add(time.Hour)))
	l.end()
	require.False(t, l.Valid())
	require.False(t, l.renew(time.Now().Add(time.Hour)))
}
