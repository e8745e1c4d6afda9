package core

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/quartz-cluster/quartz/core/internal/complete"
	"github.com/quartz-cluster/quartz/core/internal/member"
	"github.com/quartz-cluster/quartz/core/internal/misfire"
	"github.com/quartz-cluster/quartz/core/internal/run"
	"github.com/quartz-cluster/quartz/core/internal/scan"
	"github.com/quartz-cluster/quartz/core/internal/store"
	"github.com/quartz-cluster/quartz/core/observe"
	"github.com/quartz-cluster/quartz/schema"
)

// term is one registration of a node, from joining to leaving or to the loss of
// the lease. Everything that acts on the registration ends with it.
type term struct {
	node *Node
	ms   *member.Membership
	reg  store.Registration
	scan *scan.Loop
	pass *misfire.Handler

	work context.Context // ends with the registration
	end  context.CancelCauseFunc

	mu      sync.Mutex
	last    store.Cluster
	java    javaGuard
	standby bool
	opened  atomic.Bool
	watch   *misfire.Watch
}

func newTerm(values context.Context, n *Node) *term {
	t := &term{node: n, watch: misfire.NewWatch(n.cfg.Lease)}
	t.work, t.end = context.WithCancelCause(values)
	return t
}

// open makes the term the node's present one.
func (t *term) open(ms *member.Membership) {
	n := t.node
	t.ms, t.reg = ms, ms.Registration()
	t.scan = scan.New(scan.Config{
		Store: n.store, Clock: &n.clock, NodeID: t.reg.NodeID, Classes: n.classes,
		Interval: n.cfg.ScanInterval, Threshold: n.cfg.MisfireThreshold,
		Free: n.slots.Free, Valid: ms.Lease().Valid, Start: t.start, Tell: t.tell,
	})
	t.pass = misfire.New(misfire.Config{
		Store: n.store, Clock: &n.clock, Watch: t.watch, NodeID: t.reg.NodeID,
		Period: n.cfg.HandlerInterval, Retention: n.cfg.Retention,
		Valid: ms.Lease().Valid, Changed: t.scan.Wake, Tell: t.tell,
	})
	t.opened.Store(true)
	t.mu.Lock()
	last := t.last
	t.mu.Unlock()
	t.heard(last)
	n.setTerm(t)
	t.tell(observe.Event{Kind: observe.Registered, State: string(stateOf(t.reg.Paused))})
}

func stateOf(paused bool) schema.Switch {
	if paused {
		return schema.Off
	}
	return schema.On
}

// heard hands on what a heartbeat read.
func (t *term) heard(c store.Cluster) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.last = c
	if !t.opened.Load() {
		return
	}
	t.watch.Heard(c)
	java := t.java.active(c)
	if java && !t.standby {
		t.tell(observe.Event{Kind: observe.Standby})
	}
	t.standby = java
	quiet := java || c.AppState == schema.Off
	for _, p := range c.Peers {
		quiet = quiet || p.NodeID == t.reg.NodeID && p.State == schema.Off
	}
	t.scan.Heard(c, quiet)
	if !java {
		t.pass.Heard(c)
	}
}

// serve works until the lease is lost or, after a drain, until the node has left.
func (t *term) serve(stop context.Context) {
	n := t.node
	lost := make(chan error, 1)
	var loops sync.WaitGroup
	scanning, stopScanning := context.WithCancel(t.work)
	defer stopScanning()
	scanned := make(chan struct{})
	loops.Go(func() { defer close(scanned); t.scan.Run(scanning, t.work) })
	looping, stopLooping := context.WithCancel(t.work)
	defer stopLooping()
	loops.Go(func() { t.pass.Run(looping, t.work) })
	loops.Go(func() { lost <- t.ms.Run(looping, t.work) })

	var why error
	select {
	case why = <-lost:
	case <-stop.Done():
		t.tell(observe.Event{Kind: observe.Draining})
		stopScanning()
		t.ms.Retire()
		why = t.drain(scanned, lost)
	}
	if why != nil {
		t.tell(observe.Event{Kind: observe.LeaseLost, Err: why})
		t.end(ErrLeaseLost)
	}
	stopLooping()
	// What the loops are at is waited for, but not for longer than the grace.
	overdue := time.AfterFunc(time.Until(n.graceEnd), func() { t.end(ErrStopped) })
	loops.Wait()
	overdue.Stop()
	t.end(ErrStopped)
	n.setTerm(nil)
	leave, cancel := context.WithTimeout(context.WithoutCancel(t.work), min(n.cfg.CallTimeout, n.cfg.StopGrace))
	defer cancel()
	switch err := t.ms.Leave(leave); {
	case why != nil: // it was not there any more, or nobody will miss it
	case err != nil:
		t.tell(observe.Event{Kind: observe.Trouble, Reason: "deregister: the other nodes will remove this one", Err: err})
	default:
		t.tell(observe.Event{Kind: observe.Deregistered})
	}
}

