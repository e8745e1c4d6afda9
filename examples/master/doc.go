// Master shows a job that only the master of an app runs, and what becomes of it
// when the master is killed, in about 20 seconds and with nothing to set up:
//
//	go run ./examples/master
//	go run ./examples/master -dsn postgres://user:pw@localhost/db
//
// The program starts itself three times, as the nodes of an app, and is their
// back office: it adds an execute that runs on the master (client.OnMaster) and,
// beside it, one that any node may run. In the middle of a run it kills the
// master outright. The others notice once its lease is over, elect the next
// oldest node, and that one goes on: it runs the fire that was cut off once more,
// and what came due while there was no master.
//
//	rates   node-1 node-1 node-1 X . . . . node-2 node-2 node-2
//	mails   node-3 node-1 node-2 node-3 node-2 node-3 node-2
//
// At the end it compares what the schedule has with the ledger that the nodes
// wrote while they ran and with the counts in the tables, and exits with 1 if a
// fire is missing or doubled, or if two nodes acted as master at a time.
package main
