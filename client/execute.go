package client

import (
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
	// Paused adds the execute paused.
	Paused bool

	Policies
}

// ExecuteOption sets a field of an [Execute].
type ExecuteOption func(*Execute)

// Named sets the name.
func Named(name string) ExecuteOption { return func(e *Execute) { e.Name = name } }

// WithData sets data that overrides the job's.
func WithData(data any) ExecuteOption { return func(e *Execute) { e.Data = data } }

// Paused adds the execute paused.
func Paused() ExecuteOption { return func(e *Execute) { e.Paused = true } }

// plan is an execute that is to be written: its row, and the schedule that is
// still to be placed on the database's clock.
type plan struct {
	row       schema.Execute
	policies  Policies // of the row, as they are to be
	columns   columns
	scheduled bool // an edit has given a schedule
	anew      bool // which begins now, even if the row says the same already
}

func (e Execute) plan() (plan, error) {
	cols, err := e.Schedule.columns()
	if err != nil {
		return plan{}, err
	}
	p := plan{columns: cols, policies: e.withDefaults(), row: schema.Execute{State: schema.Executing, Name: e.Name}}
	if e.Paused {
		p.row.State = schema.Paused
	}
	if p.row.Data, err = encodeData(e.Data); err != nil {
		return plan{}, err
	}
	return p, p.settle()
}

// settle checks what an edit can change besides the schedule, and writes the
// policies into the row.
func (p *plan) settle() error {
	if err := checkOptionalKey("name", p.row.Name, schema.MaxName); err != nil {
		return err
	}
	if err := p.policies.check(); err != nil {
		return err
	}
	p.policies.write(&p.row)
	return nil
}
