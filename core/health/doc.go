// Package health answers the probes of an orchestrator about the nodes of a process.
//
//	h, err := health.New(health.Config{}, node)
//	mux.Handle("GET /livez", h.Live())
//	mux.Handle("GET /readyz", h.Ready())
//
// Both answer with JSON that says all that is wrong, and with 200 or 503:
//
//	{"ok":false,"nodes":[{"app":"billing","node":"worker-1","state":"running","ok":false,
//	  "problems":[{"code":"database_away","text":"…","since":"…"}]}]}
//
// /livez fails only where a restart of the process would help: where a node's life has
// ended with an error, and where its heartbeat or its scan stands still without one, as
// when a driver never returns. A node whose database is away tries again by itself, and one
// that somebody has paused, drained or stopped is as it should be.
//
// /readyz says whether every node claims what is due.
//
// # The problems
//
//	code             live  ready  what it means
//	not_started      ok    503    Start was not called
//	not_registered   ok    503    it is registering for the first time
//	lease_lost       ok    503    it is registering again
//	database_away    ok    503    the database takes no heartbeat
//	scan_failing     ok    503    for 10 s each look for what is due has failed
//	clock_skewed     ok    503    its clock is further from the database's than MaxSkew
//	standby          ok    503    workers of the Java edition drive the app
//	paused           ok    503*   the node is paused by an operator
//	drained          ok    503*   the node is drained by an operator
//	app_paused       ok    503*   the app is paused
//	maintenance      ok    503*   the app is in maintenance
//	draining         ok    503    it stops
//	stopped          ok    503    it has stopped in good order
//	failed           503   503    it has stopped, and Run has returned an error
//	stalled          503   503    its heartbeat or its scan stands still
//
// (*) 200 with [Config.HeldIsReady].
//
// An answer is what the nodes know without asking: it costs no statement, takes
// microseconds, and is as large as a process has nodes, each with a handful of problems at most.
// It tells names of apps and nodes and texts of errors: serve it where your own machines
// ask, not the world.
package health
