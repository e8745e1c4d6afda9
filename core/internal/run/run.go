// Package run holds the slots in which handlers run.
//
// A slot is held from the claim of a fire until its handler returns: a handler
// that ignores its context keeps its slot, so that a node never runs more than
// it was given. Panics end the run, not the process.
package run

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"
)

// PanicError is what a run ends with when its handler panicked.
type PanicError struct {
	Value any
	Stack []byte
}

func (e *PanicError) Error() string { return fmt.Sprintf("handler panicked: %v", e.Value) }

// Unwrap returns the value of the panic where that is an error.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}

// ErrExit is what a run ends with when its handler called runtime.Goexit.
var ErrExit = errors.New("handler ended its goroutine without returning")

// Task is one fire to run.
type Task struct {
	// Wait is called before the run and returns once its instant has come, or
	// why it must not start.
	Wait func(ctx context.Context) error
	// Run is the handler.
	Run func(ctx context.Context) error
	// Ended is called in the task's goroutine before the slot is free again,
	// with what Wait refused by or Run returned. Started tells which.
	Ended func(started bool, err error, took time.Duration)
}

// Slots is a bounded set of places to run in.
type Slots struct {
	size  int
	freed func()

	mu     sync.Mutex
	used   int
	empty  *sync.Cond
	cancel map[*Task]context.CancelCauseFunc
}

// New returns size free slots; freed is called whenever one becomes free again.
func New(size int, freed func()) *Slots {
	s := &Slots{size: size, freed: freed, cancel: make(map[*Task]context.CancelCauseFunc)}
	s.empty = sync.NewCond(&s.mu)
	return s
}

// Free returns how many slots are free.
func (s *Slots) Free() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return max(s.size-s.used, 0)
}

// Used returns how many slots are taken.
func (s *Slots) Used() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.used
}

// Go runs the task in a slot. The caller asked for Free before and is the only
// one who fills slots.
func (s *Slots) Go(ctx context.Context, t *Task) {
	ctx, cancel := context.WithCancelCause(ctx)
	s.mu.Lock()
	s.used++
	s.cancel[t] = cancel
	s.mu.Unlock()
	go func() {
		defer s.release(t, cancel)
		if err := t.Wait(ctx); err != nil {
			t.Ended(false, err, 0)
			return
		}
		began := time.Now()
		err := ErrExit
		// Deferred, because a handler may also leave by runtime.Goexit.
		defer func() { t.Ended(true, err, time.Since(began)) }()
		err = guard(ctx, t.Run)
	}()
}

func guard(ctx context.Context, f func(context.Context) error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = Panicked(v)
		}
	}()
	return f(ctx)
}

// Panicked is the error that a recovered panic becomes.
func Panicked(v any) error {
	if err, ok := v.(*PanicError); ok {
		return err // recovered before, and thrown on
	}
	return &PanicError{Value: v, Stack: debug.Stack()}
}

func (s *Slots) release(t *Task, cancel context.CancelCauseFunc) {
	cancel(nil)
	s.mu.Lock()
	s.used--
	delete(s.cancel, t)
	if s.used == 0 {
		s.empty.Broadcast()
	}
	s.mu.Unlock()
	s.freed()
}

// Cancel ends the contexts of everything that runs or waits, with cause.
func (s *Slots) Cancel(cause error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, cancel := range s.cancel {
		cancel(cause)
	}
}

// Drain waits until all slots are free, or ctx ends, and reports which.
func (s *Slots) Drain(ctx context.Context) bool {
	stop := context.AfterFunc(ctx, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.empty.Broadcast()
	})
	defer stop()
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.used > 0 && ctx.Err() == nil {
		s.empty.Wait()
	}
	return s.used == 0
}
