// Package coretest helps users of core to test their handlers and schedules.
//
// [Run] runs a handler with a made-up fire and no database at all. [Open] makes
// a cluster on SQLite in memory whose clock is the test's own: inside a bubble of
// testing/synctest, time stands still until every node waits, so that an hour of a
// schedule takes about a second, less with slower loops ([core.Config.Heartbeat]
// and the other intervals), and never depends on the machine:
//
//	synctest.Test(t, func(t *testing.T) {
//		cluster := coretest.Open(t)
//		cluster.Start(core.Config{App: "billing", Handlers: handlers})
//		… add a job through client.New(cluster.DB) …
//		cluster.Advance(time.Hour)
//		… look at what ran …
//	})
package coretest
