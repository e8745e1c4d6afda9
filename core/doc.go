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
//   - Its context ends when the node stops, when its lease is lost and when the
//     stop limit is over; [context.Cause] says which: [ErrStopped], [ErrLeaseLost].
//   - A fire whose node died is recorded as LOST and not run again: at most once.
//     [Fire.NominalTime], [Fire.Attempt] and [Fire.Fence] let a handler make its
//     own effects idempotent.
//
// # Life of a node
//
//	New ----> Start ----> registering ----> running ----> draining ----> stopped
//	                          ^                |
//	                          +--- lease lost -+   runs cancelled, a new node id
//
//	Running, a node sends a heartbeat, scans for due executes, claims and runs
//	them, writes their outcomes, and takes its turn as ClusterMisfireHandler.
//
// A fire goes through
//
//	due --claim--> in flight --run--> SUCCEEDED or FAILED
//	 |                 |
//	 |                 +--node gone--> LOST
//	 +--late by more than the misfire threshold--> run or skipped by the execute's policy
//
// Everything that happens is told to [Config.Observer]; see package observe.
package core
