package client

import (
	"fmt"

	"github.com/quartz-cluster/quartz/schema"
)

// Execute is an execute to be added.
type Execute struct {
	// Schedule says when it fires.
	Schedule Schedule
	// Name is a handle of at most 100 bytes, unique in the job.
	// Defaults to "": none.
	Name string
	// Data overrides the job's data, by the same rules.
	// Defaults to nil: the job's.
	Data any
	// Misfire says what happens to instants that nobody claimed within the
	// misfire threshold of the nodes. Defaults to FIRE_ONCE.
	Misfire schema.Misfire
	// CatchUp is how many missed instants FIRE_ALL runs at most; the older ones
	// are counted as skipped. Only with FIRE_ALL.
	// Defaults to 0: the nodes' own bound.
	CatchUp int
	// Paused adds the execute paused.
	Paused bool
}

// ExecuteOption sets a field of an [Execute].
type ExecuteOption func(*Execute)

// Named sets the name.
func Named(name string) ExecuteOption { return func(e *Execute) { e.Name = name } }

// WithData sets data that overrides the job's.
func WithData(data any) ExecuteOption { return func(e *Execute) { e.Data = data } }

// OnMisfire sets the misfire policy.
func OnMisfire(policy schema.Misfire) ExecuteOption {
	return func(e *Execute) { e.Misfire = policy }
}

// CatchUp runs all missed instants, the newest n of them if there are more.
func CatchUp(n int) ExecuteOption {
	return func(e *Execute) { e.Misfire, e.CatchUp = schema.FireAll, n }
}

// Paused adds the execute paused.
func Paused() ExecuteOption { return func(e *Execute) { e.Paused = true } }

// plan is an execute that is to be written: its row, and the schedule that is
// still to be placed on the database's clock.
type plan struct {
	row       schema.Execute
	columns   columns
	scheduled bool // an edit has given a schedule
	anew      bool // which begins now, even if the row says the same already
}

// misfire returns the policy of the row; none is FIRE_ONCE.
func (p plan) misfire() schema.Misfire {
	if p.row.Misfire == "" {
		return schema.FireOnce
	}
	return p.row.Misfire
}

func (e Execute) plan() (plan, error) {
	cols, err := e.Schedule.columns()
	if err != nil {
		return plan{}, err
	}
	p := plan{columns: cols, row: schema.Execute{
		State: schema.Executing, Name: e.Name, Misfire: e.Misfire, CatchUp: e.CatchUp,
	}}
	p.row.Misfire = p.misfire()
	if e.Paused {
		p.row.State = schema.Paused
	}
	if p.row.Data, err = encodeData(e.Data); err != nil {
		return plan{}, err
	}
	return p, checkExecute(p.row)
}

// checkExecute checks what an edit can change besides the schedule.
func checkExecute(row schema.Execute) error {
	if err := checkOptionalKey("name", row.Name, schema.MaxName); err != nil {
		return err
	}
	if !row.Misfire.Valid() {
		return invalid("misfire", row.Misfire, fmt.Sprintf("must be one of %v", schema.Misfires))
	}
	switch {
	case row.CatchUp < 0:
		return invalid("catchUp", row.CatchUp, "must be at least 1, or 0 for the nodes' own bound")
	case row.CatchUp > schema.MaxCatchUp:
		return invalid("catchUp", row.CatchUp, fmt.Sprintf("must be at most %d", schema.MaxCatchUp))
	case row.CatchUp > 0 && row.Misfire != schema.FireAll:
		return invalid("catchUp", row.CatchUp, "belongs to the misfire policy FIRE_ALL")
	}
	return nil
}
