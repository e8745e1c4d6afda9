package worker

import (
	"time"

	"github.com/quartz-cluster/quartz/integration/internal/testdb"
)

// environment is what tells the test binary that it is a worker process.
const environment = "QUARTZ_TEST_WORKER"

// The classes that a worker process can run.
const (
	Quick   = "quick"   // returns at once
	Short   = "short"   // 20 ms
	Long    = "long"    // 700 ms
	Endless = "endless" // 2.5 s: longer than the distance between its fires
	Failing = "failing" // 5 ms, and every third one fails, by an error or a panic
	Steps   = "steps"   // 8 steps of 100 ms, with a checkpoint after each
	Greedy  = "greedy"  // holds a connection of the node's own pool for 2 s

	Scripted = "scripted" // does what its data say, which are a Script
)

// Classes lists what a node can run unless it is told otherwise: all but Greedy and
// Scripted.
var Classes = []string{Quick, Short, Long, Endless, Failing, Steps}

// Script is the data of an execute of class Scripted.
type Script struct {
	// Attempts are what the attempts of each fire do, one after the other. Those
	// beyond succeed.
	Attempts []Act `json:"attempts,omitempty"`
	// Secret is nothing to the process.
	Secret string `json:"secret,omitempty"`
}

// Act is what an attempt does.
type Act string

// The acts.
const (
	Fails Act = "fails"
	Hangs Act = "hangs" // until it is told to end
)

// Label is that of every node.
const Label = "worker"

// Config is what a worker process does.
type Config struct {
	// Process names the process and its ledger. Required.
	Process string
	// Kind and DSN lead to the database. Required.
	Kind testdb.Kind
	DSN  string
	// Direct leads to the database past any proxy, for the ledger's clock.
	// Defaults to DSN.
	Direct string
	// Clock is the file of a clock that stands in for the database's. Defaults to
	// none.
	Clock string
	// Ledger is the folder of the test's ledgers. Required.
	Ledger string
	// Nodes are what runs in the process. At least one.
	Nodes []Node
	// Pool is how many connections the nodes share. Defaults to 10.
	Pool int
	// Control is how many connections of a pool of their own the nodes have for
	// what keeps the lease: ControlDB of core.Config. Defaults to none.
	Control int
	// Failpoints are armed from the start. Others are armed later, by Arm.
	Failpoints []Failpoint
	// Slots is that of core.Config, for each node. Defaults to core's own.
	Slots int
	// Lease and StopTimeout are those of core.Config. Default to core's own.
	Lease, StopTimeout time.Duration
	// MisfireThreshold is that of core.Config. Defaults to core's own.
	MisfireThreshold time.Duration
	// Metrics lets the process serve /metrics on a free port. Defaults to false.
	Metrics bool
	// Telemetry is a folder for all that the nodes log, from debug level on, and for
	// the spans of their runs. Defaults to none: what should not happen is logged to
	// the process's standard error, and nothing is traced.
	Telemetry string
}

// Node is one node of a process.
type Node struct {
	// App is its application. Required.
	App string
	// Key is its node key. Required.
	Key string
	// Classes are what it can run. Defaults to Classes.
	Classes []string
}

// message is what the process tells the test, one JSON line each.
type message struct {
	Ready   []string `json:"ready,omitempty"`   // node keys, in the order of Config.Nodes
	Metrics string   `json:"metrics,omitempty"` // where it serves them, once it is ready
	Armed   bool     `json:"armed,omitempty"`
	Stopped bool     `json:"stopped,omitempty"`
	Left    string   `json:"left,omitempty"` // goroutines that should be gone
	Err     string   `json:"err,omitempty"`
}
