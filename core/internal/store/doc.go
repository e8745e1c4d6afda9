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
//	claim        VERSION, STATE, NEXT_FIRE_TIME, NEXT_FIRE_TIME > HIGH_TIME, the schedule,
//	             no fire in flight, the node's live registration, app and job enabled,
//	             and the latest database time at which it may take effect
//	completion   FIRE_NODE, FIRE_TIME, FIRE_ATTEMPT
//	heartbeat    NODE_ID
//	removal      NODE_ID, BEAT
//
// Nothing here waits for a row: what somebody else holds is left out and found
// again by the next round.
//
// # Two ways to claim
//
// PostgreSQL takes a batch in one statement: a materialised common table
// expression locks what is free, the UPDATE around it changes just that. The
// other databases cannot skip locked rows in an UPDATE, so there a short
// transaction locks what is free first. The guards are the same.
package store
