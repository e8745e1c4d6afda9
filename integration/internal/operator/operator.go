package operator

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/integration/internal/ledger"
	"github.com/quartz-cluster/quartz/schema/schedule"
)

// Data is the JSON data of an execute: what tells its editions apart.
type Data struct {
	Revision int `json:"revision"`
}

// Operator calls the client and writes down what was acknowledged.
type Operator struct {
	Client *client.Client
	file   *ledger.File
	clock  *ledger.Clock
}

// New returns an operator on db.
func New(db *gorm.DB, file *ledger.File, clock *ledger.Clock) (*Operator, error) {
	c, err := client.New(db, client.Config{Actor: "operator"})
	if err != nil {
		return nil, err
	}
	return &Operator{Client: c, file: file, clock: clock}, nil
}

// Add adds executes to a job of the app. Their data is the operator's own.
func (o *Operator) Add(ctx context.Context, job *client.JobInfo, executes ...client.Execute) ([]*client.ExecuteInfo, error) {
	for i := range executes {
		executes[i].Data = Data{Revision: 1}
	}
	begun := o.clock.Earliest()
	infos, err := o.Client.AddExecutes(ctx, job.ID, executes)
	if err != nil {
		return nil, err
	}
	for _, info := range infos {
		if err := o.about(ledger.Added, begun, info); err != nil {
			return nil, err
		}
	}
	return infos, nil
}

// Reschedule gives an execute another schedule.
func (o *Operator) Reschedule(ctx context.Context, id client.ID, s client.Schedule) error {
	return o.edit(ctx, ledger.Rescheduled, id, func(*client.ExecuteInfo) client.ExecuteEdit { return client.SetSchedule(s) })
}

// EditData gives an execute the next edition of its data.
func (o *Operator) EditData(ctx context.Context, id client.ID) error {
	return o.edit(ctx, ledger.Edited, id, func(info *client.ExecuteInfo) client.ExecuteEdit {
		return client.SetData(Data{Revision: revision(info) + 1})
	})
}

func (o *Operator) edit(ctx context.Context, kind ledger.Kind, id client.ID, edit func(*client.ExecuteInfo) client.ExecuteEdit) error {
	begun := o.clock.Earliest()
	read, err := o.Client.GetExecute(ctx, id)
	if err != nil {
		return err
	}
	info, err := o.Client.UpdateExecute(ctx, id, read.Version, edit(read))
	if err != nil {
		return err
	}
	return o.about(kind, begun, info)
}

// RunNow asks for a fire beside the schedule, and reports false where the execute
// is in no state for it.
func (o *Operator) RunNow(ctx context.Context, id client.ID) (bool, error) {
	begun := o.clock.Earliest()
	fires, err := o.Client.RunNow(ctx, id)
	if err != nil {
		if conflict(err) {
			return false, nil
		}
		return false, err
	}
	for _, fire := range fires {
		err := o.file.Call(ledger.Call{
			Kind: ledger.Owed, Execute: int64(id), Nominal: fire.Time.UnixMilli(), Begun: begun, Acked: o.clock.Latest(),
		})
		if err != nil {
			return false, err
		}
	}
	return true, nil
}

// Delete deletes an execute, whatever it is doing.
func (o *Operator) Delete(ctx context.Context, id client.ID) error {
	begun := o.clock.Earliest()
	if err := o.Client.DeleteExecute(ctx, id); err != nil {
		return err
	}
	return o.file.Call(ledger.Call{Kind: ledger.Deleted, Execute: int64(id), Begun: begun, Acked: o.clock.Latest()})
}

// Describe changes the description of a job, which must disturb nothing.
func (o *Operator) Describe(ctx context.Context, id client.ID, text string) error {
	begun := o.clock.Earliest()
	read, err := o.Client.GetJob(ctx, id)
	if err != nil {
		return err
	}
	if _, err := o.Client.UpdateJob(ctx, id, read.Version, client.SetDescription(text)); err != nil {
		return err
	}
	return o.file.Call(ledger.Call{Kind: ledger.Described, Job: int64(id), Begun: begun, Acked: o.clock.Latest()})
}

