package observe

import "context"

// Observer hears what happens. Its method is called from the engine's loops and
// from the goroutines of the runs: it must be safe for concurrent use and must
// not block. A panic in it is recovered and ends nothing.
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
	// from, if the fire has one; "" for none.
	Start(ctx context.Context, e Event) (run context.Context, trace string)
}

// Func makes an Observer of a function.
type Func func(ctx context.Context, e Event)

// Observe implements Observer.
func (f Func) Observe(ctx context.Context, e Event) { f(ctx, e) }

// Multi is an Observer that tells several others, in order. It is the Tracer that
// those of them are which are one, each under the context of the one before.
type Multi []Observer

// Observe implements Observer.
func (m Multi) Observe(ctx context.Context, e Event) {
	for _, o := range m {
		tell(ctx, o, e)
	}
}

func tell(ctx context.Context, o Observer, e Event) {
	defer func() { _ = recover() }()
	o.Observe(ctx, e)
}

// Start implements Tracer. Those that are none hear of the start afterwards, with
// its trace.
func (m Multi) Start(ctx context.Context, e Event) (run context.Context, trace string) {
	run = ctx
	for _, o := range m {
		if t, is := o.(Tracer); is {
			run, trace = start(run, t, e, trace) //nolint:fatcontext // few, and each adds what is its own
		}
	}
	if trace != "" {
		e.Trace = trace
	}
	for _, o := range m {
		if _, is := o.(Tracer); !is {
			tell(run, o, e)
		}
	}
	return run, trace
}

func start(ctx context.Context, t Tracer, e Event, before string) (run context.Context, trace string) {
	defer func() {
		if recover() != nil || run == nil {
			run, trace = ctx, before
		}
		if trace == "" {
			trace = before
		}
	}()
	return t.Start(ctx, e)
}