// drain waits for the runs as [Node.Stop] says and returns why the lease was
// lost, if it was.
func (t *term) drain(scanned <-chan struct{}, lost <-chan error) error {
	n := t.node
	limit, cancel := context.WithTimeout(t.work, n.cfg.StopTimeout)
	defer cancel()
	idle := make(chan struct{})
	go func() {
		defer close(idle)
		<-scanned // its last claim may still fill a slot
		n.slots.Drain(limit)
	}()
	select {
	case why := <-lost:
		t.end(ErrLeaseLost) // now: the scan may yet wait for the database
		<-idle
		return why
	case <-n.hurry:
		cancel()
		<-idle
	case <-idle:
	}
	n.slots.Cancel(ErrStopped)
	n.graceEnd = time.Now().Add(n.cfg.StopGrace)
	grace, cancelGrace := context.WithDeadline(t.work, n.graceEnd)
	defer cancelGrace()
	if n.slots.Drain(grace) {
		n.done.Flush(grace)
	}
	return nil
}

// start puts a claimed fire into a slot.
func (t *term) start(c store.Claim) {
	n := t.node
	fire := &Fire{
		App: n.cfg.App, Node: t.reg.Key, JobID: c.JobID, JobName: c.JobName, Class: c.Class,
		ExecuteID: c.ID, ExecuteName: c.Name, NominalTime: instant(c.Nominal), PreviousTime: instant(c.High),
		NextTime: instant(c.NextFire), Attempt: 1, Fence: t.reg.NodeID, Data: []byte(c.JobData),
	}
	if c.Data != "" {
		fire.Data = []byte(c.Data)
	}
	if fire.PreviousTime.IsZero() {
		fire.PreviousTime = instant(c.Prev)
	}
	handler := n.handlers[c.Class]
	var cause error
	n.slots.Go(t.work, &run.Task{
		Wait: func(ctx context.Context) error { return t.await(ctx, c.Nominal) },
		Run: func(ctx context.Context) error {
			fire.ActualTime = instant(n.clock.Now())
			t.tellFire(fire, observe.Event{Kind: observe.Started, Late: fire.ActualTime.Sub(fire.NominalTime)})
			defer func() { cause = context.Cause(ctx) }()
			return handler(ctx, fire)
		},
		Ended: func(started bool, err error, took time.Duration) { t.ended(fire, c, started, err, cause, took) },
	})
}

func instant(ms int64) time.Time {
	if ms <= 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// await returns at the instant of a fire, or why it must not start.
func (t *term) await(ctx context.Context, nominal int64) error {
	for {
		left := t.node.clock.Until(nominal)
		if left <= 0 {
			break
		}
		sleep(ctx, min(left, time.Second)) // the database's clock may jump meanwhile
		if err := context.Cause(ctx); err != nil {
			return err
		}
	}
	if !t.ms.Lease().Valid() {
		return ErrLeaseLost
	}
	return context.Cause(ctx)
}

// ended queues the outcome of a run.
func (t *term) ended(fire *Fire, c store.Claim, started bool, err, cause error, took time.Duration) {
	if !started {
		t.tellFire(fire, observe.Event{Kind: observe.Abandoned, Err: err})
		return
	}
	item := complete.Item{NodeID: t.reg.NodeID, Completion: store.Completion{
		ID: c.ID, Nominal: c.Nominal, Attempt: fire.Attempt, Outcome: schema.Succeeded,
	}}
	e := observe.Event{Kind: observe.Finished, Took: took}
	if err != nil {
		e.Kind, e.Err = observe.Failed, err
		item.Outcome, item.Error = schema.Failed, err.Error()
	}
	t.tellFire(fire, e)
	if err != nil && errors.Is(cause, ErrLeaseLost) {
		return // cut off, not failed: whoever took the registration away accounts for it
	}
	item.Done = func(written bool) {
		kind := observe.Superseded
		if written {
			kind = observe.Completed
		}
		t.tellFire(fire, observe.Event{Kind: kind, State: string(item.Outcome)})
		if now := t.node.current(); now != nil && c.NextFire != 0 {
			now.scan.Expect(c.NextFire)
		}
	}
	t.node.done.Add(item)
}

func (t *term) tell(e observe.Event) {
	e.Node, e.NodeID = t.reg.Key, t.reg.NodeID
	t.node.tell(e)
}

func (t *term) tellFire(f *Fire, e observe.Event) {
	e.JobID, e.Job, e.Class, e.ExecuteID, e.Execute = f.JobID, f.JobName, f.Class, f.ExecuteID, f.ExecuteName
	e.Nominal, e.Attempt = f.NominalTime, f.Attempt
	t.tell(e)
}
