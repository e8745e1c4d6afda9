package member

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/quartz-cluster/quartz/core/internal/dbclock"
	"github.com/quartz-cluster/quartz/core/internal/store"
	"github.com/quartz-cluster/quartz/core/observe"
	"github.com/quartz-cluster/quartz/schema"
)

// Why a registration ended.
var (
	ErrRemoved = errors.New("the registration was removed from the database")
	ErrExpired = errors.New("the registration could not be renewed in time")
)

// Config is what a membership needs to know.
type Config struct {
	Store     *store.Store
	Clock     *dbclock.Clock
	Heartbeat time.Duration
	Lease     time.Duration
	Margin    time.Duration
	// Report returns what the next heartbeat tells, except for the skew.
	Report func() store.Report
	// Took is told that a heartbeat, or the registration, was taken by the database, and
	// reports whether that is back with it; Failed, that one was not, or that what goes
	// with it was not read, and whether the database is away since now; Tried, that one gave
	// way to others.
	Took   func(sent time.Time) (back bool)
	Failed func() (away bool)
	Tried  func()
	Tell   func(observe.Event)
	// Heard is called with what each heartbeat read about the application.
	Heard func(store.Cluster)
	// Obey does what an operator asks of the node and says how it is to be
	// answered, or not yet.
	Obey func(schema.Command) Reply
}

// Membership is one registration and its lease.
type Membership struct {
	cfg     Config
	reg     store.Registration
	lease   Lease
	retired atomic.Bool
	nudge   chan struct{}

	paused bool
	doubt  *doubt // nil: none
}

// Join registers the node. Its lease begins before the statement is sent.
func Join(ctx context.Context, cfg Config, m store.Member) (*Membership, error) {
	sent := time.Now()
	reg, err := cfg.Store.Register(ctx, m)
	if err != nil {
		return nil, err
	}
	ms := &Membership{cfg: cfg, reg: reg, paused: reg.Paused, nudge: make(chan struct{}, 1)}
	ms.lease.renew(sent.Add(cfg.Lease - cfg.Margin))
	if err := ms.look(ctx); err != nil {
		_, _ = cfg.Store.Deregister(context.WithoutCancel(ctx), reg)
		return nil, err
	}
	ms.took(sent)
	return ms, nil
}

// Registration returns the key and the node id.
func (m *Membership) Registration() store.Registration { return m.reg }

// Lease returns the node's right to its fires.
func (m *Membership) Lease() *Lease { return &m.lease }

// Run sends heartbeats until ctx ends, and then returns nil, or until the lease
// is lost, and then returns why. The calls themselves end with work: a heartbeat
// that is under way when the node stops is waited for.
func (m *Membership) Run(ctx, work context.Context) error {
	tick := time.NewTicker(m.cfg.Heartbeat)
	defer tick.Stop()
	for {
		if err := m.beat(work); err != nil {
			m.lease.end()
			m.lose()
			return err
		}
		// A database that is away must not outlast the lease unnoticed.
		expiry := time.NewTimer(max(m.lease.Left(), 0))
		select {
		case <-ctx.Done():
			expiry.Stop()
			return nil
		case <-tick.C:
		case <-m.nudge:
		case <-expiry.C:
		}
		expiry.Stop()
	}
}

// beat renews the registration once. It fails only where the lease is lost.
func (m *Membership) beat(ctx context.Context) error {
	if !m.lease.Valid() {
		return ErrExpired
	}
	call, cancel := context.WithTimeout(ctx, m.lease.Left())
	defer cancel()
	sent := time.Now()
	report := m.cfg.Report()
	if m.retired.Load() {
		report.Capacity = 0
	}
	report.Skew = m.cfg.Clock.Skew().Milliseconds()
	stands, err := m.cfg.Store.Heartbeat(call, m.reg, report)
	switch {
	case err != nil && ctx.Err() != nil:
		return nil
	case err != nil:
		m.trouble(err)
		return nil
	case !stands:
		return ErrRemoved
	case !m.lease.renew(sent.Add(m.cfg.Lease - m.cfg.Margin)):
		return ErrExpired
	}
	// Whatever the rest waits for, the next heartbeat goes out in time.
	rest, done := context.WithTimeout(ctx, m.lease.Left()/2)
	defer done()
	if err := m.look(rest); err != nil {
		if ctx.Err() == nil {
			m.trouble(err)
		}
		return nil
	}
	m.took(sent)
	return nil
}

// took says once that the database is back.
func (m *Membership) took(sent time.Time) {
	if m.cfg.Took(sent) {
		m.cfg.Tell(observe.Event{Kind: observe.DatabaseBack})
	}
}

// look reads the application and the peers, and the database's clock with them.
func (m *Membership) look(ctx context.Context) error {
	sent := time.Now()
	c, err := m.cfg.Store.Cluster(ctx)
	if err != nil {
		return err
	}
	if len(c.Peers) == 0 {
		// Either the registration was removed, which the next heartbeat says, or
		// the application's row was, without which no node claims anything.
		return m.cfg.Store.EnsureApp(ctx)
	}
	m.cfg.Clock.Observe(sent, time.Now(), c.Now)
	self, _ := c.Find(m.reg.NodeID)
	if self.NodeID != 0 {
		m.notePause(self.State == schema.Off)
	}
	m.cfg.Heard(c)
	return m.obey(ctx, self.Command, c.Now)
}

func (m *Membership) notePause(paused bool) {
	if paused == m.paused {
		return
	}
	m.paused = paused
	kind := observe.NodeResumed
	if paused {
		kind = observe.NodePaused
	}
	m.cfg.Tell(observe.Event{Kind: kind})
}

// trouble says once that the database is away. One that refuses a heartbeat for a deadlock
// or the lock of another is not: the next is sent in time, or the lease tells.
func (m *Membership) trouble(err error) {
	if store.Refused(err) {
		m.cfg.Tried()
		m.cfg.Tell(observe.Event{Kind: observe.Refused, Reason: "heartbeat", Err: err})
	} else if m.cfg.Failed() {
		m.cfg.Tell(observe.Event{Kind: observe.DatabaseAway, Err: err})
	}
}

// Retire tells the peers, by a capacity of 0, that this node claims nothing any
// more, so that they take over its share at once.
func (m *Membership) Retire() {
	m.retired.Store(true)
	m.Nudge()
}

// Retired reports whether Retire was called.
func (m *Membership) Retired() bool { return m.retired.Load() }

// Nudge sends the next heartbeat at once.
func (m *Membership) Nudge() {
	select {
	case m.nudge <- struct{}{}:
	default:
	}
}

// Leave ends the registration in good order.
func (m *Membership) Leave(ctx context.Context) error {
	m.lease.end()
	removed, err := m.cfg.Store.Deregister(ctx, m.reg)
	if err != nil || !removed {
		return err
	}
	m.note(ctx, schema.AppEvent{Kind: schema.EventLeft})
	return nil
}

// note adds to what happened to the application.
func (m *Membership) note(ctx context.Context, e schema.AppEvent) {
	e.Node, e.NodeID = m.reg.Key, m.reg.NodeID
	if err := m.cfg.Store.AddEvent(ctx, e); err != nil && !errors.Is(ctx.Err(), context.Canceled) {
		m.cfg.Tell(observe.Event{Kind: observe.Trouble, Reason: "note " + e.Kind, Err: err})
	}
}
