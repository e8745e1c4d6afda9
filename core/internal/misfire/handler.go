package misfire

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/quartz-cluster/quartz/core/internal/dbclock"
	"github.com/quartz-cluster/quartz/core/internal/store"
	"github.com/quartz-cluster/quartz/core/observe"
	"github.com/quartz-cluster/quartz/schema"
)

const (
	slice     = 200  // rows that one step takes up at a time
	rounds    = 20   // slices of one step in a pass
	overdue   = 3000 // milliseconds after which an execute that nobody can run is spoken of
	leisure   = 20   // times as long as it took rests a step that can wait
	unhurried = 4    // periods that pass at least between two walks over jobs
)

// Config is what the handler needs to know.
type Config struct {
	Store     *store.Store
	Clock     *dbclock.Clock
	Watch     *Watch
	NodeID    int64
	Alive     map[int64]bool // nodes that were seen alive, until they are gone and settled
	Period    time.Duration
	Retention time.Duration // 0: completed executes are kept
	Elector   Elector       // nil: the default
	Valid     func() bool   // the lease
	Changed   func()        // something may be due now
	Moved     func()        // a node is gone, or there is another master
	Counts    bool          // how much is overdue, as somebody hears it
	Tell      func(observe.Event)
}

// Handler is the ClusterMisfireHandler as one node runs it.
type Handler struct {
	cfg Config

	seen      int64           // TIME_NEXT as last read
	since     time.Time       // since when it has not moved
	cleared   map[int64]clean // nodes that are gone and have nothing in flight
	electing  bool            // this pass found another to be the master
	nodes     int64           // cursor over nodes that executes name, downwards
	jobCursor int64
	onAll     int64                // cursor over executes that run on all nodes
	stuck     int64                // cursor over executes that nobody may be able to run
	resting   map[string]time.Time // steps that can wait, until when
	last      chan store.Cluster
}

// New returns a handler that passes once Heard was called. Alive is its own until Run
// returns.
func New(cfg Config) *Handler {
	cfg.Alive[cfg.NodeID] = true // also where it is lost before it has heard of itself
	return &Handler{
		cfg: cfg, nodes: math.MaxInt64, cleared: make(map[int64]clean),
		resting: make(map[string]time.Time), last: make(chan store.Cluster, 1),
	}
}

// Heard takes in what a heartbeat read.
func (h *Handler) Heard(c store.Cluster) {
	select {
	case <-h.last:
	default:
	}
	h.last <- c
}

// Run passes until ctx ends. The calls themselves end with work: a pass ends between two
// of its steps.
func (h *Handler) Run(ctx, work context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case c := <-h.last:
			if h.cfg.Valid() && h.due(c) {
				h.pass(ctx, work, c)
			}
		}
	}
}

// due reports whether a pass is: by the database's clock, because a peer's lease is
// over, because the master is gone or may be it no longer, or because TIME_NEXT stands
// still or lies too far ahead, as after a jump of the database's clock.
func (h *Handler) due(c store.Cluster) bool {
	if c.TimeNext != h.seen || h.since.IsZero() {
		h.seen, h.since = c.TimeNext, time.Now()
	}
	for _, p := range c.Peers {
		h.cfg.Alive[p.NodeID] = true
	}
	period := h.cfg.Period
	return deposed(c) || c.Now >= c.TimeNext || c.TimeNext-c.Now > 2*period.Milliseconds() ||
		time.Since(h.since) >= 2*period || len(h.cfg.Watch.Dead()) > 0
}

// view is what all steps of a pass go by.
type view struct {
	store.Cluster
	store.Agenda
}

