package retry_test

import (
	"errors"
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/core/internal/retry"
)

var errFailed = errors.New("failed")

func TestTheWaitDoublesUpToTheCap(t *testing.T) {
	t.Parallel()
	p := retry.Policy{Max: 100, Delay: time.Second, Cap: 10 * time.Second}
	for used, seconds := range []int{1, 2, 4, 8, 10, 10} {
		want := time.Duration(seconds) * time.Second
		seen := map[time.Duration]bool{}
		for range 50 {
			wait, again := p.Next(used, errFailed)
			require.True(t, again)
			require.GreaterOrEqual(t, wait, want*4/5)
			require.LessOrEqual(t, wait, want)
			seen[wait] = true
		}
		require.Greater(t, len(seen), 1, "jitter")
	}
	wait, again := retry.Policy{Max: math.MaxInt}.Next(1_000_000, errFailed)
	require.True(t, again)
	require.LessOrEqual(t, wait, retry.DefaultCap)
	require.Positive(t, wait)
}

func TestErrorsAndTheCountDecideWhetherThereIsARetry(t *testing.T) {
	t.Parallel()
	p := retry.Policy{Max: 2, Delay: time.Hour}
	for _, c := range []struct {
		used  int
		err   error
		again bool
	}{
		{0, errFailed, true},
		{1, errFailed, true},
		{2, errFailed, false},
		{0, &retry.NeverError{Err: errFailed}, false},
		{0, fmt.Errorf("wrapped: %w", &retry.NeverError{Err: errFailed}), false},
		{2, &retry.AfterError{Err: errFailed, Wait: time.Second}, false},
	} {
		_, again := p.Next(c.used, c.err)
		require.Equal(t, c.again, again, "%d used, %v", c.used, c.err)
	}
	wait, again := p.Next(0, fmt.Errorf("wrapped: %w", &retry.AfterError{Err: errFailed, Wait: 3 * time.Second}))
	require.True(t, again)
	require.Equal(t, 3*time.Second, wait)
	_, again = retry.Policy{}.Next(0, errFailed)
	require.False(t, again)
}
