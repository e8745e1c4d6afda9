package schema

import (
	"encoding/json"
	"slices"
	"time"
)

// Verb is what an operator asks of a node.
type Verb string

// The verbs of a [Command].
const (
	Ping   Verb = "PING"   // answer
	Drain  Verb = "DRAIN"  // claim nothing more, stay in the cluster
	Rejoin Verb = "REJOIN" // end a drain
	Halt   Verb = "STOP"   // drain, hand over, leave; the process hears that its node has stopped
)

// Verbs lists the verbs.
var Verbs = []Verb{Ping, Drain, Rejoin, Halt}

// Valid reports whether v is a verb.
func (v Verb) Valid() bool { return valid(v, Verbs) }

// Command is the JSON of COMMAND on a node's row. There is one at a time: the
// node answers it in COMMAND_ACK and clears it in the same statement.
type Command struct {
	ID   string `json:"id"` // made by who asks
	Verb Verb   `json:"verb"`
	By   string `json:"by,omitempty"`
}

// Ack is the JSON of COMMAND_ACK: a node's answer to its last command.
type Ack struct {
	ID    string `json:"id"`
	Verb  Verb   `json:"verb"`
	At    int64  `json:"at"` // epoch milliseconds on the database's clock
	Error string `json:"error,omitempty"`
}

// AppEvent is one entry of EVENTS: what happened to an app, its nodes and its
// master.
type AppEvent struct {
	At     int64  `json:"at"` // epoch milliseconds on the database's clock
	Kind   string `json:"kind"`
	Node   string `json:"node,omitempty"` // node key
	NodeID int64  `json:"nodeId,string,omitempty"`
	By     string `json:"by,omitempty"`   // actor, where a client did it
	Text   string `json:"text,omitempty"` // a sentence
}

// The kinds of [AppEvent].
const (
	EventJoined      = "joined"
	EventLeft        = "left"
	EventRemoved     = "removed" // its lease was over
	EventElected     = "elected"
	EventPaused      = "paused"
	EventResumed     = "resumed"
	EventNodePaused  = "node_paused"
	EventNodeResumed = "node_resumed"
	EventBarred      = "barred" // from being master
	EventUnbarred    = "unbarred"
	EventPreferred   = "preferred" // as master
	EventMode        = "mode"
	EventMaintenance = "maintenance" // Text is begin or end
	EventCommand     = "command"
	EventAnswer      = "answer"
	EventBulk        = "bulk" // many jobs or executes at once: Text says how many, and what was done
)

// MaxEvents and EventAge bound EVENTS.
const (
	MaxEvents = 500
	EventAge  = 24 * time.Hour
)

// Events reads EVENTS, oldest first; what is none is empty.
func Events(column string) []AppEvent {
	var out []AppEvent
	if json.Unmarshal([]byte(column), &out) != nil {
		return nil
	}
	return out
}

// AddEvents returns EVENTS with more events, without those that are too old at
// epoch milliseconds now or too many.
func AddEvents(column string, now int64, more ...AppEvent) string {
	all := append(Events(column), more...)
	all = slices.DeleteFunc(all, func(e AppEvent) bool { return now-e.At > EventAge.Milliseconds() })
	all = all[max(len(all)-MaxEvents, 0):]
	text, _ := json.Marshal(all)
	return string(text)
}
