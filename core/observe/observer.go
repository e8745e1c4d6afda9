package observe

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"

	"github.com/quartz-cluster/quartz/schema"
)

// Observer hears what happens. Its method is called from the engine's loops and
// from the goroutines of the runs: it must be safe for concurrent use and must
// not block. A panic in it is recovered and ends nothing. The first of each observer is
// logged: by core.Config.Logger, or the logger of the [Log] that a [Multi] begins with,
// else by slog.Default().
type Observer interface {
	// Observe is told one event. From the start of a run on, what is told of its fire
	// has the values of the run's context, and does not end with it.
	Observe(ctx context.Context, e Event)
}

// Tracer is an Observer that gives the runs their context.
type Tracer interface {
	Observer
	// Start is told a Started event in the place of Observe, and returns the context of
	// the run, made of ctx, and the W3C trace context that the next attempt is to go on
	// from, if the fire has one. "", and what is none, stands for nothing.
	Start(ctx context.Context, e Event) (run context.Context, trace string)
}

// Func makes an Observer of a function.
type Func func(ctx context.Context, e Event)

// Observe implements Observer.
func (f Func) Observe(ctx context.Context, e Event) { f(ctx, e) }

// Multi is an Observer that tells several others, in order. It is the Tracer that
// those of them are which are one, each under the context of the one before.
type Multi []Observer

// Observe implements Observer. A run tells its large events on a young stack: they are
// handed on without a frame between.
func (m Multi) Observe(ctx context.Context, e Event) {
	at := 0
	defer func() {
		if at < len(m) { // this one panicked: the others are told all the same
			m.report(at, recover())
			for at++; at < len(m); at++ {
				m.tell(ctx, e, at)
			}
		}
	}()
	for ; at < len(m); at++ {
		m[at].Observe(ctx, e)
	}
}

// tell tells one of them.
func (m Multi) tell(ctx context.Context, e Event, at int) {
	defer func() {
		if v := recover(); v != nil {
			m.report(at, v)
		}
	}()
	m[at].Observe(ctx, e)
}

// reported has the observers whose panic was logged, by where they stand: what they are
// need not be comparable.
var reported sync.Map

// report logs the first panic of an observer, as one that is silent looks like one that
// has nothing to tell.
func (m Multi) report(at int, v any) {
	if _, before := reported.LoadOrStore(&m[at], true); before {
		return
	}
	logger := slog.Default()
	if first, is := m[0].(*logObserver); is && at > 0 {
		logger = first.logger
	}
	defer func() { _ = recover() }() // it may be the logger that panics
	logger.Error("an observer panicked: further panics of it are not logged",
		"observer", fmt.Sprintf("%T", m[at]), "panic", v, "stack", string(debug.Stack()))
}

// Start implements Tracer. Those that are none hear of the start afterwards, with
// its trace.
func (m Multi) Start(ctx context.Context, e Event) (run context.Context, trace string) {
	run = ctx
	for i, o := range m {
		if t, is := o.(Tracer); is {
			run, trace = m.start(run, t, e, trace, i) //nolint:fatcontext // few, and each adds what is its own
		}
	}
	if trace != "" {
		e.Trace = trace
	}
	for i, o := range m {
		if _, is := o.(Tracer); !is {
			m.tell(run, e, i)
		}
	}
	return run, trace
}

func (m Multi) start(ctx context.Context, t Tracer, e Event, before string, at int) (run context.Context, trace string) {
	defer func() {
		v := recover()
		if v != nil {
			m.report(at, v)
		}
		if v != nil || run == nil {
			run, trace = ctx, before
		}
		if schema.TraceID(trace) == "" { // it is kept, where another text may find no room
			trace = before
		}
	}()
	return t.Start(ctx, e)
}
