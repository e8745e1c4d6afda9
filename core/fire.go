package core

import (
	"encoding/json"
	"time"
)

// Fire is one scheduled instant of one execute, as its handler sees it.
type Fire struct {
	App  string // application
	Node string // key of the node that runs it

	JobID   int64
	JobName string // empty if the job has none
	Class   string // handler name

	ExecuteID   int64
	ExecuteName string // empty if the execute has none

	// NominalTime is the instant that was scheduled. With ExecuteID it identifies
	// the fire, whatever runs it and however late.
	NominalTime time.Time
	// ActualTime is when the run started, on the database's clock: never before
	// NominalTime.
	ActualTime time.Time
	// PreviousTime is the nominal time of the fire before, zero for the first.
	PreviousTime time.Time
	// NextTime is the nominal time of the next fire, zero for the last.
	NextTime time.Time

	// Attempt counts the claims of this fire, from 1.
	Attempt int
	// Fence is the id of the registration that claimed the fire. Of two runs of
	// the same fire the later one has the greater Attempt, and of two nodes the
	// younger one the greater Fence: a store that both write to can refuse the
	// older.
	Fence int64

	// Data is the JSON data of the execute, or of the job where the execute has
	// none; empty if there is none at all.
	Data json.RawMessage
}

// Decode decodes the data into v, which is left alone where there is none. It
// fails with a [DataError].
func (f *Fire) Decode(v any) error {
	if err := decode(f.Data, v); err != nil {
		return &DataError{Class: f.Class, Err: err}
	}
	return nil
}
