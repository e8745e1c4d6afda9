package misfire

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/quartz-cluster/quartz/core/internal/store"
	"github.com/quartz-cluster/quartz/core/observe"
	"github.com/quartz-cluster/quartz/schema"
	"github.com/quartz-cluster/quartz/schema/schedule"
)

const (
	// counted bounds how many passed instants of one execute a pass looks at.
	counted = 10_000
	// hindsight is how many milliseconds an execute that runs on all nodes lags
	// behind: a node that registers is seen by others only a moment after the
	// database has noted when it did.
	hindsight = 10_000
)

// copies keeps, for each execute that runs on all nodes, one copy per live node
// that has a handler for it. A copy begins with the first instant since its node
// registered.
//
// The execute itself fires nothing. Its NEXT_FIRE_TIME is an instant before which
// no copy has to begin any more, and nobody moves it but this step, once all live
// nodes have their copies. So an instant that came before there was a copy, be it
// of a new execute or of a new node, is not passed by.
func (h *Handler) copies(ctx context.Context, v view) error {
	if v.OnAll {
		if err := h.spreadAll(ctx, v.Cluster); err != nil {
			return err
		}
	}
	if v.Children || v.OnAll {
		return h.evict(ctx, v.Cluster)
	}
	return nil
}

func (h *Handler) spreadAll(ctx context.Context, c store.Cluster) error {
	for range rounds {
		origins, err := h.cfg.Store.OnAll(ctx, h.onAll, slice)
		if err != nil || len(origins) == 0 {
			h.onAll = 0
			return err
		}
		ids := make([]int64, len(origins))
		for i, o := range origins {
			ids[i] = o.ID
		}
		copies, err := h.cfg.Store.Copies(ctx, ids)
		if err != nil {
			return err
		}
		for _, o := range origins {
			h.onAll = o.ID
			mine := slices.DeleteFunc(slices.Clone(copies), func(k store.Copy) bool { return k.Origin != o.ID })
			err := h.spread(ctx, c.Now, hosts(c, o.Class), o.Execute, mine)
			if err := h.passBy(ctx, err, about("keep copies", o.Execute)); err != nil {
				return err
			}
		}
		if len(origins) < slice {
			h.onAll = 0
			return nil
		}
	}
	return nil
}

// hosts returns the live nodes that have a handler for the class, oldest first.
func hosts(c store.Cluster, class string) []store.Peer {
	return slices.DeleteFunc(slices.Clone(c.Peers), func(p store.Peer) bool { return !slices.Contains(classesOf(p), class) })
}

// spread adds the copies that are missing, lets the others follow, and then moves
// their origin on.
func (h *Handler) spread(ctx context.Context, now int64, nodes []store.Peer, o schema.Execute, copies []store.Copy) error {
	if len(nodes) == 0 || o.NextFireTime == 0 {
		return nil // what is due and nobody can run is said by another step
	}
	s, err := parse(o)
	if err != nil {
		return h.fault(ctx, o, err)
	}
	known := o.HighTime
	for _, k := range copies {
		known = max(known, k.High)
	}
	var missing []schema.Execute
	for i, p := range nodes {
		since := p.TimeStart
		if since > now { // it was here before the clock went back: what came lately is its, too
			since = now - hindsight
		}
		if i == 0 { // what came due before any node was there is the oldest one's
			since = min(since, known+1)
		}
		at := slices.IndexFunc(copies, func(k store.Copy) bool { return k.NodeID == p.NodeID })
		if at < 0 {
			if next := first(s, o, since); next != 0 {
				missing = append(missing, copyOf(o, p.NodeID, next))
			}
			continue
		}
		followed, err := h.follow(ctx, s, o, copies[at], since)
		if err != nil || !followed {
			return err // held: the instants that it is to know of are still ahead of its origin
		}
	}
	to := past(s, o, now-hindsight)
	if len(missing) == 0 && to.Last == 0 {
		return nil
	}
	done, err := h.cfg.Store.Spread(ctx, o, missing, to)
	if done && len(missing) > 0 {
		h.cfg.Changed()
	}
	return err
}

// first returns the first instant of an origin for a copy that begins since
// epoch milliseconds; 0 for none.
func first(s *schedule.Schedule, o schema.Execute, since int64) int64 {
	if o.NextFireTime == 0 || o.NextFireTime >= since {
		return o.NextFireTime
	}
	next, _ := s.Next(since - 1)
	return next
}

