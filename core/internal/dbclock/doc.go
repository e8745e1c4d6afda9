// Package dbclock estimates the database's clock, which alone decides what is
// due, from the node's monotonic clock.
//
// A database time that was read between two local instants bounds the
// difference of the clocks from both sides. The estimate is the greatest lower
// bound that recent readings allow, so it may be behind the database by the
// fastest round trip, never ahead: no run starts early. The node's wall clock
// is not used at all, so its jumps do no harm; a jump of the database's clock is
// followed at the next reading.
package dbclock
