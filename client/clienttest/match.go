package clienttest

import (
	"encoding/json"
	"fmt"
	"reflect"
	"time"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/schema"
)

func (o *JobOpts) differences(job *client.JobInfo) []string {
	if o == nil {
		return nil
	}
	out := differs("name", job.Name, o.Name)
	out = append(out, differs("state", job.State, o.State)...)
	return append(out, dataDiffers(job.Data, o.Data)...)
}

func (o *ExecuteOpts) differences(e *client.ExecuteInfo) []string {
	if o == nil {
		return nil
	}
	out := differs("name", e.Name, o.Name)
	out = append(out, differs("state", e.State, o.State)...)
	out = append(out, dataDiffers(e.Data, o.Data)...)
	if want := o.Schedule; want.Type != "" && !same(want, e.Schedule) {
		out = append(out, fmt.Sprintf("schedule is %s, want %s", text(e.Schedule), text(want)))
	}
	return out
}

// differs says how something is not as it is wanted, if it is wanted at all.
func differs[T comparable](what string, got, want T) []string {
	var nothing T
	if want == nothing || got == want {
		return nil
	}
	return []string{fmt.Sprintf("%s is %#v, want %#v", what, got, want)}
}

func dataDiffers(got json.RawMessage, want any) []string {
	if want == nil {
		return nil
	}
	wanted := value(want)
	if reflect.DeepEqual(value(got), wanted) {
		return nil
	}
	return []string{fmt.Sprintf("data is %s, want %s", got, text(wanted))}
}

// value is what a reader of data as JSON gets.
func value(data any) any {
	var raw []byte
	switch d := data.(type) {
	case json.RawMessage:
		raw = d
	case []byte:
		raw = d
	case string:
		raw = []byte(d)
	default:
		raw, _ = json.Marshal(data)
	}
	var out any
	if json.Unmarshal(raw, &out) != nil {
		return string(raw)
	}
	return out
}

// same reports whether an execute has the schedule with which it was to be added.
func same(want, got client.Schedule) bool {
	plain := func(s client.Schedule) client.Schedule {
		if s.Zone == "" && s.Type == schema.Cron {
			s.Zone = "UTC"
		}
		if s.Count == 1 {
			s.Interval = 0
		}
		if want.Start.IsZero() {
			s.Start = time.Time{}
		}
		return client.Schedule{
			Type: s.Type, Cron: s.Cron, Zone: s.Zone, Interval: s.Interval, Count: s.Count,
			Start: s.Start.Add(time.Millisecond - 1).Truncate(time.Millisecond).UTC(), End: s.End.Truncate(time.Millisecond).UTC(),
		}
	}
	return plain(want) == plain(got)
}

func text(v any) string {
	out, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprintf("%+v", v)
	}
	return string(out)
}
