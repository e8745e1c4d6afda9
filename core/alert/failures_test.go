package alert

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/core/observe"
)

// A failure that comes while the time without one runs out is heard.
func TestAFailureAtTheLastMoment(t *testing.T) {
	t.Parallel()
	var told []Alert
	a, err := New(Config{FailuresInARow: 1, Listener: func(_ context.Context, a Alert) { told = append(told, a) }})
	require.NoError(t, err)
	fail := observe.Event{Kind: observe.Failed, State: "FAILED", ExecuteID: 7}
	a.Observe(t.Context(), fail)
	s := a.failing[7]
	a.Observe(t.Context(), fail)
	a.quiet(7, s, 1)
	require.NoError(t, a.Wait(t.Context()))
	require.Len(t, told, 1)
	require.NotNil(t, s.quiet)
	a.quiet(7, s, 2)
	require.NoError(t, a.Wait(t.Context()))
	require.Len(t, told, 2)
	require.Nil(t, s.quiet, "it may be forgotten before others")
	a.Observe(t.Context(), observe.Event{Kind: observe.Stopped, Time: time.Now()})
	require.Empty(t, a.failing)
}
