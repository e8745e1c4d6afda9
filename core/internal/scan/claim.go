package scan

import (
	"context"
	"slices"
	"time"

	"github.com/quartz-cluster/quartz/core/internal/store"
	"github.com/quartz-cluster/quartz/core/observe"
)

// claim decides about each execute, claims in batches and starts what it got.
// It returns how many slots it filled.
func (l *Loop) claim(ctx context.Context, due []store.Due, now int64, free int) (int, error) {
	urgent := func(d store.Due) bool { return d.Priority != due[0].Priority }
	if len(due) > free && slices.ContainsFunc(due, urgent) { // there is not room for all
		slices.SortStableFunc(due, func(a, b store.Due) int { return b.Priority - a.Priority })
	}
	l.mu.Lock()
	place := l.place
	l.mu.Unlock()
	strange := 0
	l.held = false
	out := l.newSender(ctx)
	// What only the master may run is claimed apart: its claims name the master.
	var plain, masters []store.Claim
	flush := func() {
		out.send(plain, 0)
		out.send(masters, place.epoch)
		plain, masters = nil, nil
	}
	for _, d := range due {
		if out.filled == free || out.err != nil {
			break
		}
		master := place.needsMaster(&d)
		if d.Occupied || !place.runs(&d) || master && place.epoch == 0 || d.InFlight() && !l.spill(ctx, &d, now) {
			continue
		}
		if !place.owns(d.Shard) {
			if strange == l.trust {
				l.held = true
				continue
			}
			strange++
		}
		c, err := Decide(d, now, l.cfg.Threshold.Milliseconds())
		switch {
		case err != nil:
			l.fault(ctx, d, err)
			continue
		case master:
			masters = append(masters, c)
		default:
			plain = append(plain, c)
		}
		// A batch that would fill the slots is sent, as others may win some of it
		// and leave room for what is due behind it.
		size := len(plain) + len(masters)
		full := out.filled+out.asked+size == free
		if full || size == store.Batch {
			flush()
		}
		if full {
			out.wait()
		}
	}
	flush()
	out.wait()
	return out.filled, out.err
}

// spill makes way for the next instant of an execute of which an earlier one still
// runs, once that next instant has come. What is over, as this node knows or as
// another will have written in a moment, makes way by itself.
func (l *Loop) spill(ctx context.Context, d *store.Due, now int64) bool {
	if d.Next > now {
		l.Expect(d.Next + (Ahead / 2).Milliseconds())
		return false
	}
	if d.FireNode == l.cfg.NodeID && l.cfg.Over(store.Ref{ID: d.ID, Nominal: d.FireTime, Attempt: d.Attempt}) ||
		d.FireNode != l.cfg.NodeID && now-d.Next < writing.Milliseconds() {
		l.Expect(now + (Ahead/2 + crowded).Milliseconds())
		return false
	}
	done, err := l.cfg.Store.Spill(ctx, *d)
	if err != nil {
		l.trouble(ctx, err)
	}
	if done {
		d.FireTime = 0
	}
	return done
}

// send claims one batch and starts its fires, of which it returns the number, and
// whether somebody was met in the shards of others.
func (l *Loop) send(ctx context.Context, batch []store.Claim, epoch int64) (started int, met bool, err error) {
	if err := l.nameOrigins(ctx, batch); err != nil {
		return 0, false, err
	}
	limits := store.Limits{Latest: l.cfg.Clock.Now() + effect.Milliseconds(), Ahead: Ahead.Milliseconds(), Epoch: epoch}
	taken, err := l.cfg.Store.Claim(ctx, l.cfg.NodeID, batch, limits)
	switch {
	case err != nil && store.Refused(err):
		l.Expect(l.cfg.Clock.Now() + (Ahead/2 + crowded).Milliseconds()) // somebody was in the way
		l.cfg.Tell(observe.Event{Kind: observe.Refused, Reason: "claim", Err: err})
		return 0, false, nil
	case err != nil && store.Rejected(err):
		return l.apart(ctx, batch, epoch, err)
	case err != nil:
		l.trouble(ctx, err)
		if taken, err = l.settle(ctx, batch, limits.Latest); err != nil {
			return 0, false, err
		}
	}
	l.cfg.Tell(observe.Event{Kind: observe.ClaimBatch, Count: int64(len(taken)), Of: int64(len(batch))})
	got := make(map[int64]bool, len(taken))
	for _, id := range taken {
		got[id] = true
	}
	for _, c := range batch {
		if got[c.ID] {
			l.report(c)
			switch {
			case c.Nominal != 0:
				started++
				l.cfg.Start(c)
			case c.NextFire != 0:
				l.Expect(c.NextFire)
			}
		} else {
			met = met || !l.owns(c.Shard)
		}
	}
	return started, met, nil
}