func (h *Handler) pass(ctx, work context.Context, c store.Cluster) {
	began := time.Now()
	won, err := h.cfg.Store.WinPass(work, c.TimeNext, h.cfg.Clock.Now()+h.cfg.Period.Milliseconds())
	if err != nil || !won {
		h.trouble(work, "win the pass", err)
		return
	}
	v, err := h.look(work, c)
	if err != nil {
		h.trouble(work, "read the application", err)
		return
	}
	// A table on which a step takes long has other things to do.
	moderately := func(took time.Duration) time.Duration { return max(leisure*took, unhurried*h.cfg.Period) }
	briefly := func(took time.Duration) time.Duration { return min(leisure*took, h.cfg.Period) } // there is a promise to keep
	for _, step := range []struct {
		name string
		do   func(context.Context, view) error
		rest func(took time.Duration) time.Duration // nil: none
	}{
		{"elect the master", h.elect, nil},
		{"sweep fires in flight", h.sweep, nil},
		{"keep copies", h.copies, nil},
		{"report what nobody can run", h.unrunnable, briefly},
		{"count what is overdue", h.countOverdue, briefly},
		{"adopt executes", h.adopt, briefly},
		{"walk over jobs", h.walk, moderately},
	} {
		if ctx.Err() != nil || !h.cfg.Valid() {
			return
		}
		if time.Now().Before(h.resting[step.name]) {
			continue
		}
		began := time.Now()
		h.trouble(work, step.name, step.do(work, v))
		if step.rest != nil {
			h.resting[step.name] = time.Now().Add(step.rest(time.Since(began)))
		}
	}
	h.cfg.Tell(observe.Event{Kind: observe.PassDone, Took: time.Since(began)})
}

// look removes dead nodes and returns what the pass goes by. What the heartbeat read
// that called for it is as good as new unless a node went.
func (h *Handler) look(ctx context.Context, c store.Cluster) (view, error) {
	removed, err := h.removeDead(ctx)
	h.trouble(ctx, "remove dead nodes", err)
	if removed {
		if c, err = h.cfg.Store.Cluster(ctx); err != nil {
			return view{}, err
		}
	}
	agenda, err := h.cfg.Store.Agenda(ctx, h.cfg.Clock.Now()-overdue, h.nodes, maxNodes)
	return view{c, agenda}, err
}

func (h *Handler) trouble(ctx context.Context, step string, err error) {
	if err != nil && ctx.Err() == nil {
		h.cfg.Tell(observe.Event{Kind: store.Trouble(err), Reason: step, Err: err})
	}
}

// passable reports whether an error concerns one row alone, so that the others
// need not wait for it: somebody was in the way, or the database will not take what
// would be written.
func passable(err error) bool { return store.Refused(err) || store.Rejected(err) }

// passBy tells of an error that concerns one row alone, of which e says which and in
// what step, and returns any other.
func (h *Handler) passBy(ctx context.Context, err error, e observe.Event) error {
	if !passable(err) {
		return err
	}
	if ctx.Err() == nil {
		e.Kind, e.Err = store.Trouble(err), err
		h.cfg.Tell(e)
	}
	return nil
}

func (h *Handler) removeDead(ctx context.Context) (some bool, err error) {
	for _, p := range h.cfg.Watch.Dead() {
		if p.NodeID == h.cfg.NodeID {
			continue // its own heartbeat decides about this node
		}
		removed, err := h.cfg.Store.RemoveNode(ctx, p)
		if err := h.passBy(ctx, err, observe.Event{Reason: "remove a dead node", Peer: p.Key}); err != nil {
			return some, err
		}
		if removed {
			some = true
			h.cfg.Moved()
			h.cfg.Tell(observe.Event{Kind: observe.NodeRemoved, Peer: p.Key, Reason: fmt.Sprintf("node id %d: no heartbeat", p.NodeID)})
			err = h.cfg.Store.AddEvent(ctx, schema.AppEvent{Kind: schema.EventRemoved, Node: p.Key, NodeID: p.NodeID, Text: "no heartbeat"})
			h.trouble(ctx, "note a removal", err)
		}
	}
	return some, nil
}

// held reports whether nobody is to claim anything.
func held(v view) bool { return v.AppState == schema.Off || v.Maintenance == schema.On }

// countOverdue says how much is due and not claimed by anybody.
func (h *Handler) countOverdue(ctx context.Context, v view) error {
	if !h.cfg.Counts {
		return nil
	}
	e := observe.Event{Kind: observe.Overdue, Wait: h.cfg.Period}
	if v.Overdue && !held(v) {
		until := h.cfg.Clock.Now() - overdue
		n, oldest, err := h.cfg.Store.CountOverdue(ctx, until, until-hindsight-2*h.cfg.Period.Milliseconds(), observe.MaxOverdue)
		if err != nil {
			return err
		}
		if e.Count = n; n > 0 {
			e.Late = time.Duration(h.cfg.Clock.Now()-oldest) * time.Millisecond
		}
	}
	h.cfg.Tell(e)
	return nil
}
