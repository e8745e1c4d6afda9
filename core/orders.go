package core

import (
	"context"
	"slices"
	"time"

	"github.com/quartz-cluster/quartz/core/internal/store"
	"github.com/quartz-cluster/quartz/core/observe"
	"github.com/quartz-cluster/quartz/schema"
)

// ordersAtOnce is how many runs one statement asks about.
const ordersAtOnce = 500

// followOrders ends runs that a client wants ended. It asks about runs that have lasted for
// longer than a heartbeat, so that short ones cost nothing.
func (t *term) followOrders(ctx context.Context) {
	n := t.node
	tick := time.NewTicker(n.cfg.Heartbeat)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		running := make(map[store.Ref]*flight)
		var ids []int64
		for _, f := range n.flights.all() {
			if f.term == t && f.lasted(n.cfg.Heartbeat) {
				running[f.ref()] = f
				ids = append(ids, f.claim.ID)
			}
		}
		slices.Sort(ids)
		for part := range slices.Chunk(slices.Compact(ids), ordersAtOnce) {
			orders, err := n.control.Orders(ctx, t.reg.NodeID, part)
			if err != nil {
				if ctx.Err() == nil {
					t.tell(observe.Event{Kind: observe.Trouble, Reason: "orders", Err: err})
				}
				break
			}
			for _, o := range orders {
				what, nominal, attempt, ok := schema.ParseStopOrder(o.Text)
				if f := running[store.Ref{ID: o.ID, Nominal: nominal, Attempt: attempt}]; ok && f != nil {
					f.obey(what)
				}
			}
		}
	}
}

// lasted reports whether the run goes on and began longer ago than d.
func (f *flight) lasted(d time.Duration) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return !f.settled && !f.began.IsZero() && time.Since(f.began) > d
}

func (f *flight) obey(what schema.Stop) {
	if what == schema.StopSuspend {
		f.stop(ErrSuspended)
		return
	}
	f.stop(ErrCancelled)
}
