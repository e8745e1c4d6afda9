package core

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/quartz-cluster/quartz/core/internal/member"
	"github.com/quartz-cluster/quartz/core/internal/misfire"
	"github.com/quartz-cluster/quartz/core/internal/scan"
	"github.com/quartz-cluster/quartz/core/internal/store"
	"github.com/quartz-cluster/quartz/core/observe"
	"github.com/quartz-cluster/quartz/schema"
)

// heartbeatSlack is by how much later than a silent peer's lease ends a heartbeat
// asks whether it did.
const heartbeatSlack = 20 * time.Millisecond

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

	standing atomic.Pointer[standing] // as of the last heartbeat

	seen     int64     // the application's VERSION that was acted on
	quiesced bool      // idle in maintenance
	filled   time.Time // when the peers were last told out of turn that there is no slot free
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
		Store: n.store, Clock: &n.clock, NodeID: t.reg.NodeID, Key: t.reg.Key, Labels: n.cfg.Labels, Classes: n.classes,
		Interval: n.cfg.ScanInterval, Threshold: n.cfg.MisfireThreshold,
		Free: n.slots.Free, Full: t.full, Valid: ms.Lease().Valid, Start: t.start, Over: n.done.Holds, Tell: t.tell,
	})
	t.pass = misfire.New(misfire.Config{
		Store: n.control, Clock: &n.clock, Watch: t.watch, NodeID: t.reg.NodeID, Alive: n.alive,
		Period: n.cfg.HandlerInterval, Retention: n.cfg.Retention, Elector: n.cfg.Elector,
		Valid: ms.Lease().Valid, Changed: t.scan.Wake, Moved: ms.Nudge, Counts: n.cfg.Observer != nil, Tell: t.tell,
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

// full tells the peers that there is no slot free, for them to take over the share
// of the node before anything in it is late; once in a heartbeat's time.
func (t *term) full() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if time.Since(t.filled) >= t.node.cfg.Heartbeat {
		t.filled = time.Now()
		t.ms.Nudge()
	}
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
	if left := t.watch.Verdict(); left > 0 && left < t.node.cfg.Heartbeat {
		time.AfterFunc(left+heartbeatSlack, t.ms.Nudge)
	}
	java := t.java.active(c)
	switch {
	case java && !t.standby:
		t.tell(observe.Event{Kind: observe.Standby})
	case !java && t.standby:
		t.tell(observe.Event{Kind: observe.TookOver})
	}
	t.standby = java
	if quiet := t.hushed(c) || java; t.node.cfg.NeverMaster && c.Master == t.reg.NodeID {
		acting := c
		acting.Master = 0 // whatever somebody wrote there
		t.scan.Heard(acting, quiet)
	} else {
		t.scan.Heard(c, quiet)
	}
	t.stand(c)
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
	loops.Go(func() { t.followOrders(looping) })

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
		select {
		case <-scanned: // its last claim may still fill a slot
		case <-limit.Done(): // it waits for the connections that the runs have
		}
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
	select {
	case <-scanned: // what it claimed last is handed over while this node is still registered
	case <-grace.Done():
	}
	if n.slots.Drain(grace) {
		n.done.Flush(grace)
	}
	return nil
}

func (t *term) tell(e observe.Event) {
	t.sign(&e)
	t.node.observer.Observe(context.Background(), e)
}

func (t *term) sign(e *observe.Event) {
	e.Node, e.NodeID = t.reg.Key, t.reg.NodeID
	t.node.sign(e)
}
