package client

import (
	"encoding/json"
	"time"

	"github.com/quartz-cluster/quartz/schema"
)

// scheduleJSON is a Schedule as JSON shows it: durations as Go writes them, what
// is not set left out.
type scheduleJSON struct {
	Type     schema.JobType `json:"type,omitempty"`
	Cron     string         `json:"cron,omitempty"`
	Zone     string         `json:"zone,omitempty"`
	Interval string         `json:"interval,omitempty"`
	Count    int64          `json:"count,omitempty"`
	Start    time.Time      `json:"start,omitzero"`
	End      time.Time      `json:"end,omitzero"`
}

// MarshalJSON writes an object such as
//
//	{"type": "SIMPLE", "interval": "5s", "count": 10, "start": "2027-01-01T00:00:00Z"}
func (s Schedule) MarshalJSON() ([]byte, error) { return json.Marshal(s.json()) }

func (s Schedule) json() scheduleJSON {
	out := scheduleJSON{Type: s.Type, Cron: s.Cron, Zone: s.Zone, Count: s.Count, Start: s.Start, End: s.End}
	if s.Interval != 0 {
		out.Interval = s.Interval.String()
	}
	return out
}

// UnmarshalJSON reads what MarshalJSON writes.
func (s *Schedule) UnmarshalJSON(data []byte) error {
	var in scheduleJSON
	if err := json.Unmarshal(data, &in); err != nil {
		return err
	}
	read := Schedule{Type: in.Type, Cron: in.Cron, Zone: in.Zone, Count: in.Count, Start: in.Start, End: in.End}
	if in.Interval != "" {
		d, err := time.ParseDuration(in.Interval)
		if err != nil {
			return invalid("interval", in.Interval, "must be a duration such as 5s or 1h30m")
		}
		read.Interval = d
	}
	*s = read
	return nil
}
