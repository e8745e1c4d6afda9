package client

import (
	"cmp"

	"github.com/quartz-cluster/quartz/schema"
)

// JobEdit is a change that UpdateJob makes: SetName, SetData, SetClass or
// SetDescription.
type JobEdit interface{ editJob(row *schema.Job) error }

// ExecuteEdit is a change that UpdateExecute makes: SetName, SetData,
// SetSchedule, or that of a policy, such as SetMisfire.
type ExecuteEdit interface{ editExecute(p *plan) error }

// Edit is a change of a job or of an execute.
type Edit interface {
	JobEdit
	ExecuteEdit
}

type setName struct{ name string }

// SetName changes the name; "" takes it away.
func SetName(name string) Edit { return setName{name} }

func (e setName) editJob(row *schema.Job) error { row.Name = e.name; return nil }

func (e setName) editExecute(p *plan) error { p.row.Name = e.name; return nil }

type setData struct{ data any }

// SetData changes the data, by the rules of [Job]; nil takes it away.
func SetData(data any) Edit { return setData{data} }

func (e setData) editJob(row *schema.Job) (err error) {
	row.Data, err = encodeData(e.data)
	return err
}

func (e setData) editExecute(p *plan) (err error) {
	p.row.Data, err = encodeData(e.data)
	return err
}

type jobEdit func(row *schema.Job)

func (e jobEdit) editJob(row *schema.Job) error { e(row); return nil }

// SetClass changes the handler that runs the job.
func SetClass(class string) JobEdit { return jobEdit(func(row *schema.Job) { row.Class = class }) }

// SetDescription changes the description.
func SetDescription(text string) JobEdit {
	return jobEdit(func(row *schema.Job) { row.Description = text })
}

// NodeEdit is a change that UpdateNode makes: SetHostName.
type NodeEdit interface{ editNode(row *schema.Node) error }

type setHostName struct{ name string }

// SetHostName changes the host name; "" makes it the key.
func SetHostName(name string) NodeEdit { return setHostName{name} }

func (e setHostName) editNode(row *schema.Node) error {
	row.HostName = cmp.Or(e.name, row.Key)
	return checkKey("hostName", row.HostName, schema.MaxHostName)
}

type setSchedule struct{ schedule Schedule }

// SetSchedule changes the schedule, also from CRON to SIMPLE and back. One that
// says what the row says already leaves everything as it is. Any other has its
// next fire computed anew; a start that is not given is the row's where that is
// still to come or the schedule is CRON, and otherwise the database's now: a
// SIMPLE schedule begins anew, with all its fires.
//
// An execute in COMPLETE or ERROR becomes EXECUTING by another schedule.
func SetSchedule(s Schedule) ExecuteEdit { return setSchedule{s} }

func (e setSchedule) editExecute(p *plan) error {
	cols, err := e.schedule.columns()
	if err != nil {
		return err
	}
	p.columns, p.scheduled, p.anew = cols, true, e.schedule.form == formNow
	return nil
}
