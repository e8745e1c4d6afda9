// Package store holds every statement of the engine: registration and
// heartbeat, scan, claim, completion, and what the ClusterMisfireHandler reads
// and writes. The loops above it contain no SQL.
//
// # Guards
//
// Every UPDATE names the values that it was computed from and counts the rows
// it touched, so that no statement overwrites what a client, an operator or
// another node wrote in between.
//
//	statement    names
//	claim        VERSION, STATE, NEXT_FIRE_TIME, NEXT_FIRE_TIME > HIGH_TIME, FIRE_ATTEMPT, the
//	             schedule, no fire in flight, the node's live registration, app and job
//	             enabled, the master and its epoch where only the master may, no fire or
//	             child in the way, and the latest database time at which it may take effect
//	completion   FIRE_NODE, FIRE_TIME, FIRE_ATTEMPT
//	heartbeat    NODE_ID
//	removal      NODE_ID, BEAT
//	election     MASTER, MASTER_EPOCH, and that the elected registration lives and may be master
//	answer       NODE_ID, COMMAND
//	copies       VERSION, STATE, RUN_ON and NEXT_FIRE_TIME of their origin
//
// Nothing here waits for a row: what somebody else holds is left out and found
// again by the next round.
//
// # Children
//
// A row records one fire in flight. What has to run beside the schedule is moved into
// a row of its own, a child, in one short transaction that locks the origin first:
//
//	RETRY, RECOVERY   the fire is not over: it waits for its next attempt
//	OVERLAP           the fire runs on, but the next instant is due
//	RUN_NOW           a client asked for it
//	ALL               the copy for one live node of what runs on all
//
// START_TIME of a child is the nominal time of its fire, NEXT_FIRE_TIME when it may be
// claimed. All but ALL are deleted with the end of their fire, and its outcome is
// written to their origin. CHILD_KEY makes each at most once. See end for the four
// ways in which a fire leaves its row.
//
// # Two ways to claim
//
// PostgreSQL takes a batch in one statement: a materialised common table
// expression locks what is free, the UPDATE around it changes just that. The
// other databases cannot skip locked rows in an UPDATE, so there a short
// transaction locks what is free first. The guards are the same.
package store
