package core

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/core/internal/complete"
	"github.com/quartz-cluster/quartz/core/internal/member"
	"github.com/quartz-cluster/quartz/core/internal/run"
	"github.com/quartz-cluster/quartz/core/internal/store"
)

// endless is a task that runs until it is told to end, and keeps why.
type endless struct{ cause error }

func (*endless) Wait(context.Context) error { return nil }

func (e *endless) Run(ctx context.Context, _ context.CancelCauseFunc) error {
	<-ctx.Done()
	e.cause = context.Cause(ctx)
	return e.cause
}

func (*endless) Ended(bool, error) {}

// A scan that hangs in a call while the node drains does not keep the runs of a
// lost lease going.
func TestALeaseLostWhileDrainingEndsTheRunsAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n := &Node{cfg: Config{StopTimeout: time.Minute, StopGrace: time.Second}, slots: run.New(1, func() {}), hurry: make(chan struct{})}
		term := newTerm(t.Context(), n)
		var obedient endless
		n.slots.Go(term.work, &obedient)
		scanned, lost := make(chan struct{}), make(chan error, 1)
		drained := make(chan error, 1)
		go func() { drained <- term.drain(scanned, lost) }()
		lost <- member.ErrExpired
		synctest.Wait()
		require.ErrorIs(t, obedient.cause, ErrLeaseLost)
		close(scanned)
		require.ErrorIs(t, <-drained, member.ErrExpired)
	})
}

// brief is a task that leaves an outcome behind.
type brief struct{ done *complete.Completer }

func (*brief) Wait(ctx context.Context) error                     { return context.Cause(ctx) }
func (*brief) Run(context.Context, context.CancelCauseFunc) error { return nil }

func (b *brief) Ended(bool, error) {
	b.done.Add(complete.Item{Completion: store.Completion{Ref: store.Ref{ID: 1}}, Done: func(complete.Fate) {}})
}

// What a scan claims that hangs while the node is hurried to stop is written before
// the node leaves: nobody could tell then that it did not begin.
func TestTheLastClaimIsHandedOverBeforeTheNodeLeaves(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		written := 0
		done := complete.New(func(_ context.Context, _ int64, items []store.Completion) (store.Completed, error) {
			time.Sleep(time.Second)
			written += len(items)
			return store.Completed{Written: []store.Ref{items[0].Ref}}, nil
		}, func(int, int) {}, func(error) {})
		n := &Node{
			cfg: Config{StopTimeout: time.Second, StopGrace: time.Minute}, slots: run.New(1, func() {}), done: done, hurry: make(chan struct{}),
		}
		writing, stopWriting := context.WithCancel(t.Context())
		defer stopWriting()
		go done.Run(writing)
		term := newTerm(t.Context(), n)
		scanned, drained := make(chan struct{}), make(chan error, 1)
		close(n.hurry)
		go func() { drained <- term.drain(scanned, nil) }()
		time.Sleep(30 * time.Second)
		synctest.Wait()
		require.Empty(t, drained)
		n.slots.Go(term.work, &brief{done})
		close(scanned)
		require.NoError(t, <-drained)
		require.Equal(t, 1, written)
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
		fire := &flight{term: term, claim: store.Claim{Due: &store.Due{}, Nominal: began.Add(200 * time.Millisecond).UnixMilli()}}
		go func() { awaited <- fire.Wait(t.Context()) }()
		time.Sleep(10 * time.Second)
		require.Empty(t, awaited, "no fire starts before its time")
		read(0)
		require.ErrorIs(t, <-awaited, ErrLeaseLost)
		require.Less(t, time.Since(began), time.Minute)
	})
}
