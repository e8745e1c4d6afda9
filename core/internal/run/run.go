package run

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"
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

// Task is one fire to run. It is a pointer, as tasks are told apart by it.
type Task interface {
	// Wait is called before the run and returns once its instant has come, or
	// why it must not start.
	Wait(ctx context.Context) error
	// Run runs the handler; cancel ends ctx.
	Run(ctx context.Context, cancel context.CancelCauseFunc) error
	// Ended is called in the task's goroutine before the slot is free again,
	// with what Wait refused by or Run returned. Started tells which.
	Ended(started bool, err error)
}

// Slots is a bounded set of places to run in.
type Slots struct {
	size  int
	freed func()

	mu     sync.Mutex
	used   int
	empty  *sync.Cond
	cancel map[Task]context.CancelCauseFunc
	ended  error // what Cancel was given
}

// New returns size free slots; freed is called whenever one becomes free again.
func New(size int, freed func()) *Slots {
	s := &Slots{size: size, freed: freed, cancel: make(map[Task]context.CancelCauseFunc)}
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
func (s *Slots) Go(ctx context.Context, t Task) {
	ctx, cancel := context.WithCancelCause(ctx)
	s.mu.Lock()
	s.used++
	s.cancel[t] = cancel
	if s.ended != nil {
		cancel(s.ended)
	}
	s.mu.Unlock()
	go func() {
		makeRoom()
		defer s.release(t, cancel)
		if err := t.Wait(ctx); err != nil {
			t.Ended(false, err)
			return
		}
		err := ErrExit
		// Deferred, because a handler may also leave by runtime.Goexit.
		defer func() { t.Ended(true, err) }()
		err = guard(ctx, cancel, t)
	}()
}

// makeRoom grows the stack of a new goroutine at once to what a run needs that is
// observed. It would grow all the same, when much more is on it that has to be moved:
// that takes longer than all else the goroutine costs.
//
//go:noinline
func makeRoom() {
	var room [3 << 10]byte // with the runtime's own reserve this is more than 4 KiB
	runtime.KeepAlive(&room)
}

func guard(ctx context.Context, cancel context.CancelCauseFunc, t Task) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = Panicked(v)
		}
	}()
	return t.Run(ctx, cancel)
}

// Sound returns err, or a PanicError where err panics when it is asked what it is, as a
// nil pointer of a handler's own type does: it is asked again where nobody recovers.
func Sound(err error) (sound error) {
	if err == nil {
		return nil
	}
	defer func() {
		if v := recover(); v != nil {
			sound = Panicked(v)
		}
	}()
	_ = err.Error()
	_ = errors.Is(err, ErrExit) // looks at all that it wraps
	_ = errors.As(err, new(*PanicError))
	return err
}

// Panicked is the error that a recovered panic becomes.
func Panicked(v any) error {
	if err, ok := v.(*PanicError); ok {
		return err // recovered before, and thrown on
	}
	return &PanicError{Value: v, Stack: debug.Stack()}
}

func (s *Slots) release(t Task, cancel context.CancelCauseFunc) {
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

// Cancel ends the contexts of everything that runs or waits, and of what comes after,
// with cause.
func (s *Slots) Cancel(cause error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ended = cause
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
