package main

import (
	"encoding/json"
	"io"
	"sync"
	"time"
)

// kind is what an event of the ledger is about.
type kind string

const (
	joined  kind = "joined"
	left    kind = "left"
	started kind = "starts"
	done    kind = "done"
	failed  kind = "failed"
	elected kind = "elected" // Peer is the master now
	removed kind = "removed" // Peer is the dead node
	trouble kind = "trouble"
	killed  kind = "KILLED" // by the back office
	gone    kind = "gone"   // the process has ended
)

// event is a line of the ledger: what a node tells the back office.
type event struct {
	Kind    kind      `json:"kind"`
	At      time.Time `json:"at,omitzero"` // database's clock; zero: when it is read
	Node    string    `json:"node"`
	Name    string    `json:"name,omitempty"` // of the execute
	Nominal time.Time `json:"nominal,omitzero"`
	Attempt int       `json:"attempt,omitempty"`
	Peer    string    `json:"peer,omitempty"`
	Epoch   int64     `json:"epoch,omitempty"` // of the master
	Text    string    `json:"text,omitempty"`
}

// ledger writes JSON lines, each at once and whole, so that a node that is killed
// has told everything up to then.
type ledger struct {
	mu  sync.Mutex
	out io.Writer
}

func (l *ledger) write(e event) {
	line, err := json.Marshal(e)
	if err != nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	_, _ = l.out.Write(append(line, '\n')) // if nobody reads it any more, the node is about to stop
}
