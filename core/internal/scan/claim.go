package scan

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/quartz-cluster/quartz/core/internal/store"
	"github.com/quartz-cluster/quartz/core/observe"
	"github.com/quartz-cluster/quartz/schema"
)

// claim decides about each execute and sends the claims in batches, until all slots
// are filled. What it has sent is not answered yet, unless it is as much as there are
// slots.
func (l *Loop) claim(ctx context.Context, out *sender, due []*store.Due, now int64) {
	urgent := func(d *store.Due) bool { return d.Priority != due[0].Priority }
	if len(due) > out.room() && slices.ContainsFunc(due, urgent) { // there is not room for all
		slices.SortStableFunc(due, func(a, b *store.Due) int { return b.Priority - a.Priority })
	}
	l.mu.Lock()
	place := l.place
	l.mu.Unlock()
	l.held = false
	// What only the master may run is claimed apart: its claims name the master.
	var plain, masters []store.Claim
	flush := func() {
		out.send(plain, 0)
		out.send(masters, place.epoch)
		plain, masters = nil, nil
	}
	for _, d := range due {
		if out.filled == out.free || out.err != nil {
			break
		}
		master := place.needsMaster(d)
		if d.Occupied || l.doubted(d.ID) || !place.runs(d) || master && place.epoch == 0 || d.InFlight() && !l.spill(ctx, out, d, now) {
			continue
		}
		if !place.owns(d.Shard) {
			if out.trust == 0 {
				l.held = true
				continue
			}
			out.trust--
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
		full := out.room() == size
		if full || size == store.Batch {
			flush()
		}
		if full {
			out.wait()
		}
	}
	flush()
}

// spill makes way for the next instant of an execute of which an earlier one still
// runs, once that next instant has come. What is over, as this node knows or as
// another will have written in a moment, makes way by itself.
func (l *Loop) spill(ctx context.Context, out *sender, d *store.Due, now int64) bool {
	if d.Next > now {
		l.Expect(d.Next + (Ahead / 2).Milliseconds())
		return false
	}
	soon := now-d.Next < writing.Milliseconds()
	over := soon
	if d.FireNode == l.cfg.NodeID {
		over, soon = l.cfg.Over(store.Ref{ID: d.ID, Nominal: d.FireTime, Attempt: d.Attempt})
	}
	if soon {
		l.Expect(now + (Ahead/2 + crowded).Milliseconds())
	}
	if over {
		return false
	}
	done, err := l.cfg.Store.Spill(ctx, d)
	switch {
	case err == nil:
	case store.Refused(err), store.Rejected(err) && l.rejects(d):
		l.trouble(ctx, err)
	case store.Rejected(err):
	default: // nor would the next one be heard
		out.err = err
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
		l.doubt(ctx, batch, limits.Latest)
		return 0, false, err
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
		if e := event(&batch[0]); l.rejects(batch[0].Due) {
			e.Kind, e.Reason, e.Err = observe.Trouble, "claim", cause
			l.cfg.Tell(e)
		}
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

// offer is what an execute is claimed by; while it stays as it is, so does the answer.
type offer struct{ version, next int64 }

// maxRejected bounds how many executes are remembered so: beyond it they are told of anew.
const maxRejected = 10_000

// rejects notes that the database will not take what is claimed of an execute, and
// reports whether that is new: it is tried again with every look.
func (l *Loop) rejects(d *store.Due) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := offer{d.Version, d.Next}
	was, known := l.rejected[d.ID]
	if !known && len(l.rejected) == maxRejected {
		clear(l.rejected)
	}
	l.rejected[d.ID] = now
	return now != was
}

// report says what a claim that took effect means for the schedule.
func (l *Loop) report(c store.Claim) {
	e := event(&c)
	tell := func(kind observe.Kind, n int64, reason string) {
		if n > 0 {
			e.Kind, e.Count, e.Reason = kind, n, reason
			l.cfg.Tell(e)
		}
	}
	tell(observe.Skipped, c.Skipped.Overlap, "overlap")
	tell(observe.Skipped, c.Skipped.Deadline, "deadline")
	tell(observe.Skipped, c.Skipped.Misfire, "misfire")
	e.Late = time.Duration(c.Late) * time.Millisecond
	tell(observe.Misfired, c.Missed, string(cmp.Or(c.Misfire, schema.FireOnce)))
	if c.Nominal != 0 {
		e := event(&c)
		e.Kind = observe.Claimed
		l.cfg.Tell(e)
	}
}

// fault takes an execute that cannot be scheduled out of the schedule.
func (l *Loop) fault(ctx context.Context, d *store.Due, cause error) {
	done, err := l.cfg.Store.Fault(ctx, *d, cause.Error())
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
	if ctx.Err() == nil || errors.Is(err, errUnsettled) {
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
