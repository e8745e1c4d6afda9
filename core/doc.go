// Package core runs jobs. A worker binary registers handlers, opens its database
// with gorm and runs a node:
//
//	handlers := core.NewHandlers()
//	core.Handle(handlers, "invoice.send", func(ctx context.Context, fire *core.Fire, invoice Invoice) error { … })
//	node, err := core.New(db, core.Config{App: "billing", Handlers: handlers})
//	err = node.Run(ctx) // until ctx ends: drains, then leaves
//
// All nodes with the same App compete for the same executes; each fire is claimed
// by exactly one of them. Jobs and schedules are managed by package client, from
// any program that reaches the same database.
//
// # What a handler may rely on
//
//   - At most one claim is committed for each fire and attempt, whatever the
//     clocks of the nodes say.
//   - No run starts before its nominal time on the database's clock.
//   - Its context ends when its time is over, when a client cancels or suspends it,
//     when the node stops and the stop limit is over, and when the lease is lost;
//     [context.Cause] says which: [ErrTimeout], [ErrCancelled], [ErrSuspended],
//     [ErrStopped], [ErrLeaseLost]. A handler that is cut off should return
//     context.Cause(ctx): nil means that all is done, and records SUCCEEDED, also after
//     a cancel, a suspension or a stop.
//   - A run that a stop cuts off goes on as its next attempt on another node, at once,
//     if its execute allows a retry or a recovery; else it is FAILED. What was claimed
//     and had not begun goes on elsewhere in any case.
//   - A fire whose node died is recorded as LOST and not run again, unless its execute
//     is marked for recovery: then it runs again, as its next attempt.
//     [Fire.NominalTime], [Fire.Attempt] and [Fire.Fence] let a handler make its
//     own effects idempotent, [Fire.Checkpoint] and [Fire.Resume] go on from where an
//     earlier attempt was.
//   - An error fails the fire; whether it is tried again is for its execute's policy to
//     say, unless the error does: [NoRetry], [RetryAfter].
//
// # Life of a node
//
//	New ----> Start ----> registering ----> running ----> draining ----> stopped
//	                          ^                |
//	                          +--- lease lost -+   runs cancelled, a new node id
//
// Running, a node may be drained by an operator, until it is told to rejoin: then
// it claims nothing and goes on with what it has. It claims nothing either while
// it or its app is paused, while the app is in maintenance, and while its clock is
// further from the database's than [Config.MaxSkew].
//
// Meanwhile it sends a heartbeat, scans for due executes, claims and runs
// them, writes their outcomes, and takes its turn as ClusterMisfireHandler.
//
// [Config.Listener] wakes it when a client has made something due, so that this need
// not wait for the next scan.
//
// One live node is master: the one that an operator prefers, or else the oldest
// ([Config.Elector], [Config.NeverMaster]). Executes may be bound to it, to all
// nodes, or to some by key or label; that is said where they are added.
//
// A fire goes through
//
//	due --claim--> in flight --run--> SUCCEEDED, FAILED, TIMED_OUT or CANCELLED
//	 |              ^     |
//	 |              |     +--retry, recovery, stop, suspension--> waits in a child
//	 |              +------------------------claim: attempt + 1-----+
//	 |                    |
//	 |                    +--node gone, not to be recovered--> LOST
//	 +--overlap, deadline, misfire--> run or skipped by the execute's policies
//
// An execute keeps its last fires in its row ([Config.RecentFires]), where clients see
// them. Everything that happens is told to [Config.Observer]; see package observe. Package
// core/alert tells a listener of what goes wrong, core/health answers probes.
package core
