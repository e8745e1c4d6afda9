package core

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"github.com/quartz-cluster/quartz/core/internal/complete"
	"github.com/quartz-cluster/quartz/core/internal/run"
	"github.com/quartz-cluster/quartz/core/internal/store"
	"github.com/quartz-cluster/quartz/core/observe"
	"github.com/quartz-cluster/quartz/internal/wait"
	"github.com/quartz-cluster/quartz/schema"
)

// flight is one claimed fire on its way through a slot.
//
//	claimed --instant--> running --returns--> settled
//	   |                    |
//	   |                    +--timeout--> settled, the slot held until the handler returns
//	   +--lease lost: nobody's; stop: handed over
//
// How it is settled, and whether that is the end of the fire, is for conclude to
// say.
type flight struct {
	term  *term
	claim store.Claim
	fire  *Fire

	claimed time.Time
	told    lasting // what observers are told under
	trace   string  // W3C trace context of the run; empty: none

	mu      sync.Mutex
	began   time.Time // zero until the handler was called
	started int64     // the same on the database's clock
	cancel  context.CancelCauseFunc
	settled bool
	end     conclusion // of who settled it
}

func (t *term) newFlight(c store.Claim) *flight {
	name := c.Execute()
	f := &flight{term: t, claim: c, claimed: time.Now(), told: lasting{context.Background()}, fire: &Fire{
		App: t.node.cfg.App, Node: t.reg.Key, JobID: c.JobID, JobName: c.JobName, Class: c.Class,
		ExecuteID: name.ID, ExecuteName: name.Name, NominalTime: instant(c.Nominal),
		Attempt: c.Attempt, Fence: t.reg.NodeID, RunNow: c.Origin == schema.ChildRunNow, Data: []byte(c.JobData),
	}}
	if c.Data != "" {
		f.fire.Data = []byte(c.Data)
	}
	if !c.OneShot() { // a child knows nothing of its origin's schedule
		f.fire.PreviousTime, f.fire.NextTime = instant(c.High), instant(c.NextFire)
		if f.fire.PreviousTime.IsZero() {
			f.fire.PreviousTime = instant(c.Prev)
		}
	}
	f.fire.checkpoint = json.RawMessage(c.Checkpoint)
	f.fire.flight = f
	return f
}

