package core

import (
	"cmp"
	"sync"
	"time"

	"github.com/quartz-cluster/quartz/core/internal/store"
	"github.com/quartz-cluster/quartz/schema"
)

// State is where a node is in its life.
type State string

// The states of a node; the package comment draws them.
const (
	StateNew         State = "new"         // not started
	StateRegistering State = "registering" // for the first time, or after the loss of its lease
	StateRunning     State = "running"     // registered
	StateDraining    State = "draining"    // it was told to stop: it claims nothing any more, waits for its runs, writes their outcomes and leaves
	StateStopped     State = "stopped"
)

// Status is how a node stands, as far as it knows without asking.
type Status struct {
	App    string `json:"app"`
	State  State  `json:"state"`
	Key    string `json:"key"`                     // under which it is registered, or was last, or wants to be
	NodeID int64  `json:"nodeId,string,omitempty"` // of the present registration; 0: none

	LastBeat  time.Time `json:"lastBeat,omitzero"`  // when the newest heartbeat was sent that the database has taken; zero: none yet
	LastTry   time.Time `json:"lastTry,omitzero"`   // when the database last answered a heartbeat, or it was given up; a node that runs goes on trying
	LastScan  time.Time `json:"lastScan,omitzero"`  // when the present registration's last look for what is due has ended or come further, or it began
	AwaySince time.Time `json:"awaySince,omitzero"` // since when the database takes none; zero: it does
	// ScanFailingSince is since when all of its looks have ended with an error; zero: the last one has not.
	ScanFailingSince time.Time `json:"scanFailingSince,omitzero"`
	// Skew is this machine's clock minus the database's.
	Skew time.Duration `json:"skewNs"`

	Slots   int `json:"slots"`   // all of them
	Running int `json:"running"` // those that are held by runs

	Master bool `json:"master"` // of the application
	// Quiet says why the node claims nothing although it is running; empty: it does.
	Quiet Quiet `json:"quiet,omitempty"`
	// Error is what Run has returned, of a node that has stopped; empty: nothing.
	Error string `json:"error,omitempty"`
}

// Quiet is why a node claims nothing although it is running.
type Quiet string

// The reasons, the first that holds.
const (
	QuietStandby     Quiet = "standby"     // workers of the Java edition drive the application
	QuietSkewed      Quiet = "skewed"      // its clock is further from the database's than MaxSkew
	QuietDrained     Quiet = "drained"     // by an operator
	QuietPaused      Quiet = "paused"      // by an operator
	QuietMaintenance Quiet = "maintenance" // of the application
	QuietAppPaused   Quiet = "app_paused"
)

// Status returns how the node stands. It costs next to nothing, and may be asked
// from an Observer.
func (n *Node) Status() Status {
	s := Status{
		App: n.cfg.App, Key: n.cfg.NodeKey, State: StateRegistering, Skew: n.clock.Skew(), Slots: n.cfg.Slots, Running: n.slots.Used(),
	}
	s.LastBeat, s.AwaySince, s.LastTry = n.pulse.read()
	n.mu.Lock()
	started, t, stopping := n.started, n.term, n.stopping
	s.Key = cmp.Or(n.key, s.Key)
	n.mu.Unlock()
	select {
	case <-n.finished:
		s.State = StateStopped
		if n.err != nil {
			s.Error = n.err.Error()
		}
		return s
	default:
	}
	switch {
	case !started:
		s.State = StateNew
		return s
	case t != nil:
		s.State, s.NodeID = StateRunning, t.reg.NodeID
		s.LastScan, s.ScanFailingSince = t.scan.Rested()
		if now := t.standing.Load(); now != nil {
			s.Master, s.Quiet = now.master, now.quiet
		}
	}
	select {
	case <-stopping:
		s.State = StateDraining
	default:
	}
	return s
}

// standing is what the last heartbeat made of a node.
type standing struct {
	master bool
	quiet  Quiet
}

// stand keeps what a heartbeat read. The caller holds t.mu.
func (t *term) stand(c store.Cluster) {
	self, _ := c.Find(t.reg.NodeID)
	now := standing{master: c.Master == t.reg.NodeID}
	switch {
	case t.standby:
		now.quiet = QuietStandby
	case t.node.astray.Load():
		now.quiet = QuietSkewed
	case t.node.drained.Load():
		now.quiet = QuietDrained
	case self.State == schema.Off:
		now.quiet = QuietPaused
	case c.Maintenance == schema.On:
		now.quiet = QuietMaintenance
	case c.AppState == schema.Off:
		now.quiet = QuietAppPaused
	}
	t.standing.Store(&now)
}

// pulse is how a node reaches the database.
type pulse struct {
	mu                sync.Mutex
	beat, away, tried time.Time
}

// took notes that the database has taken what was sent at a time, and reports whether
// it is back with that.
func (p *pulse) took(sent time.Time) (back bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	back = !p.away.IsZero()
	p.beat, p.away, p.tried = sent, time.Time{}, time.Now()
	return back
}

// failed notes that it has not, and reports whether it is away since now.
func (p *pulse) failed() (now bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.tried = time.Now()
	if now = p.away.IsZero(); now {
		p.away = p.tried
	}
	return now
}

// try notes that the node is at it.
func (p *pulse) try() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.tried = time.Now()
}

func (p *pulse) read() (beat, away, tried time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.beat, p.away, p.tried
}
