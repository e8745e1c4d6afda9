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
// The lease counts from the moment at which the last answered heartbeat was
// sent, on the node's monotonic clock: the database, and so every peer, counts
// from a later moment. The node therefore stops before anybody may take over.
package member