func instant(ms int64) time.Time {
	if ms <= 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// start puts a claimed fire into a slot.
func (t *term) start(c store.Claim) {
	f := t.newFlight(c)
	t.node.flights.add(f)
	t.node.slots.Go(t.work, f)
}

// ref names the fire where it was claimed.
func (f *flight) ref() store.Ref {
	return store.Ref{ID: f.claim.ID, Nominal: f.claim.Nominal, Attempt: f.claim.Attempt}
}

// Wait returns at the instant of the fire, or why it must not start.
func (f *flight) Wait(ctx context.Context) error {
	due := max(f.claim.Nominal, f.claim.Next) // a retry is due later than its fire
	for {
		left := f.term.node.clock.Until(due)
		if left <= 0 {
			break
		}
		wait.For(ctx, min(left, time.Second)) // the database's clock may jump meanwhile
		if err := context.Cause(ctx); err != nil {
			return err
		}
	}
	if !f.term.ms.Lease().Valid() {
		return ErrLeaseLost
	}
	return context.Cause(ctx)
}

// Run calls the handler, and settles the fire itself once its time is over.
func (f *flight) Run(ctx context.Context, cancel context.CancelCauseFunc) (err error) {
	now := f.term.node.clock.Now()
	f.mu.Lock()
	f.began, f.started, f.cancel = time.Now(), now, cancel
	f.mu.Unlock()
	f.fire.ActualTime = instant(now)
	// Settled here, while the cause that the handler saw still stands.
	err = run.ErrExit
	defer func() {
		if v := recover(); v != nil {
			err = run.Panicked(v)
		}
		err = run.Sound(err)
		f.settle(err, context.Cause(ctx))
	}()
	ctx = f.tellStart(ctx)
	if limit := time.Duration(f.claim.Timeout) * time.Millisecond; limit > 0 {
		timer := time.AfterFunc(limit, func() {
			f.settle(fmt.Errorf("%w after %s", ErrTimeout, limit), ErrTimeout)
			cancel(ErrTimeout)
		})
		defer timer.Stop()
	}
	return f.term.node.handlers[f.claim.Class](ctx, f.fire)
}

// tellStart tells of the start and returns what the run is to run under. What is told
// of a run stands in frames of its own, as it is of no use under the handler.
func (f *flight) tellStart(ctx context.Context) context.Context {
	e := observe.Event{Kind: observe.Started, Late: f.fire.ActualTime.Sub(f.fire.NominalTime), Wait: f.began.Sub(f.claimed)}
	f.sign(&e)
	ctx, f.trace = f.term.node.observer.Start(ctx, e)
	f.told.Context = ctx //nolint:fatcontext // the run's, under which all that follows is told
	return ctx
}

// Ended is called once the slot is about to be free.
func (f *flight) Ended(started bool, err error) {
	if !started {
		f.settle(err, err)
	}
	f.term.node.flights.remove(f)
}

// stop ends the run with a cause, if it has begun.
func (f *flight) stop(cause error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.cancel != nil {
		f.cancel(cause)
	}
}

// settle queues what becomes of the fire, once: whoever comes first has said it.
func (f *flight) settle(err, cause error) {
	f.mu.Lock()
	began, started, settled := f.began, f.started, f.settled
	f.settled = true
	f.mu.Unlock()
	if settled {
		return
	}
	f.end = f.conclude(!began.IsZero(), err, cause)
	if !began.IsZero() {
		f.end.took = time.Since(began)
	}
	if !f.end.unsaid {
		defer f.record(started, err) // whatever an observer does
	}
	f.tellEnd(err)
}

// tellEnd tells how the fire is settled.
func (f *flight) tellEnd(err error) {
	end, over := &f.end, schema.Outcome("")
	if end.again == nil && !end.unsaid {
		over = end.outcome
	}
	f.tell(observe.Event{Kind: end.kind, Took: end.took, State: string(over), Err: err})
	if end.retries() {
		f.tell(observe.Event{Kind: observe.Retrying, Wait: time.Duration(end.again.Delay) * time.Millisecond, Err: err})
	}
}

// record queues the outcome.
func (f *flight) record(started int64, err error) {
	end := &f.end
	item := complete.Item{NodeID: f.term.reg.NodeID, Completion: store.Completion{
		Ref: f.ref(), Started: started, Took: end.took.Milliseconds(),
		Outcome: end.outcome, Trace: f.trace, Again: end.again,
	}}
	if f.claim.OneShot() {
		item.Origin = f.claim.OriginID
	}
	if err != nil && (end.again == nil || end.retries()) {
		item.Error = err.Error()
	}
	item.Done, item.Trouble = f.recorded, f.unrecorded
	f.term.node.done.Add(item)
}

// recorded is called once the outcome is in the database, or this node is not to write it.
func (f *flight) recorded(fate complete.Fate) {
	end := &f.end
	switch {
	case fate == complete.Superseded:
		f.tell(observe.Event{Kind: observe.Superseded, State: string(end.outcome)})
	case fate == complete.Left:
		f.tell(observe.Event{Kind: observe.Abandoned, State: string(end.outcome), Reason: "the node stops, and its outcome is not written"})
		return
	case fate == complete.Stray:
		f.tell(observe.Event{Kind: observe.Lost, Reason: "its execute was deleted"})
	case end.again == nil:
		f.tell(observe.Event{Kind: observe.Completed, State: string(end.outcome)})
	}
	if fate == complete.Faulted {
		f.tell(observe.Event{Kind: observe.Faulted, Reason: "as many of its fires in a row have failed as its PauseAfter says"})
	}
	n := f.term.node
	now := n.current()
	if now == nil {
		return
	}
	if end.again != nil {
		now.scan.Expect(n.clock.Now() + end.again.Delay)
	}
	if f.claim.NextFire != 0 {
		now.scan.Expect(f.claim.NextFire)
	}
}

// unrecorded is called where the outcome could not be written yet.
func (f *flight) unrecorded(err error) {
	f.tell(observe.Event{Kind: store.Trouble(err), Reason: "complete", Err: err})
}

// checkpoint writes the checkpoint of the fire.
func (f *flight) checkpoint(ctx context.Context, data []byte) error {
	if !f.term.ms.Lease().Valid() {
		return ErrLeaseLost
	}
	mine, err := f.term.node.control.Checkpoint(ctx, f.term.reg.NodeID, f.ref(), string(data))
	switch {
	case err != nil:
		return fmt.Errorf("quartz: write the checkpoint: %w", err)
	case !mine:
		return ErrSuperseded
	}
	return nil
}

func (f *flight) tell(e observe.Event) {
	f.sign(&e)
	f.term.node.observer.Observe(&f.told, e)
}

// sign adds the fire that the event is about, and who tells it.
func (f *flight) sign(e *observe.Event) {
	e.JobID, e.Job, e.Class, e.ExecuteID, e.Execute = f.fire.JobID, f.fire.JobName, f.fire.Class, f.fire.ExecuteID, f.fire.ExecuteName
	e.Nominal, e.Attempt = f.fire.NominalTime, f.fire.Attempt
	e.Trace, e.Link = f.claim.Traces()
	if f.trace != "" {
		e.Trace = f.trace
	}
	f.term.sign(e)
}

// lasting has the values of a context, and does not end with it.
type lasting struct{ context.Context }

func (*lasting) Deadline() (deadline time.Time, ok bool) { return time.Time{}, false }
func (*lasting) Done() <-chan struct{}                   { return nil }
func (*lasting) Err() error                              { return nil }
