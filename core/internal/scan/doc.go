// Package scan finds the executes that are due, claims them and hands the fires
// to the node's slots. One loop does it, a little ahead of the time:
//
//	      +-----------------------------------------------------------------+
//	      v                                                                 |
//	[wait: tick, upcoming fire, free slot, completion, hint] --> scan --> decide --> claim --> slots
//	                                                                        |
//	                                                           answer lost: read back,
//	                                                           beside the loop --> slots
//
// A claim comes at most Ahead before its instant, on the database's clock; the
// run waits for the instant. Nothing is claimed without a free slot, without a
// handler for its class, or while the lease is in doubt.
//
// # Claims in doubt
//
// A claim whose answer is lost may have taken effect, or may do so yet: it names the
// latest time at which it may. What became of it is asked for beside the loop. That it
// took effect is seen at once; that it did not, once its time is over and nobody holds
// the row. Until then the execute is left alone and a slot is kept for the fire: the same
// claim made again would be taken for the first one, and the fire run twice.
//
// # Shards
//
// The executes of an application are divided into shards and those among its
// nodes, so that nodes do not meet on the same rows. A node serves its own shards
// and its part of those whose owner is full or cannot run all that this node can.
// Besides, so that no row depends on one owner, it takes of any shard what is
// overdue by half a scan interval, a few at first and twice as many while it meets
// nobody; but not while it has a backlog of its own, and not for an interval after it
// found somebody at work there: when much is overdue, all nodes are busy with their
// own. A client's hint wakes those that serve the shards it is for.
//
// # Under load
//
// A look reads up to eight batches, whichever shards the node serves, and claims two
// at a time, reading on meanwhile, where the pool has room for that. Its first page is
// small, as nothing is claimed until it is read. Beside a backlog, half of the free
// slots are for what came due since the last look, so that it does not wait behind what
// is late already.
package scan
