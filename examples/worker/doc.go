// Worker is the program to start from: it runs the jobs of an app until it is
// told to stop. Copy it, put your handlers in the place of these, and open your
// database with the one driver that it needs.
//
//	go run ./examples/worker -dsn postgres://user:pw@localhost/db -app billing
//
// What of core.Config is no Go value can be set in the environment too: QUARTZ_APP,
// QUARTZ_NODE_KEY, QUARTZ_SLOTS and so on. worker.yaml runs it on Kubernetes.
//
// The first SIGTERM or Ctrl-C drains: nothing more is claimed, runs have
// QUARTZ_STOP_TIMEOUT (25 s) to end, then 3 s after their contexts ended. A second
// one ends the contexts at once. Exit codes: 0 if nothing was left behind, 1 if
// something was or the worker could not work, 2 for a wrong configuration.
package main
