// Package corebench is for the benchmarks of this repository, in
// integration/bench, and for nothing else: it may change with every version.
//
// It sends the engine's own scan, claim and completion from a plain loop, under
// a registration of its own that the claim's guards accept: no heartbeats, no
// slots, no handlers, no waiting for an instant. What a node's loops cost is the
// difference between the two.
package corebench
