package cli

import (
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/schema"
)

// scheduleFlags say when an execute fires.
type scheduleFlags struct {
	cron, zone     string
	every          time.Duration
	times          int64
	at, start, end string
	now            bool
}

func (o *scheduleFlags) bind(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&o.cron, "cron", "", "fire by a cron expression: Quartz with seconds first, Unix of 5 fields, or a macro")
	f.StringVar(&o.zone, "zone", "", "IANA time zone of --cron, such as Europe/Berlin (default UTC)")
	f.DurationVar(&o.every, "every", 0, "fire so often, such as 30s or 1h30m")
	f.Int64Var(&o.times, "times", 0, "number of fires of --every (default without end)")
	f.StringVar(&o.at, "at", "", "fire once, at a time such as 2027-01-31T08:00:00+01:00")
	f.BoolVar(&o.now, "now", false, "fire once, now")
	f.StringVar(&o.start, "start", "", "earliest time of a fire (default now)")
	f.StringVar(&o.end, "end", "", "latest time of a fire (default without end)")
	cmd.MarkFlagsMutuallyExclusive("cron", "every", "at", "now")
	cmd.MarkFlagsMutuallyExclusive("times", "cron", "at", "now")
}

// given reports whether one of the flags is given, and whether one is that says
// which kind of schedule it is.
func (o *scheduleFlags) given(cmd *cobra.Command) (one, kind bool) {
	kind = slices.ContainsFunc([]string{"cron", "every", "at", "now"}, cmd.Flags().Changed)
	return kind || slices.ContainsFunc([]string{"zone", "times", "start", "end"}, cmd.Flags().Changed), kind
}

// over returns the schedule that the flags make of the one that was there. What they
// do not name stays. Where they make another kind of it that is the end, if the new
// one recurs, and a start that is still to come.
func (o *scheduleFlags) over(cmd *cobra.Command, was client.Schedule) (client.Schedule, error) {
	given, s := cmd.Flags().Changed, was
	switch {
	case given("cron"):
		if s.Type != schema.Cron {
			s = client.Cron("", "").Until(was.End)
		}
		s.Cron = o.cron
	case given("every"):
		if s.Type != schema.Simple || s.Count == 1 {
			s = client.Every(0).Until(was.End)
		}
		s.Interval = o.every
	case given("at"):
		at, err := instant("at", o.at)
		if err != nil {
			return s, err
		}
		s = client.At(at)
	case o.now:
		s = client.Now()
	}
	if given("zone") {
		s.Zone = o.zone
	}
	if given("times") {
		s = s.Times(o.times)
	}
	if given("start") {
		start, err := instant("start", o.start)
		if err != nil {
			return s, err
		}
		s = s.StartAt(start)
	}
	if given("end") {
		end, err := instant("end", o.end)
		if err != nil {
			return s, err
		}
		s = s.Until(end)
	}
	return s, nil
}

// instant reads a time; nothing is the zero time.
func instant(field, text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return t, &client.FieldError{Field: field, Value: text, Reason: "must be a time such as 2027-01-31T08:00:00+01:00"}
	}
	return t, nil
}

// scheduleWords is a schedule as a cell shows it.
func scheduleWords(s client.Schedule) string {
	switch {
	case s.Cron != "":
		return spoken(" ", s.Cron, s.Zone)
	case s.Count == 1:
		return spoken(" at ", "once", formatTime(s.Start))
	case s.Count > 1:
		return fmt.Sprintf("every %s, %d times", s.Interval, s.Count)
	default:
		return fmt.Sprintf("every %s", s.Interval)
	}
}

// reading is a schedule in words, without the start, and nothing of one that is
// wrong.
func reading(s client.Schedule) string {
	s.Start = time.Time{}
	text, err := client.Explain(s)
	if err != nil {
		return ""
	}
	return text
}
