// Package checker holds the ledger of a test against the four tables and says
// what the scheduler did wrong, if anything.
//
// What had to happen is computed from what the client was told and from nothing
// that the engine says. An execute that was added and edited twice had three
// schedules; each was in force from the next fire that the client was told of up
// to the edit after it:
//
//	 added                 edited                    edited              end
//	   │                     │                         │                  │
//	   ├─ instants of the 1st ┤                        │                  │
//	   │                      ├─ instants of the 2nd ──┤                  │
//	   │                                               ├─ … of the 3rd ───┤
//
//	an edit's boundary:   later than the newest instant claimed, and later than
//	                      the database's now from which the edit was computed
//	the end's boundary:   NEXT_FIRE_TIME, or none if nothing is left
//
// Every instant before its boundary must have been run, or be among SKIP_COUNT
// or LOST_COUNT; and nothing else may have run. Schedules are computed by
// package schedule, whose own tests hold it against an independent oracle.
package checker
