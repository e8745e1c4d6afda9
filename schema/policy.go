package schema

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// Overlap says what happens to an instant that comes due while an earlier fire
// of the same execute runs, waits for its retry or waits to be recovered.
type Overlap string

// The overlap policies; an empty column is ALLOW.
const (
	Allow       Overlap = "ALLOW" // run beside it, up to OVERLAP_MAX fires at a time
	SkipOverlap Overlap = "SKIP"  // count it as skipped
	Queue       Overlap = "QUEUE" // let it wait; of several that came due meanwhile the newest runs
)

// Overlaps lists the overlap policies.
var Overlaps = []Overlap{Allow, SkipOverlap, Queue}

// Valid reports whether o is an overlap policy.
func (o Overlap) Valid() bool { return valid(o, Overlaps) }

// RunOn says which nodes may run an execute.
type RunOn string

// Where an execute runs; an empty column is what the app's [Mode] says.
const (
	RunOnAny    RunOn = "ANY"    // one node, whichever
	RunOnMaster RunOn = "MASTER" // the app's master
	RunOnSome   RunOn = "SOME"   // one of the nodes whose key or label TARGETS lists
	RunOnAll    RunOn = "ALL"    // every live node, each by a child of its own
	RunOnNode   RunOn = "NODE"   // only on children: the one registration whose id TARGETS holds
)

// RunOns lists where a client may let an execute run.
var RunOns = []RunOn{RunOnAny, RunOnMaster, RunOnSome, RunOnAll}

// Valid reports whether r is where a client may let an execute run.
func (r RunOn) Valid() bool { return valid(r, RunOns) }

// Origin is the kind of a child: a row that belongs to another execute, its
// origin, and runs beside the origin's schedule.
type Origin string

// The kinds of children. All but ALL are one-shot and go when their fire has
// ended. START_TIME is the nominal time of the fire, NEXT_FIRE_TIME when it is to
// be claimed, FIRE_ATTEMPT its newest attempt, FIRE_FAILS the retries and
// LOST_COUNT the recoveries that it has used.
const (
	ChildRetry    Origin = "RETRY"    // waits for its next attempt after a failure
	ChildRecovery Origin = "RECOVERY" // taken from a node that is gone, handed over or suspended
	ChildOverlap  Origin = "OVERLAP"  // still runs while its origin's next instant is due
	ChildRunNow   Origin = "RUN_NOW"  // a fire that a client asked for
	ChildAll      Origin = "ALL"      // the copy for one live node of an execute that runs on all
)

// ChildKey makes each child at most once (CHILD_KEY): of an origin by kind and
// nominal time, or node id for [ChildAll].
func ChildKey(origin int64, kind Origin, which int64) string {
	return fmt.Sprintf("%d/%s/%d", origin, kind, which)
}

// FireKey is the CHILD_KEY of a child that carries a fire of its origin's
// schedule: whatever made it, there is one such child for a fire.
func FireKey(origin, nominal int64) string { return fmt.Sprintf("%d/FIRE/%d", origin, nominal) }

// SharedShard holds the executes that only some nodes may run (RUN_ON MASTER, SOME
// and ALL): every node looks into it.
const SharedShard = Shards

// nodeShards begins the shards that hold the children for single nodes.
const nodeShards, maxNodeShards = 1000, 1000

// NodeShard returns the shard of the children that only one node may run.
func NodeShard(nodeID int64) int { return nodeShards + int(nodeID%maxNodeShards) }

// PlaceOf returns the shard of an ordinary execute.
func PlaceOf(id int64, on RunOn) int {
	if on == "" || on == RunOnAny {
		return ShardOf(id)
	}
	return SharedShard
}

// Targets reads TARGETS: the node keys and labels of an execute that runs on some
// nodes.
func Targets(column string) []string {
	var out []string
	if json.Unmarshal([]byte(column), &out) != nil {
		return nil
	}
	return out
}

// Stop is what CANCEL asks of the fire in flight.
type Stop string

// What a client may ask of the fire in flight.
const (
	StopCancel  Stop = "CANCEL"  // end it: its outcome is CANCELLED
	StopSuspend Stop = "SUSPEND" // end it and go on from its checkpoint once the execute is resumed
)

// StopOrder is the text of CANCEL that names a fire in flight.
func StopOrder(what Stop, nominal int64, attempt int) string {
	return fmt.Sprintf("%s %d %d", what, nominal, attempt)
}

// ParseStopOrder reads CANCEL; ok is false for anything that is no order.
func ParseStopOrder(text string) (what Stop, nominal int64, attempt int, ok bool) {
	fields := strings.Fields(text)
	if len(fields) != 3 {
		return "", 0, 0, false
	}
	nominal, err := strconv.ParseInt(fields[1], 10, 64)
	if err != nil {
		return "", 0, 0, false
	}
	attempt, err = strconv.Atoi(fields[2])
	what = Stop(fields[0])
	return what, nominal, attempt, err == nil && (what == StopCancel || what == StopSuspend)
}
