package core

import (
	"errors"
	"time"

	"github.com/quartz-cluster/quartz/core/internal/retry"
	"github.com/quartz-cluster/quartz/core/internal/store"
	"github.com/quartz-cluster/quartz/core/observe"
	"github.com/quartz-cluster/quartz/schema"
)

// conclusion is how a fire is settled.
type conclusion struct {
	kind    observe.Kind
	outcome schema.Outcome
	again   *store.Again // it is not over
	unsaid  bool         // whoever took the registration away accounts for it
	took    time.Duration
}

// retries reports whether it failed and is tried again: what was handed over or
// suspended goes on without having failed.
func (c *conclusion) retries() bool {
	return c.again != nil && c.kind != observe.HandedOver && c.kind != observe.Suspended
}

// conclude says how a fire is settled whose run returned err, or did not begin,
// and why its context had ended by then, if it had.
func (f *flight) conclude(began bool, err, cause error) conclusion {
	again := &store.Again{Kind: schema.ChildRecovery}
	bound := f.claim.RunOn == schema.RunOnNode && f.term.ms.Retired() // nobody would go on with it
	switch {
	case err == nil:
		return conclusion{kind: observe.Finished, outcome: schema.Succeeded}
	case errors.Is(cause, ErrLeaseLost) && !began:
		return conclusion{kind: observe.Abandoned, unsaid: true}
	case errors.Is(cause, ErrLeaseLost):
		return conclusion{kind: observe.Failed, unsaid: true}
	case errors.Is(cause, ErrSuspended):
		return conclusion{kind: observe.Suspended, again: again}
	case errors.Is(cause, ErrCancelled):
		return conclusion{kind: observe.Cancelled, outcome: schema.Cancelled}
	case errors.Is(cause, ErrStopped) && bound && !began:
		return conclusion{kind: observe.Cancelled, outcome: schema.Cancelled}
	case errors.Is(cause, ErrStopped) && !bound && (!began || f.claim.Recover > 0 || f.claim.Retries > 0):
		// Nothing ran, or it may run again: the next node does, at once.
		return conclusion{kind: observe.HandedOver, again: again}
	}
	out := conclusion{kind: observe.Failed, outcome: schema.Failed}
	if errors.Is(cause, ErrTimeout) {
		out = conclusion{kind: observe.TimedOut, outcome: schema.TimedOut}
	}
	policy := retry.Policy{
		Max: f.claim.Retries, Delay: time.Duration(f.claim.RetryDelay) * time.Millisecond, Cap: time.Duration(f.claim.RetryCap) * time.Millisecond,
	}
	used := 0
	if f.claim.OneShot() {
		used = f.claim.Fails
	}
	if wait, ok := policy.Next(used, err); ok && !bound {
		out.again = &store.Again{Kind: schema.ChildRetry, Delay: wait.Milliseconds(), Fails: 1}
	}
	return out
}