// nameOrigins fills in, for children, what their handlers know their execute by.
// It asks before the claim: what was claimed must start, also when the database
// goes away just then, and under no other id than its execute's.
func (l *Loop) nameOrigins(ctx context.Context, batch []store.Claim) error {
	var ids []int64
	for i := range batch {
		if c := &batch[i]; c.OriginID != 0 {
			ids = append(ids, c.OriginID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	names, err := l.cfg.Store.Origins(ctx, ids)
	if err != nil {
		return err
	}
	for i := range batch {
		if name, ok := names[batch[i].OriginID]; ok {
			batch[i].Of = name
		}
	}
	return nil
}

// apart claims the halves of a batch that was rejected, so that one bad row
// strands only itself.
func (l *Loop) apart(ctx context.Context, batch []store.Claim, epoch int64, cause error) (started int, met bool, err error) {
	if len(batch) == 1 {
		e := event(&batch[0])
		e.Kind, e.Reason, e.Err = observe.Trouble, "claim", cause
		l.cfg.Tell(e)
		return 0, false, nil
	}
	half := len(batch) / 2
	for _, part := range [][]store.Claim{batch[:half], batch[half:]} {
		n, in, err := l.send(ctx, part, epoch)
		started, met = started+n, met || in
		if err != nil {
			return started, met, err
		}
	}
	return started, met, nil
}

// settle finds out what became of claims whose outcome is unknown. It asks until
// it is told, and at the earliest when they can no longer take effect.
func (l *Loop) settle(ctx context.Context, batch []store.Claim, latest int64) ([]int64, error) {
	for {
		if now, err := l.cfg.Store.Now(ctx); err == nil && now > latest {
			taken, err := l.cfg.Store.ReadBack(ctx, l.cfg.NodeID, batch)
			if err == nil {
				return taken, nil
			}
		}
		if !l.cfg.Valid() || !sleep(ctx, l.cfg.Interval/4) {
			// The registration ends here: what was claimed under it is found by
			// the sweep for fires of nodes that are gone.
			return nil, context.Cause(ctx)
		}
	}
}

// report says what a claim that took effect means for the schedule.
func (l *Loop) report(c store.Claim) {
	e := event(&c)
	if c.Skipped > 0 {
		e.Kind, e.Count, e.Reason = observe.Skipped, c.Skipped, c.Why
		l.cfg.Tell(e)
	}
	late := time.Duration(l.cfg.Clock.Now()-c.Next) * time.Millisecond
	if !c.OneShot() && c.Next > c.High && late > l.cfg.Threshold && c.Why != "overlap" {
		e.Kind, e.Count, e.Late, e.Reason = observe.Misfired, c.Skipped, late, string(c.Misfire)
		if c.Nominal != 0 {
			e.Count++
		}
		l.cfg.Tell(e)
	}
	if c.Nominal != 0 {
		e := event(&c)
		e.Kind = observe.Claimed
		l.cfg.Tell(e)
	}
}

// fault takes an execute that cannot be scheduled out of the schedule.
func (l *Loop) fault(ctx context.Context, d store.Due, cause error) {
	done, err := l.cfg.Store.Fault(ctx, d, cause.Error())
	if err != nil {
		l.trouble(ctx, err)
	}
	if done {
		e := event(&store.Claim{Due: d})
		e.Kind, e.Err = observe.Faulted, cause
		l.cfg.Tell(e)
	}
}

func (l *Loop) trouble(ctx context.Context, err error) {
	if ctx.Err() == nil {
		l.cfg.Tell(observe.Event{Kind: store.Trouble(err), Reason: "scan", Err: err})
	}
}

func event(c *store.Claim) observe.Event {
	e := observe.Event{JobID: c.JobID, Job: c.JobName, Class: c.Class, ExecuteID: c.Execute().ID, Execute: c.Execute().Name}
	if c.Nominal != 0 {
		e.Nominal, e.Attempt = time.UnixMilli(c.Nominal).UTC(), c.Attempt
		e.Trace, e.Link = c.Traces()
	}
	return e
}
