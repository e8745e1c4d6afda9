package stage

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/core"
	"github.com/quartz-cluster/quartz/core/observe"
)

// Kind is what an event is about.
type Kind string

// The kinds of event.
const (
	Joined  Kind = "joined"  // a node registered
	Left    Kind = "left"    // it left in good order
	Serving Kind = "serves"  // it answers at the address in Text
	Started Kind = "starts"  // a run began
	Done    Kind = "done"    // its handler returned
	Failed  Kind = "failed"  // its handler returned an error
	Lost    Kind = "LOST"    // a fire was recorded as lost
	Skipped Kind = "skipped" // instants were passed over by policy
	Removed Kind = "removed" // a dead node's registration was ended: Peer's
	Elected Kind = "elected" // Peer is the master now, Count its epoch
	Trouble Kind = "trouble" // something else that a node has to say
	Killed  Kind = "KILLED"  // the back office killed a node
	Gone    Kind = "gone"    // a node's process has ended; Text says how if that was not in order and it was not killed
)

// kinds are the events of a node that belong in the ledger, besides the runs.
var kinds = map[observe.Kind]Kind{
	observe.Registered: Joined, observe.Deregistered: Left, observe.NodeRemoved: Removed, observe.MasterChanged: Elected,
	observe.Lost: Lost, observe.Skipped: Skipped,
	observe.LeaseLost: Trouble, observe.Superseded: Trouble, observe.Abandoned: Trouble,
	observe.Faulted: Trouble, observe.Unrunnable: Trouble, observe.Trouble: Trouble,
}

// Event is a line of the ledger.
type Event struct {
	Kind    Kind          `json:"kind"`
	At      time.Time     `json:"at,omitzero"` // database's clock; zero: when it is read
	Node    string        `json:"node"`
	Execute client.ID     `json:"execute,omitempty"`
	Name    string        `json:"name,omitempty"` // of the execute
	Nominal time.Time     `json:"nominal,omitzero"`
	Attempt int           `json:"attempt,omitempty"`
	Took    time.Duration `json:"took,omitempty"`
	Peer    string        `json:"peer,omitempty"` // another node
	Count   int64         `json:"count,omitempty"`
	Text    string        `json:"text,omitempty"`
}

// Ledger is what a node tells the back office. A line is written at once and
// whole, so that a node that is killed has told everything up to then.
type Ledger struct {
	mu  sync.Mutex
	out *json.Encoder
}

// write has nobody to complain to: where the back office is gone, so is the
// node, as its standard input ends too.
func (l *Ledger) write(e Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	_ = l.out.Encode(e)
}

// Serves tells where a node answers.
func (l *Ledger) Serves(node, address string) {
	l.write(Event{Kind: Serving, Node: node, Text: address})
}

// Runs is a [core.Middleware] that writes the start and the end of every run.
func (l *Ledger) Runs(next core.HandlerFunc) core.HandlerFunc {
	return func(ctx context.Context, f *core.Fire) error {
		e := Event{
			Kind: Started, At: f.ActualTime, Node: f.Node,
			Execute: client.ID(f.ExecuteID), Name: f.ExecuteName, Nominal: f.NominalTime, Attempt: f.Attempt,
		}
		l.write(e)
		began := time.Now()
		err := next(ctx, f)
		e.Kind, e.Took = Done, time.Since(began)
		e.At = f.ActualTime.Add(e.Took)
		if err != nil {
			e.Kind, e.Text = Failed, err.Error()
		}
		l.write(e)
		return err
	}
}

// Observe makes the ledger an [observe.Observer].
func (l *Ledger) Observe(_ context.Context, o observe.Event) {
	kind, ok := kinds[o.Kind]
	if !ok {
		return
	}
	e := Event{
		Kind: kind, Node: o.Node, Execute: client.ID(o.ExecuteID), Name: o.Execute, Nominal: o.Nominal,
		Peer: o.Peer, Count: o.Count, Text: o.Reason,
	}
	if kind == Trouble {
		e.Text = fmt.Sprintf("%s: %s", o.Kind, o.Reason)
	}
	if o.Err != nil {
		e.Text += ": " + o.Err.Error()
	}
	l.write(e)
}
