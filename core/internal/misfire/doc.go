// Package misfire is the ClusterMisfireHandler: the one loop that looks after
// an application as a whole. Every node runs it; each pass is won by one of
// them, by a guarded UPDATE of the application's TIME_NEXT.
//
//	every period, or when TIME_NEXT stands still or lies too far ahead
//	        |
//	        v            lost
//	   win the pass ------------> wait
//	        | won
//	        v
//	   1 remove nodes that are dead
//	   2 elect the master, where the elector wants another
//	   3 record as LOST what is in flight under no live registration
//	   4 keep the copies of what runs on all nodes
//	   5 say what is due and no live node can run
//	   6 take over what the Java edition's client wrote
//	   7 walk over a slice of the jobs: summarise their states, schedule what was
//	     enabled without a next fire, delete what is past its retention
//
// One statement tells which of the steps 3 to 6 there is anything for; step 7 comes
// every fourth pass. Each step is bounded and guarded by what it read, so that a pass
// that is slow, or is taken over half-way by another node, does no harm. A step that
// fails is told to the observer and tried again by the next pass; it holds up no other.
//
// # Who is dead
//
// A node is dead when its BEAT has not changed for the lease on the observer's
// own monotonic clock and, besides, its TIME_CHECK is further than the lease from
// the database's clock, in either direction. So neither a jump of the database's
// clock nor an observer that was itself asleep kills anybody: the first moves no
// BEAT's age, the second must watch for a whole lease first.
//
// # The standing sweep
//
// Step 3 does not follow from step 1. A claim that was on its way while its node
// was removed may land afterwards; so every pass looks at the nodes that any
// execute names as its last claimer, and takes up what those that are not live
// left in flight, however it came about.
package misfire
