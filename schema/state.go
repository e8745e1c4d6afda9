package schema

import "slices"

// State is the state of a job or of an execute.
//
//	INIT -> EXECUTING <-> PAUSED     by a client
//	EXECUTING -> COMPLETE            by the engine: nothing is left to fire
//	EXECUTING -> ERROR               by the engine: it cannot be scheduled, or failed too often in a row;
//	                                 LAST_ERROR says why
//	COMPLETE, ERROR -> EXECUTING     by a client
//
// On a job, COMPLETE and ERROR summarise its executes and stop nothing.
type State string

// The states. EXECUTING means enabled, not running.
const (
	Init      State = "INIT"
	Executing State = "EXECUTING"
	Paused    State = "PAUSED"
	Complete  State = "COMPLETE"
	Error     State = "ERROR"
)

// States lists the states of jobs and executes.
var States = []State{Init, Executing, Paused, Complete, Error}

// Valid reports whether s is a state of a job or an execute.
func (s State) Valid() bool { return valid(s, States) }

// Switch is the state of an app or a node: on or paused.
type Switch string

// The states of an app and of a node.
const (
	On  Switch = "Y"
	Off Switch = "N"
)

// BarredItself stands in BARRED of a node that its own configuration bars from
// being master. It goes with the registration; an operator's [On] stays.
const BarredItself Switch = "C"

// Valid reports whether s is Y or N.
func (s Switch) Valid() bool { return s == On || s == Off }

// JobType tells the two kinds of schedule apart.
type JobType string

// The kinds of schedule.
const (
	Cron   JobType = "CRON"
	Simple JobType = "SIMPLE"
)

// Valid reports whether t is CRON or SIMPLE.
func (t JobType) Valid() bool { return t == Cron || t == Simple }

// Misfire says what happens to instants that nobody claimed within the misfire
// threshold.
type Misfire string

// The misfire policies; an empty column is FIRE_ONCE.
const (
	FireOnce Misfire = "FIRE_ONCE" // run the newest missed instant, count the others as skipped
	Skip     Misfire = "SKIP"      // run the newest if it is within the threshold, count the others as skipped
	FireAll  Misfire = "FIRE_ALL"  // run them one after another, at most CATCH_UP of them
)

// Misfires lists the misfire policies.
var Misfires = []Misfire{FireOnce, Skip, FireAll}

// Valid reports whether m is a misfire policy.
func (m Misfire) Valid() bool { return valid(m, Misfires) }

// Mode is where the executes of an app run unless they say otherwise.
type Mode string

// The modes of an app; an empty column is ANY.
const (
	Any        Mode = "ANY"
	MasterOnly Mode = "MASTER_ONLY"
)

// Outcome is how the last fire of an execute ended (LAST_STATE).
type Outcome string

// The outcomes of a fire: what became of its last attempt.
const (
	Succeeded Outcome = "SUCCEEDED"
	Failed    Outcome = "FAILED"
	TimedOut  Outcome = "TIMED_OUT" // it ran longer than TIMEOUT; counted as a failure
	Cancelled Outcome = "CANCELLED" // by a client, or not begun by a node that stopped and alone could run it; neither a success nor a failure
	Lost      Outcome = "LOST"      // its node died with it, or left it undone
)

func valid[T comparable](v T, all []T) bool {
	return slices.Contains(all, v)
}
