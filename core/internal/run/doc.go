// Package run holds the slots in which handlers run.
//
// A slot is held from the claim of a fire until its handler returns: a handler
// that ignores its context keeps its slot, so that a node never runs more than
// it was given. Panics end the run, not the process.
package run