// Pause pauses an execute, and reports false where nothing is left to pause.
// What it writes down was read after the pause was acknowledged.
func (o *Operator) Pause(ctx context.Context, id client.ID) (bool, error) {
	begun := o.clock.Earliest()
	if _, err := o.Client.PauseExecute(ctx, id); err != nil {
		if conflict(err) {
			return false, nil
		}
		return false, err
	}
	acked := o.clock.Latest()
	info, err := o.Client.GetExecute(ctx, id)
	if err != nil {
		return false, err
	}
	return true, o.file.Call(call(ledger.Paused, begun, acked, info))
}

// Resume enables an execute again, unless it was paused during its last fire and
// has nothing left. What it writes down was read before.
func (o *Operator) Resume(ctx context.Context, id client.ID) error {
	info, err := o.Client.GetExecute(ctx, id)
	if err != nil {
		return err
	}
	begun := o.clock.Earliest()
	if _, err := o.Client.ResumeExecute(ctx, id); err != nil {
		if conflict(err) && info.NextFire.IsZero() {
			return nil
		}
		return err
	}
	return o.file.Call(call(ledger.Resumed, begun, o.clock.Latest(), info))
}

func conflict(err error) bool {
	var state *client.StateConflictError
	return errors.As(err, &state)
}

// PauseJob pauses a job.
func (o *Operator) PauseJob(ctx context.Context, id client.ID) error {
	return o.job(ledger.JobPaused, id, func() error { _, err := o.Client.PauseJob(ctx, id); return err })
}

// ResumeJob enables a job again.
func (o *Operator) ResumeJob(ctx context.Context, id client.ID) error {
	return o.job(ledger.JobResumed, id, func() error { _, err := o.Client.ResumeJob(ctx, id); return err })
}

func (o *Operator) job(kind ledger.Kind, id client.ID, change func() error) error {
	begun := o.clock.Earliest()
	if err := change(); err != nil {
		return err
	}
	return o.file.Call(ledger.Call{Kind: kind, Job: int64(id), Begun: begun, Acked: o.clock.Latest()})
}

// PauseNode pauses a node.
func (o *Operator) PauseNode(ctx context.Context, app, key string) error {
	return o.node(ledger.NodePaused, app, key, func() error { _, err := o.Client.PauseNode(ctx, app, key); return err })
}

// ResumeNode lets a node claim again.
func (o *Operator) ResumeNode(ctx context.Context, app, key string) error {
	return o.node(ledger.NodeResumed, app, key, func() error { _, err := o.Client.ResumeNode(ctx, app, key); return err })
}

func (o *Operator) node(kind ledger.Kind, app, key string, change func() error) error {
	begun := o.clock.Earliest()
	if err := change(); err != nil {
		return err
	}
	return o.file.Call(ledger.Call{Kind: kind, App: app, Node: key, Begun: begun, Acked: o.clock.Latest()})
}

func (o *Operator) about(kind ledger.Kind, begun time.Time, info *client.ExecuteInfo) error {
	return o.file.Call(call(kind, begun, o.clock.Latest(), info))
}

func call(kind ledger.Kind, begun, acked time.Time, info *client.ExecuteInfo) ledger.Call {
	s := info.Schedule
	return ledger.Call{
		Kind: kind, App: info.App, Job: int64(info.JobID), Execute: int64(info.ID), Begun: begun, Acked: acked,
		Row: &ledger.Row{
			Spec: schedule.Spec{
				Type: string(s.Type), Cron: s.Cron, Zone: s.Zone, RepeatCount: s.Count,
				RepeatInterval: s.Interval.Milliseconds(), Start: millis(s.Start), End: millis(s.End),
			},
			Misfire: info.Misfire, State: info.State, Prev: millis(info.PrevFire), Next: millis(info.NextFire),
			Updated: millis(info.UpdatedAt), Skipped: info.Counts.Skipped, Revision: revision(info),
		},
	}
}

func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func revision(info *client.ExecuteInfo) int {
	var data Data
	if err := json.Unmarshal(info.Data, &data); err != nil {
		panic(fmt.Sprintf("execute %s has data that is not the operator's: %s", info.ID, info.Data))
	}
	return data.Revision
}
