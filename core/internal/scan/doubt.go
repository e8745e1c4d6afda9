package scan

import (
	"context"
	"errors"
	"slices"

	"github.com/quartz-cluster/quartz/core/internal/store"
	"github.com/quartz-cluster/quartz/core/observe"
	"github.com/quartz-cluster/quartz/internal/wait"
)

var errUnsettled = errors.New("what became of a claim is unknown, and the registration is over")

// doubt has it found out what became of claims whose answer was lost, while the loop goes
// on. Until it is known, slots are kept for their fires, and their executes are left
// alone: what was not claimed then and is now would be taken for the answer, and run twice.
func (l *Loop) doubt(ctx context.Context, batch []store.Claim, latest int64) {
	fires := slices.DeleteFunc(slices.Clone(batch), func(c store.Claim) bool { return c.Nominal == 0 })
	if len(fires) == 0 { // what moves on without a fire can be claimed again, with the next look
		return
	}
	l.mu.Lock()
	for i := range fires {
		l.doubts[fires[i].ID] = true
	}
	l.mu.Unlock()
	l.settling.Go(func() { l.settle(ctx, fires, latest) })
}

// settle asks until each claim is answered, and starts those that took effect.
func (l *Loop) settle(ctx context.Context, open []store.Claim, latest int64) {
	asked, taken := len(open), 0
	for len(open) > 0 {
		if !l.cfg.Valid() || !wait.For(ctx, l.cfg.Interval/4) {
			// The registration ends here: what was claimed under it is found by
			// the sweep for fires of nodes that are gone.
			l.trouble(ctx, errors.Join(errUnsettled, context.Cause(ctx)))
			break
		}
		answers, err := l.cfg.Store.ReadBack(ctx, l.cfg.NodeID, open, latest)
		if err != nil { // the loop meets it, too, and tells
			continue
		}
		open = slices.DeleteFunc(open, func(c store.Claim) bool {
			took, known := answers[c.ID]
			if took {
				taken++
				l.report(c)
				l.cfg.Start(c)
			}
			if known {
				l.known(c)
			}
			return known
		})
	}
	for _, c := range open {
		l.known(c)
	}
	l.cfg.Tell(observe.Event{Kind: observe.ClaimBatch, Count: int64(taken), Of: int64(asked)})
	l.Wake()
}

// known ends the doubt about a claim.
func (l *Loop) known(c store.Claim) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.doubts, c.ID)
}

// doubted returns whether a claim of an execute is in doubt.
func (l *Loop) doubted(id int64) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.doubts[id]
}

// free returns how many slots are neither filled nor kept for claims in doubt.
func (l *Loop) free() int {
	free := l.cfg.Free()
	l.mu.Lock()
	defer l.mu.Unlock()
	return max(free-len(l.doubts), 0)
}
