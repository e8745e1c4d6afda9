package client

import (
	"fmt"
	"time"

	"github.com/quartz-cluster/quartz/schema"
)

// FireID names a fire of an execute.
type FireID struct {
	ExecuteID ID        `json:"executeId"`
	Time      time.Time `json:"time"` // nominal
	// Attempt is 1 for the first claim, and 1 more for each that follows: after
	// a failure, or the loss of a node. 0 is whichever it has come to.
	Attempt int `json:"attempt,omitempty"`
}

func (f FireID) String() string {
	text := fmt.Sprintf("%s at %s", f.ExecuteID, f.Time.UTC().Format(time.RFC3339Nano))
	if f.Attempt > 0 {
		text += fmt.Sprintf(" attempt %d", f.Attempt)
	}
	return text
}

// check returns the nominal time as a column holds it.
func (f FireID) check() (nominal int64, err error) {
	if err := f.ExecuteID.check("executeId"); err != nil {
		return 0, err
	}
	if f.Attempt < 0 {
		return 0, invalid("attempt", f.Attempt, "must be at least 1, or 0 for whichever it is")
	}
	return millis("time", f.Time)
}

// stopOf returns what a client has asked of the fire in flight; an order for
// another fire is none.
func stopOf(row schema.Execute) schema.Stop {
	what, nominal, attempt, ok := schema.ParseStopOrder(row.Cancel)
	if !ok || nominal != row.FireTime || attempt != row.FireAttempt {
		return ""
	}
	return what
}
