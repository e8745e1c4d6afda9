package main

import (
	"encoding/json"
	"io"
	"sync"
	"time"

	"github.com/quartz-cluster/quartz/client"
)

// kind is what an event of the timeline is about.
type kind string

const (
	joined  kind = "joined"  // a node registered
	left    kind = "left"    // it left in good order
	started kind = "starts"  // a run began
	done    kind = "done"    // its handler returned
	failed  kind = "failed"  // its handler returned an error
	lost    kind = "LOST"    // a fire was recorded as lost
	skipped kind = "skipped" // instants were passed over by policy
	removed kind = "removed" // a dead node's registration was ended
	trouble kind = "trouble" // something else that a node has to say
	killed  kind = "KILLED"  // the back office killed a node
	added   kind = "added"   // the back office added an execute
)

// event is a line of the ledger, and of the timeline.
type event struct {
	Kind    kind          `json:"kind"`
	At      time.Time     `json:"at,omitzero"` // database's clock; zero: when it is read
	Node    string        `json:"node"`
	Execute client.ID     `json:"execute,omitempty"`
	Name    string        `json:"name,omitempty"` // of the execute
	Nominal time.Time     `json:"nominal,omitzero"`
	Took    time.Duration `json:"took,omitempty"`
	Peer    string        `json:"peer,omitempty"` // the node that was removed
	Text    string        `json:"text,omitempty"`
}

// fire identifies what a run was for.
type fire struct {
	execute client.ID
	nominal int64 // epoch milliseconds
}

func (e event) fire() fire { return fire{e.Execute, e.Nominal.UnixMilli()} }

// ledger is what a node tells the back office: JSON lines on a pipe. A line is
// written at once and whole, so that a node that is killed has told everything
// up to then.
type ledger struct {
	mu  sync.Mutex
	out *json.Encoder
}

func newLedger(w io.Writer) *ledger { return &ledger{out: json.NewEncoder(w)} }

// write has nobody to complain to: where the back office is gone, so is the
// node, as its standard input ends too.
func (l *ledger) write(e event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	_ = l.out.Encode(e)
}
