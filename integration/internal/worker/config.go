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
)

// Classes lists what a node can run unless it is told otherwise.
var Classes = []string{Quick, Short, Long, Endless, Failing}

// Config is what a worker process does.
type Config struct {
	// Process names the process and its ledger. Required.
	Process string
	// Kind and DSN lead to the database. Required.
	Kind testdb.Kind
	DSN  string
	// Ledger is the folder of the test's ledgers. Required.
	Ledger string
	// Nodes are what runs in the process. At least one.
	Nodes []Node
	// Pool is how many connections the nodes share. Defaults to 10.
	Pool int
	// Slots is that of core.Config, for each node. Defaults to core's own.
	Slots int
	// MisfireThreshold is that of core.Config. Defaults to core's own.
	MisfireThreshold time.Duration
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
	Ready   []string `json:"ready,omitempty"` // node keys, in the order of Config.Nodes
	Stopped bool     `json:"stopped,omitempty"`
	Left    string   `json:"left,omitempty"` // goroutines that should be gone
	Err     string   `json:"err,omitempty"`
}
