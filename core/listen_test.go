package core

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/core/observe"
)

// listening is a Listener that tells nothing.
type listening func(ctx context.Context, app string) error

func (l listening) Listen(ctx context.Context, app string, _ func(string)) error { return l(ctx, app) }

// A listener that breaks is called again, at once if it has lasted and otherwise
// less and less often; every time is told. So is a panic, which ends nothing else.
func TestAListenerThatBreaksIsCalledAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		broken := errors.New("broken")
		var pauses []time.Duration
		var told []error
		ended := time.Now()
		n := &Node{observer: observe.Multi{observe.Func(func(_ context.Context, e observe.Event) {
			require.Equal(t, observe.Trouble, e.Kind)
			require.Equal(t, "listen", e.Reason)
			told = append(told, e.Err)
		})}}
		calls := 0
		n.cfg.App = "app"
		n.cfg.Listener = listening(func(ctx context.Context, app string) error {
			require.Equal(t, "app", app)
			pauses = append(pauses, time.Since(ended))
			defer func() { ended = time.Now() }()
			switch calls++; calls {
			case 2:
				panic("out of ears")
			case 10:
				time.Sleep(time.Minute)
			case 11:
				return nil
			case 12:
				<-ctx.Done()
			}
			return broken
		})
		ctx, stop := context.WithCancel(t.Context())
		over := make(chan struct{})
		go func() { defer close(over); n.listen(ctx) }()
		time.Sleep(time.Hour)
		synctest.Wait()
		const ms = time.Millisecond
		require.Equal(t, []time.Duration{
			0, 100 * ms, 200 * ms, 400 * ms, 800 * ms, 1600 * ms, 3200 * ms, 5000 * ms, 5000 * ms, 5000 * ms, 100 * ms, 200 * ms,
		}, pauses)
		require.Len(t, told, 11)
		require.ErrorIs(t, told[0], broken)
		require.EqualError(t, told[1], "the listener panicked: out of ears")
		require.ErrorIs(t, told[10], errDeaf)
		stop()
		<-over
		require.Len(t, told, 11, "its end with the node is no trouble")
	})
}
