// Package member owns a node's place in its application: registration,
// heartbeat and lease.
//
// A registration is named by a node id that the database hands out, new every
// time and greater than all before. The heartbeat renews it once a second; the
// lease lasts as long as the heartbeat is fresh. Whoever finds no row under its
// id has been removed, and whoever could not renew in time must expect to be:
// both end the registration, cancel its runs and register again under a new id.
//
//	          register                 0 rows, or no answer until lease - margin
//	outside ----------> registered -------------------------------------------> lost
//	   ^                    |                                                    |
//	   |                    | stop: deregister                                   |
//	   +--------------------+<---------------------------------------------------+
//	                                    register again, as a new node
//
// # Orders
//
// With its heartbeat a node reads what an operator has put into its row, does it,
// and answers there: PING; DRAIN, after which it claims nothing but stays, and REJOIN;
// STOP, which ends the node as its own process would. An order is answered once it
// holds: a drain when no claim is under way any more. A drain belongs to the process,
// not to the registration, and ends with it.
//
// Where the node does not learn whether its answer was written, it asks with the next
// heartbeat, and answers in the same words until it knows. If the registration ends
// before, a STOP is obeyed.
//
// In maintenance of the application nothing is claimed either, and the heartbeat
// tells the application's VERSION only once nothing is under way: no claim, no run,
// no outcome that is not written.
//
// # Lease
//
// The lease counts from the moment at which the last answered heartbeat was
// sent, on the node's monotonic clock: the database, and so every peer, counts
// from a later moment. The node therefore stops before anybody may take over.
package member
