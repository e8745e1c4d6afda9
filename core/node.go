package core

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"gorm.io/gorm"

	"github.com/quartz-cluster/quartz/core/internal/complete"
	"github.com/quartz-cluster/quartz/core/internal/dbclock"
	"github.com/quartz-cluster/quartz/core/internal/run"
	"github.com/quartz-cluster/quartz/core/internal/store"
	"github.com/quartz-cluster/quartz/core/observe"
	"github.com/quartz-cluster/quartz/internal/sqldb"
	"github.com/quartz-cluster/quartz/schema"
)

// Node is one worker of an application. It is started once.
type Node struct {
	cfg      Config
	store    *store.Store // scans and claims
	control  *store.Store // everything else; the same one without a ControlDB
	clock    dbclock.Clock
	slots    *run.Slots
	flights  flights
	done     *complete.Completer
	pulse    pulse
	observer observe.Multi
	handlers map[string]HandlerFunc
	classes  []string

	mu       sync.Mutex
	started  bool
	stop     context.CancelFunc // begins the drain
	stopping <-chan struct{}    // closed: it was called
	hurry    chan struct{}      // closed: the drain waits for no run any more
	hurried  sync.Once
	finished chan struct{}
	graceEnd time.Time      // of the life's own goroutine
	alive    map[int64]bool // nodes that were seen so, of the handler of the present registration
	err      error
	ready    chan struct{}
	term     *term       // the present registration, nil between two
	key      string      // of the newest registration; empty: there was none yet
	drained  atomic.Bool // by an operator
	astray   atomic.Bool // its clock is too far off
	refused  error       // why it may not run at all, of the life's own goroutine
	paired   bool        // a registration over control was found over store, of the life's own goroutine
}

// New returns a node that works on db, which it neither changes nor closes. It
// asks the database whether the four tables are complete, or with
// [Config.Migrate] makes them so, and says what the connection lacks. Errors: a
// [ConfigError], a [schema.VerifyError], or what the database said.
func New(db *gorm.DB, config Config) (*Node, error) {
	return NewContext(context.Background(), db, config)
}

// NewContext is New under a context of the caller's.
func NewContext(ctx context.Context, db *gorm.DB, config Config) (*Node, error) {
	cfg := config.WithDefaults()
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	tables := sqldb.Config{Prefix: cfg.TablePrefix, Schema: cfg.DatabaseSchema}
	s, err := store.New(db, tables, cfg.App, cfg.CallTimeout)
	if err != nil {
		return nil, fmt.Errorf("quartz: %w", err)
	}
	s.KeepRecent(cfg.RecentFires)
	if cfg.Standalone {
		s.Standalone()
	}
	control, err := controlStore(ctx, db, cfg, s)
	if err != nil {
		return nil, err
	}
	if err := prepareTables(ctx, db, cfg); err != nil {
		return nil, err
	}
	if control != s { // by mistake it may be another database
		if err := verifyTables(ctx, cfg.ControlDB, cfg); err != nil {
			return nil, fmt.Errorf("%w (of ControlDB)", err)
		}
	}
	n := &Node{
		cfg: cfg, store: s, control: control, observer: observe.Multi{observe.Log(cfg.Logger)},
		hurry: make(chan struct{}), finished: make(chan struct{}), ready: make(chan struct{}),
		classes: cfg.Handlers.Names(), handlers: make(map[string]HandlerFunc), alive: make(map[int64]bool),
	}
	if several, is := cfg.Observer.(observe.Multi); is {
		n.observer = append(n.observer, several...)
	} else if cfg.Observer != nil {
		n.observer = append(n.observer, cfg.Observer)
	}
	for _, name := range n.classes {
		handler, _ := cfg.Handlers.Get(name)
		n.handlers[name] = wrap(handler, cfg.Middleware)
	}
	n.slots = run.New(cfg.Slots, n.wake)
	n.done = complete.New(control.Complete, func(written, tried int) {
		n.tell(observe.Event{Kind: observe.CompletionBatch, Count: int64(written), Of: int64(tried)})
	}, func(err error) {
		n.tell(observe.Event{Kind: store.Trouble(err), Reason: "complete", Err: err})
	})
	return n, nil
}

func prepareTables(ctx context.Context, db *gorm.DB, cfg Config) error {
	if !cfg.Migrate {
		return verifyTables(ctx, db, cfg)
	}
	if err := schema.Migrate(ctx, db, tableOptions(cfg)); err != nil {
		return fmt.Errorf("quartz: migrate: %w", err)
	}
	return nil
}

func verifyTables(ctx context.Context, db *gorm.DB, cfg Config) error {
	if err := schema.Verify(ctx, db, tableOptions(cfg)); err != nil {
		return fmt.Errorf("quartz: %w", err)
	}
	return nil
}

