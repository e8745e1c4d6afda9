package ledger

import (
	"time"

	"github.com/quartz-cluster/quartz/schema"
	"github.com/quartz-cluster/quartz/schema/schedule"
)

// Run is one run of a handler.
type Run struct {
	Process string `json:"-"` // that ran it: the name of its file
	App     string `json:"app"`
	Node    string `json:"node"`  // node key
	Fence   int64  `json:"fence"` // node id
	Class   string `json:"class"`

	Execute int64     `json:"execute"`
	Nominal time.Time `json:"nominal"`
	Attempt int       `json:"attempt"`

	// Resumed is the checkpoint that the run was given, 0 for none, and Mark the
	// newest that it made and that the database acknowledged.
	Resumed int `json:"resumed,omitempty"`
	Mark    int `json:"-"`

	// Revision is that of the data which the handler was given.
	Revision int `json:"revision,omitempty"`

	Start time.Time `json:"start"` // not before the true one
	End   time.Time `json:"-"`     // zero: it never returned
	Error string    `json:"-"`     // what it returned
}

// Kind is what a client did.
type Kind string

// The calls of a client.
const (
	Added       Kind = "added"       // an execute
	Rescheduled Kind = "rescheduled" // an execute got another schedule
	Edited      Kind = "edited"      // an execute got other data
	Described   Kind = "described"   // a job got another description
	Owed        Kind = "owed"        // an execute owes the fire at Nominal besides its schedule: somebody asked for it
	Deleted     Kind = "deleted"     // an execute
	Paused      Kind = "paused"      // an execute
	Resumed     Kind = "resumed"
	JobPaused   Kind = "job paused"
	JobResumed  Kind = "job resumed"
	NodePaused  Kind = "node paused"
	NodeResumed Kind = "node resumed"
)

// Call is a call of a client that the database has acknowledged.
type Call struct {
	Kind    Kind   `json:"kind"`
	App     string `json:"app,omitempty"`
	Node    string `json:"node,omitempty"` // node key
	Job     int64  `json:"job,omitempty"`
	Execute int64  `json:"execute,omitempty"`
	Nominal int64  `json:"nominal,omitempty"` // epoch milliseconds

	Begun time.Time `json:"begun"` // not after the true one
	Acked time.Time `json:"acked"` // not before the true one

	// Row is the execute as the call left it; after a pause, and before what
	// ends one, as it was read in a call of its own.
	Row *Row `json:"row,omitempty"`
}

// Row is what a client is told of an execute. Times are epoch milliseconds, 0
// for none.
type Row struct {
	Spec     schedule.Spec  `json:"spec"`
	Misfire  schema.Misfire `json:"misfire"`
	State    schema.State   `json:"state"`
	Prev     int64          `json:"prev"` // newest instant that was claimed
	Next     int64          `json:"next"`
	Updated  int64          `json:"updated"` // database's now, from which an edit computed Next
	Skipped  int64          `json:"skipped"`
	Revision int            `json:"revision"` // of its data
}

// Ledger is everything that the files of a test hold.
type Ledger struct {
	Runs  []Run  // by start
	Calls []Call // by acknowledgement
}

// line is one line of a file.
type line struct {
	Seq   int64 `json:"seq,omitempty"`
	Begin *Run  `json:"begin,omitempty"`
	End   *end  `json:"end,omitempty"`
	Mark  int   `json:"mark,omitempty"`
	Call  *Call `json:"call,omitempty"`
}

type end struct {
	Time  time.Time `json:"time"`
	Error string    `json:"error,omitempty"`
}
