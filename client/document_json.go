package client

import (
	"encoding/json"
	"time"

	"github.com/quartz-cluster/quartz/schema"
)

// documentExecuteJSON is a DocumentExecute as JSON shows it: flat, without what is
// as it is anyway.
type documentExecuteJSON struct {
	Name         string          `json:"name"`
	PreviousName string          `json:"previousName,omitempty"`
	Schedule     scheduleJSON    `json:"schedule"`
	Data         json.RawMessage `json:"data,omitempty"`
	Paused       *bool           `json:"paused,omitempty"`

	Misfire    schema.Misfire `json:"misfire,omitempty"`
	CatchUp    int            `json:"catchUp,omitempty"`
	Deadline   durationText   `json:"deadline,omitempty"`
	Overlap    schema.Overlap `json:"overlap,omitempty"`
	OverlapMax int            `json:"overlapMax,omitempty"`
	Timeout    durationText   `json:"timeout,omitempty"`
	Priority   int            `json:"priority,omitempty"`
	RetryMax   int            `json:"retryMax,omitempty"`
	RetryDelay durationText   `json:"retryDelay,omitempty"`
	RetryCap   durationText   `json:"retryCap,omitempty"`
	PauseAfter int            `json:"pauseAfter,omitempty"`
	Recover    int            `json:"recover,omitempty"`
	RunOn      schema.RunOn   `json:"runOn,omitempty"`
	Targets    []string       `json:"targets,omitempty"`
}

// durationText is a duration as people write it.
type durationText time.Duration

func (d durationText) MarshalJSON() ([]byte, error) { return json.Marshal(time.Duration(d).String()) }

func (d *durationText) UnmarshalJSON(data []byte) error {
	var text string
	if err := json.Unmarshal(data, &text); err != nil {
		return err
	}
	parsed, err := time.ParseDuration(text)
	*d = durationText(parsed)
	return err
}

// MarshalJSON writes what [ReadDocument] reads.
func (e DocumentExecute) MarshalJSON() ([]byte, error) {
	out := documentExecuteJSON{
		Name: e.Name, PreviousName: e.PreviousName, Schedule: e.Schedule.json(), Data: e.Data, Paused: e.Paused,
		Misfire: e.Misfire, CatchUp: e.CatchUp, Deadline: durationText(e.Deadline),
		Overlap: e.Overlap, OverlapMax: e.OverlapMax, Timeout: durationText(e.Timeout), Priority: e.Priority,
		RetryMax: e.RetryMax, RetryDelay: durationText(e.RetryDelay), RetryCap: durationText(e.RetryCap),
		PauseAfter: e.PauseAfter, Recover: e.Recover, RunOn: e.RunOn, Targets: e.Targets,
	}
	if out.Schedule.Type == e.Schedule.inferred() {
		out.Schedule.Type = ""
	}
	if out.Misfire == schema.FireOnce {
		out.Misfire = ""
	}
	if out.Overlap == schema.Allow {
		out.Overlap = ""
	}
	return json.Marshal(out)
}

// UnmarshalJSON reads what MarshalJSON writes.
func (e *DocumentExecute) UnmarshalJSON(data []byte) error {
	r := documentReader{spoilt: map[string]bool{}}
	*e = r.execute("execute", data)
	return documentError(r.mistakes)
}

// inferred is the type of a schedule that does not say it.
func (s Schedule) inferred() schema.JobType {
	switch {
	case s.Cron != "":
		return schema.Cron
	case s.Interval != 0 || s.Count != 0 || !s.Start.IsZero():
		return schema.Simple
	}
	return ""
}
