package enginetest

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/core"
	"github.com/quartz-cluster/quartz/integration/internal/lab"
	"github.com/quartz-cluster/quartz/schema"
)

// A claim is for the attempt that follows the one that was found: a row whose
// attempt has moved on, as a child's does, is looked at again first.
func TestAClaimNamesTheAttemptBefore(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		id := l.Execute(client.Now())
		var changed sync.Once
		n := l.Start(deferred(l), lab.Through(func(p *lab.Pool) {
			p.Hook(lab.Claim, lab.Hook{Before: func(string, []any) error {
				changed.Do(func() { l.Set(id, "FIRE_ATTEMPT = 4") })
				return nil
			}})
		}))
		l.UntilState(id, schema.Complete)
		require.Greater(t, n.Pool.Count(lab.Claim), int64(1))
	})
}

// idle starts a node that can run nothing of what the test adds.
func idle(l *lab.Lab) {
	h := core.NewHandlers()
	h.Add("nothing of this", func(context.Context, *core.Fire) error { return nil })
	l.Start(lab.As("idle"), lab.Running(h))
}

// A row that came to be in flight since it was found is left alone, even if
// nothing else of it shows that.
func TestAClaimTakesNothingThatIsInFlight(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		idle(l)
		node := l.NodeRows()[0].NodeID
		id := l.Execute(client.At(l.Now().Add(time.Hour)))
		due := l.Now().UnixMilli()
		l.Set(id, "START_TIME = ?, NEXT_FIRE_TIME = ?, FIRE_ATTEMPT = 1", due, due)
		// By RUN_ON, no other scan looks at it, which would make way for its next instant.
		changed := make(chan struct{})
		n := betweenScanAndClaim(l, func() {
			defer close(changed)
			l.Set(id, "FIRE_TIME = NEXT_FIRE_TIME, FIRE_NODE = ?, RUN_ON = 'ALL'", node)
		})
		<-changed
		n.Beats(3)
		l.Passes(1)
		require.Empty(t, l.Runs(id))
		l.Set(id, "FIRE_TIME = NULL, RUN_ON = NULL")
		l.UntilState(id, schema.Complete)
	})
}

// It is its own registration that a node claims under: that others live makes no
// difference.
func TestARemovedNodeClaimsNothingBesideOthers(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		idle(l)
		id := l.Execute(client.Now())
		removed := make(chan int64, 1)
		betweenScanAndClaim(l, func() {
			rows := l.NodeRows()
			own := slices.IndexFunc(rows, func(n schema.Node) bool { return n.Key == "removed" })
			removed <- rows[own].NodeID
			l.Exec(1, "DELETE FROM QRTZ_NODE WHERE APPLICATION = ? AND HOST_IP = 'removed'", lab.App)
		}, lab.As("removed"))
		l.UntilState(id, schema.Complete)
		runs := l.Runs(id)
		require.Len(t, runs, 1)
		require.Greater(t, runs[0].Fence, <-removed)
	})
}

// A node that is cut off has cancelled its runs before its peers take them over.
func TestANodeStopsBeforeItsPeersTakeOver(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		lease := lab.With(func(c *core.Config) { c.Lease, c.Margin = 10*time.Second, 4500*time.Millisecond })
		var ended atomic.Bool
		cutOff := l.Start(lab.As("cut off"), lease, lab.Running(l.Handlers(func(ctx context.Context, _ *core.Fire) error {
			<-ctx.Done()
			ended.Store(true)
			return context.Cause(ctx)
		})))
		id := l.Execute(client.Now(), client.Recover())
		l.UntilRuns(id, 1)
		tookOver := make(chan bool, 1)
		l.Start(lab.As("peer"), lease, lab.Running(l.Handlers(func(context.Context, *core.Fire) error {
			tookOver <- ended.Load()
			return nil
		})))
		cutOff.Pool.Cut()
		l.UntilState(id, schema.Complete)
		require.True(t, <-tookOver, "it ran beside its next attempt")
	})
}
