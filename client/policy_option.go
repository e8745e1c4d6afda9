package client

import (
	"time"

	"github.com/quartz-cluster/quartz/schema"
)

// OnMisfire sets the misfire policy.
func OnMisfire(policy schema.Misfire) ExecuteOption {
	return func(e *Execute) { e.Misfire = policy }
}

// CatchUp runs all missed instants, the newest n of them if there are more.
func CatchUp(n int) ExecuteOption {
	return func(e *Execute) { e.Misfire, e.CatchUp = schema.FireAll, n }
}

// Deadline counts a fire as skipped that could not start within d of its time.
func Deadline(d time.Duration) ExecuteOption { return func(e *Execute) { e.Deadline = d } }

// OnOverlap sets the overlap policy. To bound ALLOW, use [AtMost].
func OnOverlap(policy schema.Overlap) ExecuteOption {
	return func(e *Execute) { e.Overlap = policy }
}

// AtMost lets up to n fires of the execute run at a time.
func AtMost(n int) ExecuteOption {
	return func(e *Execute) { e.Overlap, e.OverlapMax = schema.Allow, n }
}

// Timeout ends what runs longer than d.
func Timeout(d time.Duration) ExecuteOption { return func(e *Execute) { e.Timeout = d } }

// Priority lets executes of a higher n go first when there is more due than
// room.
func Priority(n int) ExecuteOption { return func(e *Execute) { e.Priority = n } }

// Retry runs a fire that failed up to n more times: the first time after delay,
// and each further time after twice as long, each up to a fifth less. To bound that,
// add [RetryCap].
func Retry(n int, delay time.Duration) ExecuteOption {
	return func(e *Execute) { e.RetryMax, e.RetryDelay = n, delay }
}

// RetryCap bounds the time before a retry.
func RetryCap(d time.Duration) ExecuteOption { return func(e *Execute) { e.RetryCap = d } }

// PauseAfter stops the execute after k failed fires in a row: its state is ERROR.
func PauseAfter(k int) ExecuteOption { return func(e *Execute) { e.PauseAfter = k } }

// Recover runs a fire again whose node was lost, as often as is usual:
// schema.DefaultRecoveries times at most. For another number, use
// [RecoverTimes].
func Recover() ExecuteOption { return RecoverTimes(schema.DefaultRecoveries) }

// RecoverTimes runs a fire again whose node was lost, n times at most.
func RecoverTimes(n int) ExecuteOption { return func(e *Execute) { e.Recover = n } }

// OnAnyNode runs each fire on one node, whichever, also where the app's mode is
// MASTER_ONLY.
func OnAnyNode() ExecuteOption { return runOn(schema.RunOnAny) }

// OnMaster runs each fire on the app's master.
func OnMaster() ExecuteOption { return runOn(schema.RunOnMaster) }

// OnAllNodes runs each fire on every live node. What a node that stops has not begun
// ends there as CANCELLED, what it breaks off as FAILED without a retry: no other
// node goes on with it, as each has its own.
func OnAllNodes() ExecuteOption { return runOn(schema.RunOnAll) }

// OnNodes runs each fire on one of the nodes that have one of the targets as
// their key or as a label. Processes that share a key, as key and key#2, all have it.
func OnNodes(targets ...string) ExecuteOption { return runOn(schema.RunOnSome, targets...) }

func runOn(on schema.RunOn, targets ...string) ExecuteOption {
	return func(e *Execute) { e.RunOn, e.Targets = on, targets }
}
