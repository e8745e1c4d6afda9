package run_test

import (
	"context"
	"errors"
	"fmt"
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
}

// task runs handler after wait and reports its end.
type task struct {
	wait, handler func(context.Context) error
	ended         chan end
}

func newTask(wait, handler func(context.Context) error) (*task, <-chan end) {
	t := &task{wait, handler, make(chan end, 1)}
	return t, t.ended
}

func (t *task) Wait(ctx context.Context) error                           { return t.wait(ctx) }
func (t *task) Run(ctx context.Context, _ context.CancelCauseFunc) error { return t.handler(ctx) }
func (t *task) Ended(started bool, err error)                            { t.ended <- end{started, err} }

func now(context.Context) error { return nil }

func TestSlotIsHeldUntilTheHandlerReturns(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		freed := 0
		s := run.New(2, func() { freed++ })
		deaf, ended := newTask(now, func(context.Context) error {
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
		require.Equal(t, end{true, errors.New("late")}, <-ended)
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
	obedient, ended := newTask(now, func(ctx context.Context) error {
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
	never, ended := newTask(func(context.Context) error { return refused }, func(context.Context) error {
		t.Error("the handler ran")
		return nil
	})
	s.Go(t.Context(), never)
	require.Equal(t, end{false, refused}, <-ended)
	require.True(t, s.Drain(t.Context()))
}

func TestPanicAndGoexitEndTheRunAndNothingElse(t *testing.T) {
	t.Parallel()
	s := run.New(2, func() {})
	panics, ended := newTask(now, func(context.Context) error { panic("boom") })
	s.Go(t.Context(), panics)
	var p *run.PanicError
	require.ErrorAs(t, (<-ended).err, &p)
	require.Equal(t, "boom", p.Value)
	require.NotEmpty(t, p.Stack)
	require.EqualError(t, p, "handler panicked: boom")

	exits, ended := newTask(now, func(context.Context) error { runtime.Goexit(); return nil })
	s.Go(t.Context(), exits)
	require.ErrorIs(t, (<-ended).err, run.ErrExit)
	require.True(t, s.Drain(t.Context()))
}

// asked is an error that panics where one of its methods is called.
type asked struct{ as, is bool }

func (asked) Error() string { return "asked" }

func (e asked) Is(error) bool {
	if e.is {
		panic("Is")
	}
	return false
}

func (e asked) As(any) bool {
	if e.as {
		panic("As")
	}
	return false
}

// An error is asked for a retry, and told, where a panic would take the outcome along.
func TestAnErrorThatPanicsIsFoundOut(t *testing.T) {
	t.Parallel()
	require.NoError(t, run.Sound(nil))
	require.Equal(t, asked{}, run.Sound(asked{}))
	for _, err := range []error{asked{is: true}, asked{as: true}} {
		for _, err := range []error{err, fmt.Errorf("wrapped: %w", err)} {
			var p *run.PanicError
			require.ErrorAs(t, run.Sound(err), &p)
		}
	}
}
