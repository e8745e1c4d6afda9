package alert

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// Kind says what is wrong.
type Kind string

// The kinds; [Table] describes them.
const (
	FailuresInARow Kind = "failures_in_a_row"
	LeaseLost      Kind = "lease_lost"
	DatabaseAway   Kind = "database_away"
	ClockSkewed    Kind = "clock_skewed"
	Overdue        Kind = "overdue"
	NoHandler      Kind = "no_handler"
	NoLiveNode     Kind = "no_live_node"
)

// Alert is one breach, as it is told when it begins and again when it is over. Fields
// that do not belong to its kind are zero.
type Alert struct {
	Kind Kind   `json:"kind"`
	App  string `json:"app,omitempty"`  // empty: the watcher cannot reach the database of all its apps
	Node string `json:"node,omitempty"` // key of the node that it concerns

	Class     string `json:"class,omitempty"`
	JobID     int64  `json:"jobId,string,omitempty"`
	Job       string `json:"job,omitempty"` // its name, if it has one
	ExecuteID int64  `json:"executeId,string,omitempty"`
	Execute   string `json:"execute,omitempty"` // its name, if it has one

	Since time.Time `json:"since"`         // when it began
	Over  time.Time `json:"over,omitzero"` // when it was over; zero: it begins

	// Message says in a sentence what is wrong and what to do, and of the end why it
	// is over.
	Message string `json:"message"`
}

// ID names what the alert is about: it is the same at the beginning and at the end, and
// the next time. Incident tools take it as the key to deduplicate by.
func (a Alert) ID() string {
	parts := []string{string(a.Kind), a.App, a.Node, a.Class}
	if a.ExecuteID != 0 {
		parts = append(parts, fmt.Sprint(a.ExecuteID))
	}
	return strings.Join(parts, "/")
}

// String is for logs.
func (a Alert) String() string {
	if a.Over.IsZero() {
		return a.ID() + ": " + a.Message
	}
	return fmt.Sprintf("%s: over after %s: %s", a.ID(), a.Over.Sub(a.Since).Round(time.Second), a.Message)
}

// Listener is told of alerts, one at a time, and never by what is watched itself: it may
// take its time. ctx ends after the timeout that it was configured with.
type Listener func(ctx context.Context, a Alert)
