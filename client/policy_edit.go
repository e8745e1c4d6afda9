package client

import (
	"time"

	"github.com/quartz-cluster/quartz/schema"
)

type policyEdit func(p *Policies)

func (e policyEdit) editExecute(p *plan) error { e(&p.policies); return nil }

// SetMisfire changes the misfire policy, and how many missed instants FIRE_ALL
// runs at most; 0 is 1,000.
func SetMisfire(policy schema.Misfire, catchUp int) ExecuteEdit {
	return policyEdit(func(p *Policies) { p.Misfire, p.CatchUp = policy, catchUp })
}

// SetDeadline changes how late a fire may start; 0 is however late.
func SetDeadline(d time.Duration) ExecuteEdit {
	return policyEdit(func(p *Policies) { p.Deadline = d })
}

// SetOverlap changes the overlap policy, and how many fires ALLOW lets run at a
// time; 0 is no limit.
func SetOverlap(policy schema.Overlap, most int) ExecuteEdit {
	return policyEdit(func(p *Policies) { p.Overlap, p.OverlapMax = policy, most })
}

// SetTimeout changes the longest run, of fires that are claimed afterwards; 0 is
// no limit.
func SetTimeout(d time.Duration) ExecuteEdit {
	return policyEdit(func(p *Policies) { p.Timeout = d })
}

// SetPriority changes the priority.
func SetPriority(n int) ExecuteEdit { return policyEdit(func(p *Policies) { p.Priority = n }) }

// SetRetry changes how often a failed fire is tried again, and the delay before
// the first retry and at most before a later one, by the rules of [Policies].
func SetRetry(n int, delay, limit time.Duration) ExecuteEdit {
	return policyEdit(func(p *Policies) { p.RetryMax, p.RetryDelay, p.RetryCap = n, delay, limit })
}

// SetPauseAfter changes how many failed fires in a row put the execute into
// ERROR; 0 is none.
func SetPauseAfter(k int) ExecuteEdit { return policyEdit(func(p *Policies) { p.PauseAfter = k }) }

// SetRecover changes how often a fire is run again after its node was lost.
func SetRecover(n int) ExecuteEdit { return policyEdit(func(p *Policies) { p.Recover = n }) }

// SetRunOn changes which nodes run the execute: "" is what the app's mode says,
// and targets, the keys or labels of nodes, belong to SOME.
//
// Fires that were claimed before run where they are, except that an execute
// that no longer runs on all nodes loses its copies for them at once, with what
// waits below them: what runs of those runs to its end, and its outcome is
// recorded nowhere.
func SetRunOn(on schema.RunOn, targets ...string) ExecuteEdit {
	return policyEdit(func(p *Policies) { p.RunOn, p.Targets = on, targets })
}

// SetPolicies changes all policies: what is zero takes its default.
func SetPolicies(to Policies) ExecuteEdit {
	return policyEdit(func(p *Policies) { *p = to.withDefaults() })
}
