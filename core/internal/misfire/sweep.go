package misfire

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/quartz-cluster/quartz/core/internal/store"
	"github.com/quartz-cluster/quartz/core/observe"
)

const (
	maxNodes = 100              // node ids that one pass looks at, besides those that were seen alive
	settle   = time.Minute      // how long a claim of a node that is gone may take to land, as a rule
	relook   = 10 * time.Minute // how often it is asked whether one did all the same
)

// clean is since when a node that is gone has had nothing in flight, and when
// that was last seen.
type clean struct{ since, looked time.Time }

// sweep takes up what is in flight under no live registration.
func (h *Handler) sweep(ctx context.Context, v view) error {
	live := make(map[int64]bool, len(v.Peers))
	for _, p := range v.Peers {
		live[p.NodeID] = true
	}
	ids := v.Nodes
	h.nodes = math.MaxInt64
	if len(ids) == maxNodes {
		h.nodes = slices.Min(ids)
	}
	// Who was seen alive need not wait for the cursor to come round.
	ids = slices.AppendSeq(slices.Clip(ids), maps.Keys(h.cfg.Alive))
	slices.Sort(ids)
	for _, id := range slices.Compact(ids) {
		if live[id] {
			continue
		}
		if h.settled(id) {
			delete(h.cfg.Alive, id)
			continue
		}
		done, err := h.sweepNode(ctx, id)
		if err != nil {
			return err
		}
		if done {
			c := h.cleared[id]
			c.looked = time.Now()
			if c.since.IsZero() {
				c.since = c.looked
			}
			h.cleared[id] = c
		}
	}
	maps.DeleteFunc(h.cleared, func(_ int64, c clean) bool { return time.Since(c.looked) > 2*relook }) // named no more
	return nil
}

// settled reports whether a node that is gone was found clean for so long that
// it need not be looked at in this pass. It is again now and then: a process that
// was stopped in the midst of a claim may commit that whenever it goes on.
func (h *Handler) settled(id int64) bool {
	c, ok := h.cleared[id]
	return ok && time.Since(c.since) > settle && time.Since(c.looked) < relook
}

// sweepNode takes up what a node that is gone has in flight, and reports whether
// there was nothing.
func (h *Handler) sweepNode(ctx context.Context, id int64) (done bool, err error) {
	var after int64
	for range rounds {
		flights, err := h.cfg.Store.Flights(ctx, id, after, slice)
		if err != nil || len(flights) == 0 {
			return err == nil && after == 0, err
		}
		after = flights[len(flights)-1].ID
		lost := slices.DeleteFunc(slices.Clone(flights), store.Flight.Recoverable)
		again := slices.DeleteFunc(flights, func(f store.Flight) bool { return !f.Recoverable() })
		if err := h.takeUp(ctx, lost, observe.Lost, h.cfg.Store.Lose); err != nil {
			return false, err
		}
		if err := h.takeUp(ctx, again, observe.Recovered, h.cfg.Store.Recover); err != nil {
			return false, err
		}
		h.cfg.Changed()
	}
	return false, nil
}

// takeUp ends fires of one node that is gone. What somebody holds just now is left
// for the next pass; so is what the database will not take, which keeps none of the
// others.
func (h *Handler) takeUp(ctx context.Context, flights []store.Flight, kind observe.Kind,
	take func(ctx context.Context, nodeID int64, fires []store.Ref, reason string) (store.Completed, error),
) error {
	if len(flights) == 0 {
		return nil
	}
	node, fires := flights[0].NodeID, make([]store.Ref, len(flights))
	for i, f := range flights {
		fires[i] = f.Ref
	}
	done, err := take(ctx, node, fires, fmt.Sprintf("node %d is gone: its fire was not completed", node))
	tell := func(f store.Flight, kind observe.Kind, reason string, err error) {
		h.cfg.Tell(observe.Event{
			Kind: kind, JobID: f.JobID, Job: f.Job, Class: f.Class, ExecuteID: f.Of, Nominal: time.UnixMilli(f.Nominal).UTC(), Attempt: f.Attempt,
			Reason: reason, Trace: f.Trace, Link: f.Link, Err: err,
		})
	}
	for _, f := range flights {
		switch {
		case slices.Contains(done.Stray, f.Ref):
			tell(f, observe.Lost, "its execute was deleted", nil)
		case slices.Contains(done.Written, f.Ref):
			tell(f, kind, fmt.Sprintf("node id %d is gone", node), nil)
		}
	}
	switch {
	case err != nil && !passable(err):
		return err
	case err != nil && len(flights) == 1:
		if ctx.Err() == nil {
			tell(flights[0], store.Trouble(err), "take up a fire", err)
		}
	case err != nil:
		for i := range flights {
			if err := h.takeUp(ctx, flights[i:i+1], kind, take); err != nil {
				return err
			}
		}
	}
	return nil
}
