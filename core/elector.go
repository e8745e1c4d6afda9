package core

import "github.com/quartz-cluster/quartz/core/internal/misfire"

// Candidate is a live node that may be the master of its application: it is not
// barred, not paused and not draining.
type Candidate = misfire.Candidate

// Elector chooses the master of an application, see [Config.Elector]. It is asked
// in each pass of the ClusterMisfireHandler, on the node that makes the pass: it
// must decide by its arguments alone, and alike on all nodes of the application.
// Where it panics, or chooses what is no candidate, the default decides.
type Elector = misfire.Elector

// ElectorFunc makes an Elector of a function. It is given the candidates, oldest
// first and never none, and the key of the present master, empty if there is none
// or it is no candidate any more, and returns the key of the one that it chooses.
type ElectorFunc func(candidates []Candidate, current string) string

// Elect implements Elector.
func (f ElectorFunc) Elect(candidates []Candidate, current string) string {
	return f(candidates, current)
}