func tableOptions(cfg Config) schema.Options {
	return schema.Options{TablePrefix: cfg.TablePrefix, DatabaseSchema: cfg.DatabaseSchema, DefaultZone: cfg.DefaultZone, Logger: cfg.Logger}
}

// Run starts the node and blocks until it has stopped: because ctx ended, which
// drains it as [Node.Stop] does, because Stop was called, because an operator stopped
// it through package client, or because it may not run: another node lives that it cannot
// live beside, an [OccupiedError], or ControlDB is another database, a [ConfigError]. Else
// it returns what Stop returns. A second signal is handled by calling Stop with a context
// that has ended; examples/worker does.
func (n *Node) Run(ctx context.Context) error {
	if err := n.Start(ctx); err != nil {
		return err
	}
	<-n.finished
	return n.err
}

// Start starts the node and returns at once. It registers as soon as the
// database lets it: [Node.Ready] says when. When ctx ends the node drains and
// stops. Runs see the values of ctx, not its end.
func (n *Node) Start(ctx context.Context) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.started {
		return ErrStarted
	}
	n.started = true
	n.pulse.try()
	alive, stop := context.WithCancel(ctx)
	n.stop, n.stopping = stop, alive.Done()
	go n.live(alive)
	return nil
}

// Ready is closed once the node has registered for the first time.
func (n *Node) Ready() <-chan struct{} { return n.ready }

// Done is closed once the node has stopped, for whatever reason.
func (n *Node) Done() <-chan struct{} { return n.finished }

// Key returns the key under which the node is registered, empty while it is not.
func (n *Node) Key() string {
	if t := n.current(); t != nil {
		return t.reg.Key
	}
	return ""
}

// Stop drains the node: it claims nothing more, waits for its runs up to
// [Config.StopTimeout] or until ctx ends, cancels the rest with [ErrStopped] as
// their cause, gives them [Config.StopGrace] to return, writes their outcomes and
// ends the registration. A run that it cancels goes on as its next attempt on another
// node if its execute allows a retry or a recovery; else it is FAILED, unless its
// handler returned nil. Stop returns a [StopError] where something was left
// behind. Every call waits for the same stop and returns the same error.
func (n *Node) Stop(ctx context.Context) error {
	n.mu.Lock()
	if !n.started {
		n.mu.Unlock()
		return ErrNotStarted
	}
	n.stop()
	n.mu.Unlock()
	defer context.AfterFunc(ctx, func() { n.hurried.Do(func() { close(n.hurry) }) })()
	<-n.finished
	return n.err
}

// live is the life of the node: one registration after another, until ctx ends.
func (n *Node) live(ctx context.Context) {
	defer close(n.finished)
	values := context.WithoutCancel(ctx)
	writing, stopWriting := context.WithCancel(values)
	var completer sync.WaitGroup
	completer.Go(func() { n.done.Run(writing) })
	var listener sync.WaitGroup
	if n.cfg.Listener != nil {
		listener.Go(func() { n.listen(ctx) })
	}

	for ctx.Err() == nil {
		if t := n.join(ctx, values); t != nil {
			t.serve(ctx)
		}
	}
	if n.graceEnd.IsZero() { // no drain: the lease was lost, or there was none
		n.graceEnd = time.Now().Add(n.cfg.StopGrace)
	}
	flush, cancel := context.WithDeadline(values, n.graceEnd)
	n.done.Flush(flush)
	cancel()
	stopWriting()
	completer.Wait()
	unwritten := n.done.Close()
	listener.Wait()
	var running []*Fire
	for _, f := range n.flights.all() {
		running = append(running, f.fire)
	}
	if len(running) > 0 || unwritten > 0 {
		n.err = &StopError{Running: running, Unwritten: unwritten}
	}
	if n.refused != nil {
		n.err = errors.Join(n.refused, n.err)
	}
	n.stop()
	n.tell(observe.Event{Kind: observe.Stopped, Err: n.err})
}

func (n *Node) current() *term {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.term
}

func (n *Node) setTerm(t *term) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.term = t
	if t != nil {
		n.key = t.reg.Key
		select {
		case <-n.ready:
		default:
			close(n.ready)
		}
	}
}

// wake makes the present registration look for work: a slot is free.
func (n *Node) wake() {
	if t := n.current(); t != nil {
		t.scan.Freed()
	}
}

// tell passes an event on; an observer that panics ends nothing.
func (n *Node) tell(e observe.Event) {
	n.sign(&e)
	n.observer.Observe(context.Background(), e)
}

// sign adds who tells the event, and when.
func (n *Node) sign(e *observe.Event) {
	e.App, e.Time = n.cfg.App, time.Now()
	if e.Node == "" {
		n.mu.Lock()
		e.Node = cmp.Or(n.key, n.cfg.NodeKey)
		n.mu.Unlock()
	}
}
