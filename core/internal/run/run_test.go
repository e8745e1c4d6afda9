package run_test

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/core/internal/run"
)

type end struct {
	started bool
	err     error
	took    time.Duration
}

// task runs handler after wait and reports its end.
func task(wait, handler func(context.Context) error) (*run.Task, <-chan end) {
	ended := make(chan end, 1)
	return &run.Task{
		Wait: wait, Run: handler,
		Ended: func(started bool, err error, took time.Duration) { ended <- end{started, err, took} },
	}, ended
}

func now(context.Context) error { return nil }

func TestSlotIsHeldUntilTheHandlerReturns(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		freed := 0
		s := run.New(2, func() { freed++ })
		deaf, ended := task(now, func(context.Context) error {
			time.Sleep(time.Minute) // ignores its context
			return errors.New("late")
		})
		s.Go(t.Context(), deaf)
		s.Cancel(errors.New("stop"))
		synctest.Wait()
		require.Equal(t, 1, s.Free())
		require.Equal(t, 1, s.Used())

		short, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		require.False(t, s.Drain(short))
		require.True(t, s.Drain(t.Context()))
		require.Equal(t, end{true, errors.New("late"), time.Minute}, <-ended)
		synctest.Wait()
		require.Equal(t, 1, freed)
		require.Equal(t, 2, s.Free())
	})
}

func TestCancelReachesTheHandlerWithItsCause(t *testing.T) {
	t.Parallel()
	s := run.New(1, func() {})
	cause := errors.New("stopped for a reason")
	running := make(chan struct{})
	obedient, ended := task(now, func(ctx context.Context) error {
		close(running)
		<-ctx.Done()
		return context.Cause(ctx)
	})
	s.Go(t.Context(), obedient)
	<-running
	s.Cancel(cause)
	require.ErrorIs(t, (<-ended).err, cause)
	require.True(t, s.Drain(t.Context()))
}

func TestWhatMustNotStartDoesNot(t *testing.T) {
	t.Parallel()
	s := run.New(1, func() {})
	refused := errors.New("too late")
	never, ended := task(func(context.Context) error { return refused }, func(context.Context) error {
		t.Error("the handler ran")
		return nil
	})
	s.Go(t.Context(), never)
	require.Equal(t, end{false, refused, 0}, <-ended)
	require.True(t, s.Drain(t.Context()))
}

func TestPanicAndGoexitEndTheRunAndNothingElse(t *testing.T) {
	t.Parallel()
	s := run.New(2, func() {})
	panics, ended := task(now, func(context.Context) error { panic("boom") })
	s.Go(t.Context(), panics)
	var p *run.PanicError
	require.ErrorAs(t, (<-ended).err, &p)
	require.Equal(t, "boom", p.Value)
	require.NotEmpty(t, p.Stack)
	require.EqualError(t, p, "handler panicked: boom")

	exits, ended := task(now, func(context.Context) error { runtime.Goexit(); return nil })
	s.Go(t.Context(), exits)
	require.ErrorIs(t, (<-ended).err, run.ErrExit)
	require.True(t, s.Drain(t.Context()))
}
