// Package stage is what an example needs around it when it shows a cluster of
// processes: the flags, tables of its own that are dropped at the end, and node
// processes that tell what they do.
//
// A node is the example's own program, started once more with its configuration
// in the environment. It writes a ledger of events, JSON lines, to its standard
// output, and leaves when its standard input ends: because the back office closed
// it, or because that is gone.
//
// Nothing here is needed to use the product.
package stage
