package core

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/quartz-cluster/quartz/schema"
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
	// It and NextTime are zero where Attempt is above 1, or RunNow is set.
	PreviousTime time.Time
	// NextTime is the nominal time of the next fire, zero for the last.
	NextTime time.Time

	// Attempt counts the claims of this fire, from 1: retries, recoveries after the
	// loss of a node, and runs that went on elsewhere or after a pause.
	Attempt int
	// Fence is the id of the registration that claimed the fire. Of two runs of
	// the same fire the later one has the greater Attempt, and of two nodes the
	// younger one the greater Fence: a store that both write to can refuse the
	// older.
	Fence int64

	// RunNow tells that a client asked for the fire: its execute's schedule knows
	// nothing of it.
	RunNow bool

	// Data is the JSON data of the execute, or of the job where the execute has
	// none, or that which a run-now was given; empty if there is none at all.
	Data json.RawMessage

	checkpoint json.RawMessage
	flight     *flight // nil in a made-up fire
}

// Decode decodes the data into v, which is left alone where there is none. It
// fails with a [DataError].
func (f *Fire) Decode(v any) error {
	if err := decode(f.Data, v); err != nil {
		return &DataError{Class: f.Class, Err: err}
	}
	return nil
}

// Checkpoint keeps v, as JSON of at most 4,000 bytes, with the fire: a later
// attempt of it, on whatever node, reads it with [Fire.Resume]. Each one replaces
// the one before. It fails with [ErrSuperseded] or [ErrLeaseLost] where the fire is
// not this node's any more, and then the run may as well end; with a
// [CheckpointError] where v cannot be kept; else with what the database said. What was
// not answered may be kept all the same, and be so late that it replaces a newer one: the
// next attempt then resumes from there, and does again what has been done since. The runs
// of a node take turns: a quarter of the connections write checkpoints at a time.
func (f *Fire) Checkpoint(ctx context.Context, v any) error {
	data, err := json.Marshal(v)
	if err != nil {
		return &CheckpointError{Err: err}
	}
	if len(data) > schema.MaxData {
		return &CheckpointError{Size: len(data)}
	}
	if f.flight != nil {
		if err := f.flight.checkpoint(ctx, data); err != nil {
			return err
		}
	}
	f.checkpoint = data
	return nil
}

// Resume decodes the newest checkpoint of the fire into v and reports whether there
// is one; without one v is left alone. Where one does not fit v, it reports true and an
// error.
func (f *Fire) Resume(v any) (bool, error) {
	if len(f.checkpoint) == 0 {
		return false, nil
	}
	if err := decode(f.checkpoint, v); err != nil {
		return true, fmt.Errorf("quartz: the checkpoint does not fit: %w", err)
	}
	return true, nil
}

// CheckpointError says why a value cannot be kept as a checkpoint.
type CheckpointError struct {
	Size int // bytes of JSON, where that is too much
	Err  error
}

func (e *CheckpointError) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("quartz: the checkpoint cannot be written as JSON: %v", e.Err)
	}
	return fmt.Sprintf("quartz: the checkpoint is %d bytes of JSON, at most %d can be kept", e.Size, schema.MaxData)
}

// Unwrap returns what the encoder said.
func (e *CheckpointError) Unwrap() error { return e.Err }
