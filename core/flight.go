package core

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/quartz-cluster/quartz/core/internal/complete"
	"github.com/quartz-cluster/quartz/core/internal/retry"
	"github.com/quartz-cluster/quartz/core/internal/run"
	"github.com/quartz-cluster/quartz/core/internal/store"
	"github.com/quartz-cluster/quartz/core/observe"
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
	f.fire.save = f.checkpoint
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
	t.node.slots.Go(t.work, &run.Task{Wait: f.wait, Run: f.run, Ended: f.ended})
}

// ref names the fire where it was claimed.
func (f *flight) ref() store.Ref {
	return store.Ref{ID: f.claim.ID, Nominal: f.claim.Nominal, Attempt: f.claim.Attempt}
}

// wait returns at the instant of the fire, or why it must not start.
func (f *flight) wait(ctx context.Context) error {
	due := max(f.claim.Nominal, f.claim.Next) // a retry is due later than its fire
	for {
		left := f.term.node.clock.Until(due)
		if left <= 0 {
			break
		}
		sleep(ctx, min(left, time.Second)) // the database's clock may jump meanwhile
		if err := context.Cause(ctx); err != nil {
			return err
		}
	}
	if !f.term.ms.Lease().Valid() {
		return ErrLeaseLost
	}
	return context.Cause(ctx)
}

// run calls the handler, and settles the fire itself once its time is over.
func (f *flight) run(ctx context.Context) (err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	now := f.term.node.clock.Now()
	f.mu.Lock()
	f.began, f.started, f.cancel = time.Now(), now, cancel
	f.mu.Unlock()
	f.fire.ActualTime = instant(now)
	ctx, f.trace = f.term.node.observer.Start(ctx, f.signed(observe.Event{
		Kind: observe.Started, Late: f.fire.ActualTime.Sub(f.fire.NominalTime), Wait: f.began.Sub(f.claimed),
	}))
	f.told.Context = ctx //nolint:fatcontext // the run's, under which all that follows is told
	if limit := time.Duration(f.claim.Timeout) * time.Millisecond; limit > 0 {
		timer := time.AfterFunc(limit, func() {
			f.settle(fmt.Errorf("%w after %s", ErrTimeout, limit), ErrTimeout)
			cancel(ErrTimeout)
		})
		defer timer.Stop()
	}
	// Settled here, while the cause that the handler saw still stands.
	err = run.ErrExit
	defer func() {
		if v := recover(); v != nil {
			err = run.Panicked(v)
		}
		f.settle(err, context.Cause(ctx))
	}()
	return f.term.node.handlers[f.claim.Class](ctx, f.fire)
}

// ended is called once the slot is about to be free.
func (f *flight) ended(started bool, err error, _ time.Duration) {
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
	end := f.conclude(!began.IsZero(), err, cause)
	e := observe.Event{Kind: end.kind, Err: err}
	if end.again == nil && !end.unsaid {
		e.State = string(end.outcome)
	}
	if !began.IsZero() {
		e.Took = time.Since(began)
	}
	f.tell(e)
	if end.again != nil && end.kind != observe.HandedOver && end.kind != observe.Suspended {
		f.tell(observe.Event{Kind: observe.Retrying, Wait: time.Duration(end.again.Delay) * time.Millisecond, Err: err})
	}
	if end.unsaid {
		return
	}
	n := f.term.node
	item := complete.Item{NodeID: f.term.reg.NodeID, Completion: store.Completion{
		Ref: f.ref(), Child: f.claim.OneShot(), Started: started, Took: e.Took.Milliseconds(),
		Outcome: end.outcome, Trace: f.trace, Again: end.again,
	}}
	if err != nil && end.kind != observe.HandedOver && end.kind != observe.Suspended {
		item.Error = err.Error()
	}
	item.Done = func(written bool) {
		switch {
		case !written:
			f.tell(observe.Event{Kind: observe.Superseded, State: string(end.outcome)})
		case end.again == nil:
			f.tell(observe.Event{Kind: observe.Completed, State: string(end.outcome)})
		}
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
	n.done.Add(item)
}

// conclusion is how a fire is settled.
type conclusion struct {
	kind    observe.Kind
	outcome schema.Outcome
	again   *store.Again // it is not over
	unsaid  bool         // whoever took the registration away accounts for it
}

// conclude says how a fire is settled whose run returned err, or did not begin,
// and why its context had ended by then, if it had.
func (f *flight) conclude(began bool, err, cause error) conclusion {
	again := &store.Again{Kind: schema.ChildRecovery}
	switch {
	case err == nil:
		return conclusion{kind: observe.Finished, outcome: schema.Succeeded}
	case errors.Is(cause, ErrLeaseLost) && !began:
		return conclusion{kind: observe.Abandoned, unsaid: true}
	case errors.Is(cause, ErrLeaseLost):
		return conclusion{kind: observe.Failed, unsaid: true}
	case errors.Is(cause, ErrSuspended):
		return conclusion{kind: observe.Suspended, again: again}
	case errors.Is(cause, ErrCancelled):
		return conclusion{kind: observe.Cancelled, outcome: schema.Cancelled}
	case errors.Is(cause, ErrStopped) && (!began || f.claim.Recover > 0 || f.claim.Retries > 0):
		// Nothing ran, or it may run again: the next node does, at once.
		return conclusion{kind: observe.HandedOver, again: again}
	}
	out := conclusion{kind: observe.Failed, outcome: schema.Failed}
	if errors.Is(cause, ErrTimeout) {
		out = conclusion{kind: observe.TimedOut, outcome: schema.TimedOut}
	}
	policy := retry.Policy{
		Max: f.claim.Retries, Delay: time.Duration(f.claim.RetryDelay) * time.Millisecond, Cap: time.Duration(f.claim.RetryCap) * time.Millisecond,
	}
	used := 0
	if f.claim.OneShot() {
		used = f.claim.Fails
	}
	if wait, ok := policy.Next(used, err); ok {
		out.again = &store.Again{Kind: schema.ChildRetry, Delay: wait.Milliseconds(), Fails: 1}
	}
	return out
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

func (f *flight) tell(e observe.Event) { f.term.node.observer.Observe(&f.told, f.signed(e)) }

// signed returns the event with the fire that it is about, and who tells it.
func (f *flight) signed(e observe.Event) observe.Event {
	e.JobID, e.Job, e.Class, e.ExecuteID, e.Execute = f.fire.JobID, f.fire.JobName, f.fire.Class, f.fire.ExecuteID, f.fire.ExecuteName
	e.Nominal, e.Attempt = f.fire.NominalTime, f.fire.Attempt
	e.Trace, e.Link = f.claim.Traces()
	if f.trace != "" {
		e.Trace = f.trace
	}
	return f.term.signed(e)
}

// lasting has the values of a context, and does not end with it.
type lasting struct{ context.Context }

func (*lasting) Deadline() (deadline time.Time, ok bool) { return time.Time{}, false }
func (*lasting) Done() <-chan struct{}                   { return nil }
func (*lasting) Err() error                              { return nil }

// flights are those whose slots are held.
type flights struct {
	mu  sync.Mutex
	set map[*flight]struct{}
}

func (s *flights) add(f *flight) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.set == nil {
		s.set = make(map[*flight]struct{})
	}
	s.set[f] = struct{}{}
}

func (s *flights) remove(f *flight) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.set, f)
}

func (s *flights) all() []*flight {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]*flight, 0, len(s.set))
	for f := range s.set {
		out = append(out, f)
	}
	return out
}
