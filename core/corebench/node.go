package corebench

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"gorm.io/gorm"

	"github.com/quartz-cluster/quartz/core/internal/scan"
	"github.com/quartz-cluster/quartz/core/internal/store"
	"github.com/quartz-cluster/quartz/internal/sqldb"
	"github.com/quartz-cluster/quartz/schema"
)

const (
	// timeout bounds each call: a scan that is slow is what is measured.
	timeout = time.Minute
	// effect is how long after it was sent a claim may still take effect: as long as it may take.
	effect = timeout
)

// Node is a registration without loops. Nobody may run the ClusterMisfireHandler
// of its app meanwhile: it sends no heartbeats.
type Node struct {
	store  *store.Store
	reg    store.Registration
	place  store.Place
	offset int64 // milliseconds from this machine's clock to the database's
}

// Join registers a node of app that can run the classes.
func Join(ctx context.Context, db *gorm.DB, app string, classes ...string) (*Node, error) {
	s, err := store.New(db, sqldb.Config{}, app, timeout)
	if err != nil {
		return nil, fmt.Errorf("corebench: %w", err)
	}
	handlers, err := json.Marshal(classes)
	if err != nil {
		return nil, err
	}
	reg, err := s.Register(ctx, store.Member{Key: "corebench", HostName: "corebench", Capacity: store.Batch, Handlers: string(handlers)})
	if err != nil {
		return nil, fmt.Errorf("corebench: register: %w", err)
	}
	now, err := s.Now(ctx)
	if err != nil {
		return nil, err
	}
	return &Node{s, reg, store.Place{Classes: classes}, now - time.Now().UnixMilli()}, nil
}

// Leave ends the registration.
func (n *Node) Leave(ctx context.Context) error {
	_, err := n.store.Deregister(ctx, n.reg)
	return err
}

// Scan looks once through all shards for what is due, as a node does that has room
// for it, and returns how many executes it found.
func (n *Node) Scan(ctx context.Context) (int, error) {
	due, err := n.store.Scan(ctx, n.ranges(0, 1), n.place, store.Batch)
	return len(due), err
}

// Burn runs what is due until nothing is left, over so many connections, each of
// which has shards of its own, and returns how many fires were completed. An
// execute that is late is simply run, as below the misfire threshold.
func (n *Node) Burn(ctx context.Context, connections int) (int64, error) {
	var completed atomic.Int64
	var all sync.WaitGroup
	failed := make(chan error, connections)
	for i := range connections {
		all.Go(func() {
			for ctx.Err() == nil {
				done, more, err := n.round(ctx, n.ranges(i, connections))
				completed.Add(int64(done))
				if err != nil {
					failed <- err
				}
				if err != nil || !more {
					return
				}
			}
		})
	}
	all.Wait()
	select {
	case err := <-failed:
		return completed.Load(), err
	default:
		return completed.Load(), context.Cause(ctx)
	}
}

func (n *Node) now() int64 { return time.Now().UnixMilli() + n.offset }

// ranges lists what the part'th of so many scans reads.
func (n *Node) ranges(part, parts int) []store.Range {
	shards := []int{schema.SharedShard, schema.NodeShard(n.reg.NodeID)}
	for shard := range schema.Shards {
		shards = append(shards, shard)
	}
	var out []store.Range
	for i, shard := range shards {
		if i%parts == part {
			out = append(out, store.Range{Shard: shard, After: 1, Until: n.now()})
		}
	}
	return out
}

// round scans once and runs what it finds, and reports whether there may be more.
func (n *Node) round(ctx context.Context, ranges []store.Range) (completed int, more bool, err error) {
	due, err := n.store.Scan(ctx, ranges, n.place, store.Batch)
	if err != nil {
		return 0, false, err
	}
	for batch := range slices.Chunk(due, store.Batch) {
		done, refused, err := n.run(ctx, batch)
		completed, more = completed+done, more || done > 0 || refused
		if err != nil {
			return completed, false, err
		}
	}
	return completed, more, nil
}

// run claims a batch and completes what it got. Refused means that the database
// turned the claim down, and that the next scan finds it again.
func (n *Node) run(ctx context.Context, batch []*store.Due) (completed int, refused bool, err error) {
	claims := make(map[int64]store.Claim, len(batch))
	list := make([]store.Claim, 0, len(batch))
	for _, d := range batch {
		c, err := scan.Decide(d, n.now(), math.MaxInt64)
		if err != nil {
			return 0, false, err
		}
		claims[c.ID], list = c, append(list, c)
	}
	limits := store.Limits{Latest: n.now() + effect.Milliseconds(), Ahead: scan.Ahead.Milliseconds()}
	taken, err := n.store.Claim(ctx, n.reg.NodeID, list, limits)
	if err != nil {
		return 0, true, unless(store.Refused(err), err)
	}
	done := make([]store.Completion, len(taken))
	for i, id := range taken {
		c := claims[id]
		done[i] = store.Completion{Ref: store.Ref{ID: id, Nominal: c.Nominal, Attempt: c.Attempt}, Outcome: schema.Succeeded}
		if c.OneShot() {
			done[i].Origin = c.OriginID
		}
	}
	for len(done) > 0 {
		res, err := n.store.Complete(ctx, n.reg.NodeID, done)
		if err = unless(store.Refused(err), err); err != nil {
			return completed, false, err
		}
		completed += len(res.Written)
		if len(res.Written) == len(done) {
			break
		}
		done = slices.DeleteFunc(done, func(c store.Completion) bool {
			return slices.Contains(res.Written, c.Ref) || slices.Contains(res.Superseded, c.Ref)
		})
	}
	return completed, false, nil
}

func unless(ok bool, err error) error {
	if ok {
		return nil
	}
	return err
}
