package core

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/core/internal/member"
	"github.com/quartz-cluster/quartz/core/internal/run"
	"github.com/quartz-cluster/quartz/core/internal/store"
)

// A scan that hangs in a call while the node drains does not keep the runs of a
// lost lease going.
func TestALeaseLostWhileDrainingEndsTheRunsAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n := &Node{cfg: Config{StopTimeout: time.Minute, StopGrace: time.Second}, slots: run.New(1, func() {}), hurry: make(chan struct{})}
		term := newTerm(t.Context(), n)
		var cause error
		n.slots.Go(term.work, &run.Task{
			Wait:  func(context.Context) error { return nil },
			Run:   func(ctx context.Context) error { <-ctx.Done(); cause = context.Cause(ctx); return cause },
			Ended: func(bool, error, time.Duration) {},
		})
		scanned, lost := make(chan struct{}), make(chan error, 1)
		drained := make(chan error, 1)
		go func() { drained <- term.drain(scanned, lost) }()
		lost <- member.ErrExpired
		synctest.Wait()
		require.ErrorIs(t, cause, ErrLeaseLost)
		close(scanned)
		require.ErrorIs(t, <-drained, member.ErrExpired)
	})
}

// A fire that waits for its instant follows the database's clock, even if that
// jumps away and comes back.
func TestAFireWaitsByTheDatabasesClock(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n := &Node{}
		term := newTerm(t.Context(), n)
		term.ms = new(member.Membership) // its lease is over, which wait says once the instant has come
		read := func(ahead time.Duration) {
			now := time.Now()
			n.clock.Observe(now, now, now.Add(ahead).UnixMilli())
		}
		read(-2 * time.Hour)
		began := time.Now()
		awaited := make(chan error, 1)
		fire := &flight{term: term, claim: store.Claim{Nominal: began.Add(200 * time.Millisecond).UnixMilli()}}
		go func() { awaited <- fire.wait(t.Context()) }()
		time.Sleep(10 * time.Second)
		require.Empty(t, awaited, "no fire starts before its time")
		read(0)
		require.ErrorIs(t, <-awaited, ErrLeaseLost)
		require.Less(t, time.Since(began), time.Minute)
	})
}
