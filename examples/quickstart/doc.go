// Quickstart shows a cluster at work, in about 15 seconds and with nothing to
// set up:
//
//	go run ./examples/quickstart
//	go run ./examples/quickstart -dsn postgres://user:pw@localhost/db
//
// The program starts itself three times, as the nodes of an app, and is their
// back office: it adds jobs with cron, interval and one-shot executes through
// package client, then prints who runs what and when. In the middle of a long
// run it kills that run's node outright. The others take over its executes, and
// the run that was cut off is recorded as LOST.
//
//	back office (client) ---- four tables ---- node-1, node-2, node-3 (core)
//	         ^                                      |
//	         +------- ledger: JSON lines -----------+
//
// At the end it compares three accounts that know nothing of each other: the
// instants that the schedules have, the ledger that the nodes wrote while they
// ran, and the counts in the tables. It exits with 1 if a fire ran twice or is
// not accounted for.
//
// Read it in this order: handlers.go is what a worker runs, node.go is a worker,
// office.go is a back office, account.go is what they must amount to. The rest
// prints, and examples/internal/stage starts the processes and keeps the ledger,
// by a middleware and an observer.
package main
