package main

import (
	"encoding/json"
	"io"
	"sync"
	"time"

	"github.com/quartz-cluster/quartz/integration/internal/testdb"
)

// environment tells the program that it is a worker process, and what to do.
const environment = "QUARTZ_BENCH_WORKER"

// app is the application of all workers; class is what they can run.
const (
	app   = "bench"
	class = "noop"
)

// config is what a worker process does.
type config struct {
	// Engine is quartz or river.
	Engine string
	// Kind and DSN lead to the database.
	Kind testdb.Kind
	DSN  string
	// Nodes is how many nodes share the process and its connections. Defaults to 1.
	Nodes int
	// Slots is that of core.Config, and the number of River's workers. Defaults to
	// core's own.
	Slots int
	// Pool is how many connections the process has. Defaults to 10.
	Pool int
	// Starts lets the process tell of every start.
	Starts bool
	// Woken lets the nodes listen for hints, on PostgreSQL.
	Woken bool
	// Seen lets OpenTelemetry's SDK measure the nodes and trace their runs, as far as
	// those are sampled: for exporters that drop what they are given.
	Seen bool
	// Watched lets all statements be counted and the claims among them read, which
	// costs a little of the process's time.
	Watched bool
}

// The words to a worker process.
const (
	wordGo    = "go"
	wordUsage = "usage"
	wordStop  = "stop"
)

// message is what a worker process says, one line of JSON each.
type message struct {
	Ready   bool   `json:"ready,omitempty"`   // all is open; waits for the word to go
	Started bool   `json:"started,omitempty"` // all nodes have registered
	Count   *count `json:"count,omitempty"`
	Start   *start `json:"start,omitempty"`
	Usage   *usage `json:"usage,omitempty"`
	End     *end   `json:"end,omitempty"`
}

// count says how many fires are durably complete, and when the last of them was.
type count struct {
	N  int64     `json:"n"`
	At time.Time `json:"at"`
}

// start says when a handler began.
type start struct {
	ID int64     `json:"id"` // of the execute, or of River's job
	At time.Time `json:"at"`
}

// usage is what the process has used so far.
type usage struct {
	At         time.Time     `json:"at"`
	CPU        time.Duration `json:"cpu"`
	Statements int64         `json:"statements"` // begin and commit aside
}

// end is what the process measured over its life.
type end struct {
	Late   lateness         `json:"late"`
	Events map[string]int64 `json:"events,omitempty"` // of kinds that should not happen
	Asked  int64            `json:"asked"`            // executes that claims asked for, where Watched
	Allocs int64            `json:"allocs"`           // allocations of the process since the word to go
	CPU    time.Duration    `json:"cpu"`              // of the process since then
	Spans  int64            `json:"spans,omitempty"`  // that were exported, where Seen
	Err    string           `json:"err,omitempty"`
}

// speaker writes one message at a time.
type speaker struct {
	mu sync.Mutex
	to *json.Encoder
}

func newSpeaker(to io.Writer) *speaker { return &speaker{to: json.NewEncoder(to)} }

func (s *speaker) say(m message) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.to.Encode(m)
}
