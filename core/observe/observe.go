package observe

import "time"

// Kind says what happened. Its value is the event's name in logs and metrics.
type Kind string

// What happens to a node.
const (
	Registered   Kind = "registered"   // the node joined its application
	Deregistered Kind = "deregistered" // it left in good order
	Stopped      Kind = "stopped"      // its life is over, whichever way: it tells nothing more of itself; Err has what Run returns
	LeaseLost    Kind = "lease_lost"   // its registration ended or could not be renewed: its runs are cancelled
	NodePaused   Kind = "node_paused"  // it claims nothing until it is resumed; the app's events say who paused it
	NodeResumed  Kind = "node_resumed"
	Standby      Kind = "standby"       // workers of the Java edition drive the application: this node claims nothing
	TookOver     Kind = "took_over"     // they no longer do: this node goes to work
	DatabaseAway Kind = "database_away" // a heartbeat, or registering, has failed
	DatabaseBack Kind = "database_back" // one was taken again
	Draining     Kind = "draining"      // it claims nothing any more and waits for its runs

	Drained     Kind = "drained"      // an operator drained it: it claims nothing until it is told to rejoin; Reason says who
	Rejoined    Kind = "rejoined"     // the drain is over; Reason says who ended it
	StopOrdered Kind = "stop_ordered" // an operator stops it: it drains and leaves; Reason says who
	Quiesced    Kind = "quiesced"     // the application is in maintenance, and this node is idle
	Resumed     Kind = "resumed"      // maintenance is over
	ClockSkewed Kind = "clock_skewed" // its clock is further from the database's than MaxSkew: it claims nothing; Late says by how much
	ClockGood   Kind = "clock_good"   // it no longer is
)

// What happens to a fire.
const (
	Claimed    Kind = "claimed"
	Started    Kind = "started"
	Finished   Kind = "finished"    // the handler returned nil
	Failed     Kind = "failed"      // the handler returned an error or panicked; Err has it
	TimedOut   Kind = "timed_out"   // it ran longer than its execute allows; the handler may still run
	Cancelled  Kind = "cancelled"   // it ended because a client cancelled it, or did not begin as its node stops, which alone could run it
	Suspended  Kind = "suspended"   // it ended because a client suspended its execute; it goes on when that is resumed
	HandedOver Kind = "handed_over" // it ended because the node stops; it goes on elsewhere
	Retrying   Kind = "retrying"    // it failed and runs again after Wait
	Recovered  Kind = "recovered"   // its node is gone; it runs again elsewhere
	Completed  Kind = "completed"   // its outcome is in the database
	Superseded Kind = "superseded"  // it was taken from the node before its outcome was written: nothing was
	Abandoned  Kind = "abandoned"   // claimed but not started, or its outcome not written, because the lease or the node ended
	Lost       Kind = "lost"        // its node is gone, or its execute where it was to go on: Reason says which
)

// What happens to an execute.
const (
	Misfired   Kind = "misfired"   // Count instants, the first late by Late, were missed: the misfire policy that Reason names decided about them
	Skipped    Kind = "skipped"    // Count instants were passed over by the policy that Reason names
	Faulted    Kind = "faulted"    // its state is ERROR now: it cannot be scheduled, as Err says, or has failed too often in a row, as Reason does
	Unrunnable Kind = "unrunnable" // it is due and no live node can run it
	Adopted    Kind = "adopted"    // a row of the Java edition's client was filled in
	Forgotten  Kind = "forgotten"  // completed longer ago than the retention: deleted
)

// What the ClusterMisfireHandler of the application does.
const (
	NodeRemoved   Kind = "node_removed"   // a dead node's registration was ended; Peer names it
	MasterChanged Kind = "master_changed" // Peer is the master now, empty for none; Count is its epoch
	Summarised    Kind = "summarised"     // a job's state follows its executes now; State has it
	PassDone      Kind = "handler_pass"   // one pass; Took says how long
	// Overdue says how many executes have been due for some seconds that nobody has claimed,
	// although neither an operator nor another fire of theirs holds them back:
	// Count of them, or more where it is MaxOverdue; Late says for how long, Wait until it is
	// told again. It is only where core.Config has an Observer.
	Overdue Kind = "overdue"
	// Stranded says of how many of these a pass has found that no live node can run them:
	// Count of the 200 or fewer that it looked at; the next pass looks at the next. Wait is
	// as of Overdue, and it is told where that is.
	Stranded Kind = "stranded"
)

// MaxOverdue is how far overdue executes are counted.
const MaxOverdue = 10_000

// What a node does at the database.
const (
	ClaimBatch      Kind = "claim_batch"      // Count of Of executes were claimed: somebody else was at the others, or they have changed
	CompletionBatch Kind = "completion_batch" // Count of Of outcomes were written
	Refused         Kind = "refused"          // the step that Reason names gave way to another (a deadlock, a lock timeout): it is tried again
	Trouble         Kind = "trouble"          // a step failed and will be tried again; Err has it
)

// Event is one thing that happened. Fields that do not belong to its kind are
// zero.
type Event struct {
	Kind Kind
	Time time.Time // when, on the node's clock

	App  string
	Node string // node key
	// NodeID is the registration, and the fence token of its fires.
	NodeID int64

	JobID     int64
	Job       string // its name, if it has one
	Class     string
	ExecuteID int64
	Execute   string // its name, if it has one
	Nominal   time.Time
	Attempt   int

	// Trace is the W3C trace context of the fire, as far as there is one: what its run
	// belongs to, and before that what it goes on from. Link is that of the client's
	// call which scheduled the execute, where the fire has another.
	Trace, Link string

	Late   time.Duration // how long after its nominal time the run started
	Took   time.Duration // how long the run, or the pass, took
	Wait   time.Duration // until the next attempt; of a start: since the claim
	Count  int64
	Of     int64  // of how many
	State  string // of the end of a run: the outcome that is to be written; empty where it is not over
	Peer   string
	Reason string
	Err    error
}