// past returns how an origin moves on: behind the instants up to now, or not.
func past(s *schedule.Schedule, o schema.Execute, now int64) store.Span {
	if o.NextFireTime > now {
		return store.Span{}
	}
	m := s.Missed(o.NextFireTime, now, counted)
	return store.Span{Last: max(m.Newest, o.HighTime), Next: m.Next}
}

// follow lets a copy follow its origin's edits and reports whether it does.
func (h *Handler) follow(ctx context.Context, s *schedule.Schedule, o schema.Execute, c store.Copy, since int64) (bool, error) {
	rescheduled := !c.SameSchedule(o)
	if c.Version == o.Version && !rescheduled {
		return true, nil
	}
	next, state := c.Next, c.State
	if rescheduled || next == 0 && c.FireTime == 0 {
		next = first(s, o, max(since, c.High+1))
	}
	switch {
	case next != 0:
		state = schema.Executing
	case c.FireTime == 0:
		state = schema.Complete
	}
	done, err := h.cfg.Store.Follow(ctx, c, o, next, state)
	if done {
		h.cfg.Changed()
	}
	return done, err
}

// copyOf is the copy of an execute for a node. A fire of it is not recovered
// elsewhere: the other nodes have their own.
func copyOf(o schema.Execute, nodeID, next int64) schema.Execute {
	return schema.Execute{
		ID: schema.NewID(), PID: o.PID, Application: o.Application, Shard: schema.NodeShard(nodeID), State: schema.Executing,
		JobType: o.JobType, Cron: o.Cron, ZoneID: o.ZoneID, RepeatCount: o.RepeatCount, RepeatInterval: o.RepeatInterval,
		StartTime: o.StartTime, EndTime: o.EndTime, NextFireTime: next, PrevFireTime: -1,
		HostIP: o.HostIP, HostName: o.HostName, Version: o.Version, UpdateTime: o.UpdateTime, UpdatedBy: o.UpdatedBy,
		Data: o.Data, Misfire: o.Misfire, CatchUp: o.CatchUp, Overlap: o.Overlap, OverlapMax: o.OverlapMax, Priority: o.Priority,
		Deadline: o.Deadline, Timeout: o.Timeout, RetryMax: o.RetryMax, RetryDelay: o.RetryDelay, RetryCap: o.RetryCap,
		PauseAfter: o.PauseAfter, Trace: o.Trace,
		RunOn: schema.RunOnNode, Targets: strconv.FormatInt(nodeID, 10),
		Origin: schema.ChildAll, OriginID: o.ID, ChildKey: schema.ChildKey(o.ID, schema.ChildAll, nodeID),
	}
}

// evict removes the children that were for nodes that are gone, copies whose origin
// does not run on all any more, and what lost its origin. What such a child has in
// flight is first accounted for by the sweep.
func (h *Handler) evict(ctx context.Context, c store.Cluster) error {
	live := make([]int64, len(c.Peers))
	for i, p := range c.Peers {
		live[i] = p.NodeID
	}
	if len(live) == 0 {
		return nil // the application's row is gone: whom it had is not known
	}
	var origin, id int64
	for range rounds {
		homeless, err := h.cfg.Store.Homeless(ctx, live, origin, id, slice)
		if err != nil {
			return err
		}
		for _, k := range homeless {
			origin, id = k.Origin, k.ID
			removed, err := h.cfg.Store.Remove(ctx, k, fmt.Sprintf("node %d is gone: only it could run this fire", k.NodeID))
			if err := h.passBy(ctx, err, observe.Event{Reason: "remove a child", JobID: k.JobID, ExecuteID: k.Of}); err != nil {
				return err
			}
			reason := fmt.Sprintf("node id %d is gone", k.NodeID)
			if k.Stray {
				reason = "its execute was deleted"
			}
			if removed && k.Kind != schema.ChildAll {
				h.cfg.Tell(observe.Event{
					Kind: observe.Lost, JobID: k.JobID, Job: k.Job, Class: k.Class, ExecuteID: k.Of,
					Nominal: time.UnixMilli(k.Start).UTC(), Attempt: k.Attempt, Reason: reason, Trace: k.Trace, Link: k.Link,
				})
			}
		}
		if len(homeless) < slice {
			return nil
		}
	}
	return nil
}
