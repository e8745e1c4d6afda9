package console

import (
	"context"
	"time"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/schema"
)

// scheduleIn is a schedule as a form holds it: what cannot be is told of the field
// that holds it.
type scheduleIn struct {
	Type     schema.JobType `json:"type"`
	Cron     string         `json:"cron"`
	Zone     string         `json:"zone"`
	Interval string         `json:"interval"`
	Count    int64          `json:"count"`
	Start    string         `json:"start"`
	End      string         `json:"end"`
}

func (in scheduleIn) schedule() (client.Schedule, error) {
	out := client.Schedule{Type: in.Type, Cron: in.Cron, Zone: in.Zone, Count: in.Count}
	p := params{given: map[string][]string{"interval": {in.Interval}, "start": {in.Start}, "end": {in.End}}}
	out.Interval, out.Start, out.End = p.duration("interval"), p.time("start"), p.time("end")
	return out, p.err
}

func (c *console) preview(_ context.Context, p *params) (any, error) {
	in := scheduleIn{
		Type: schema.JobType(p.text("type")), Cron: p.text("cron"), Zone: p.text("zone"), Interval: p.text("interval"),
		Count: int64(p.number("count", 0, 1<<31-1, 0)), Start: p.text("start"), End: p.text("end"),
	}
	after, n := p.time("after"), p.number("n", 1, maxInstants, 10)
	if err := p.done(); err != nil {
		return nil, err
	}
	schedule, err := in.schedule()
	if err != nil {
		return nil, err
	}
	words, err := client.Explain(schedule)
	if err != nil {
		return nil, err
	}
	if after.IsZero() {
		after = time.Now() // for a look, this machine's clock is good enough
	}
	times, err := client.Preview(schedule, after, n)
	if times == nil {
		times = []time.Time{}
	}
	return struct {
		Explanation string      `json:"explanation"`
		Times       []time.Time `json:"times"`
	}{words, times}, err
}
