package schedule

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestDaylightSaving(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, expr, zone, after string
		want                    []string
	}{
		{"a time in a gap fires at the end of the gap", "0 30 2 * * ?", "America/New_York", "2026-03-07T12:00:00-05:00",
			[]string{"2026-03-08T03:00:00-04:00", "2026-03-09T02:30:00-04:00"}},
		{"times in one gap make one fire, also with the time at its end", "0 0,20,40 2,3 * * ?", "Europe/Berlin", "2026-03-28T12:00:00+01:00",
			[]string{"2026-03-29T03:00:00+02:00", "2026-03-29T03:20:00+02:00", "2026-03-29T03:40:00+02:00", "2026-03-30T02:00:00+02:00"}},
		{"a time in an overlap fires when it is first shown", "0 30 2 * * ?", "Europe/Berlin", "2026-10-24T12:00:00+02:00",
			[]string{"2026-10-25T02:30:00+02:00", "2026-10-26T02:30:00+01:00"}},
		{"asked between the passes of an overlap", "0 30 2 * * ?", "Europe/Berlin", "2026-10-25T02:10:00+01:00",
			[]string{"2026-10-26T02:30:00+01:00"}},
		{"asked in the second pass, first time after the overlap", "0 30 2,3 * * ?", "Europe/Berlin", "2026-10-25T02:10:00+01:00",
			[]string{"2026-10-25T03:30:00+01:00"}},
		{"an interval across a gap keeps its distance", "0 5/15 * * * ?", "Europe/Berlin", "2026-03-29T01:45:00+01:00",
			[]string{"2026-03-29T01:50:00+01:00", "2026-03-29T03:05:00+02:00"}},
		{"hourly at half past across a gap", "0 30 * * * ?", "America/New_York", "2026-03-08T01:00:00-05:00",
			[]string{"2026-03-08T01:30:00-05:00", "2026-03-08T03:30:00-04:00"}},
		{"hourly by its list of hours", "0 0 0-23 * * ?", "America/New_York", "2026-11-01T00:30:00-04:00",
			[]string{"2026-11-01T01:00:00-04:00", "2026-11-01T01:00:00-05:00", "2026-11-01T02:00:00-05:00"}},
		{"@hourly", "@hourly", "America/New_York", "2026-11-01T00:30:00-04:00",
			[]string{"2026-11-01T01:00:00-04:00", "2026-11-01T01:00:00-05:00", "2026-11-01T02:00:00-05:00"}},
		{"every other hour names times of day: gap", "0 30 */2 * * ?", "America/New_York", "2026-03-08T00:00:00-05:00",
			[]string{"2026-03-08T00:30:00-05:00", "2026-03-08T03:00:00-04:00", "2026-03-08T04:30:00-04:00"}},
		{"every other hour names times of day: overlap", "0 30 1/2 * * ?", "America/New_York", "2026-11-01T00:00:00-04:00",
			[]string{"2026-11-01T01:30:00-04:00", "2026-11-01T03:30:00-05:00"}},
		{"a window of hours names times of day", "0 */30 0-2 * * ?", "America/New_York", "2026-11-01T00:40:00-04:00",
			[]string{"2026-11-01T01:00:00-04:00", "2026-11-01T01:30:00-04:00", "2026-11-01T02:00:00-05:00"}},
		{"a skipped day: its times make one fire at the next midnight", "0 0 8,20 * * ?", "Pacific/Apia", "2011-12-29T09:00:00-10:00",
			[]string{"2011-12-29T20:00:00-10:00", "2011-12-31T00:00:00+14:00", "2011-12-31T08:00:00+14:00"}},
		{"a skipped day: an interval goes on", "0 0 * * * ?", "Pacific/Apia", "2011-12-29T22:00:00-10:00",
			[]string{"2011-12-29T23:00:00-10:00", "2011-12-31T00:00:00+14:00", "2011-12-31T01:00:00+14:00"}},
		{"half an hour twice", "0 */10 * * * ?", "Australia/Lord_Howe", "2026-04-05T01:40:00+11:00",
			[]string{
				"2026-04-05T01:50:00+11:00", "2026-04-05T01:30:00+10:30", "2026-04-05T01:40:00+10:30",
				"2026-04-05T01:50:00+10:30", "2026-04-05T02:00:00+10:30",
			}},
		{"half an hour twice, once for a time of day", "0 45 1 * * ?", "Australia/Lord_Howe", "2026-04-04T12:00:00+11:00",
			[]string{"2026-04-05T01:45:00+11:00", "2026-04-06T01:45:00+10:30"}},
		{"midnight twice", "0 0 0 * * ?", "America/Havana", "2026-10-31T12:00:00-04:00",
			[]string{"2026-11-01T00:00:00-04:00", "2026-11-02T00:00:00-05:00"}},
		{"the last time of an expression lies in a gap", "0 30 2 8 3 ? 2026", "America/New_York", "2026-03-07T12:00:00-05:00",
			[]string{"2026-03-08T03:00:00-04:00", "never"}},
		{"the last hour of an interval lies in an overlap", "0 30 * 31 10 ? 1976", "America/New_York", "1976-10-31T01:00:00-04:00",
			[]string{"1976-10-31T01:30:00-04:00", "1976-10-31T01:30:00-05:00", "1976-10-31T02:30:00-05:00"}},
		{"every second through an overlap's end", "* * * * * ?", "Europe/Berlin", "2026-10-25T02:59:58+02:00",
			[]string{"2026-10-25T02:59:59+02:00", "2026-10-25T02:00:00+01:00", "2026-10-25T02:00:01+01:00"}},
		{"a rare interval", "0 0 * 29 2 ? 2096/4", "Europe/Berlin", "2026-01-01T00:00:00Z",
			[]string{"2096-02-29T00:00:00+01:00", "2096-02-29T01:00:00+01:00"}},
		{"the first and the last times there are", "0 0 0 1 1 ?", "Pacific/Kiritimati", "1960-01-01T00:00:00Z",
			[]string{"1970-01-01T00:00:00-10:40"}},
		{"the last time there is", "59 59 23 31 12 ? 2199", "Pacific/Pago_Pago", "2026-01-01T00:00:00Z",
			[]string{"2199-12-31T23:59:59-11:00", "never"}},
		{"the last days of a leap year whose rules are made up", "0 0 12 * * ?", "Europe/Berlin", "2040-12-29T12:00:00+01:00",
			[]string{"2040-12-30T12:00:00+01:00", "2040-12-31T12:00:00+01:00", "2041-01-01T12:00:00+01:00"}},
		{"and the gap after them", "0 30 2 31 3 ?", "Europe/Berlin", "2040-12-31T12:00:00+01:00",
			[]string{"2041-03-31T03:00:00+02:00", "2042-03-31T02:30:00+02:00"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, test.want, fires(t, test.expr, test.zone, test.after, len(test.want)))
		})
	}
}

// A daily expression fires once on each day that there is, whatever the clocks
// do, and a minutely one every 60 seconds.
func TestNoDayIsLostAndNoMinute(t *testing.T) {
	t.Parallel()
	for _, zone := range []string{"America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "America/Havana", "Africa/Casablanca", "Asia/Gaza"} {
		for _, expr := range []string{"0 30 0 * * ?", "0 30 1 * * ?", "0 30 2 * * ?", "0 0 3 * * ?"} {
			days := map[string]bool{}
			s := mustParse(t, cronIn(expr, zone))
			until := at(t, "2028-01-01T12:00:00Z")
			for now := at(t, "2024-12-31T12:00:00Z"); ; {
				next, ok := s.Next(now)
				require.True(t, ok)
				if next > until {
					break
				}
				day := timeIn(next, s)[:10]
				require.False(t, days[day], "%s %s twice on %s", expr, zone, day)
				days[day] = true
				now = next
			}
			require.Len(t, days, 3*365+1, "%s %s", expr, zone)
		}
		s := mustParse(t, cronIn("0 * * * * ?", zone))
		now, end := at(t, "2026-01-01T00:00:00Z"), at(t, "2027-01-01T00:00:00Z")
		if testing.Short() {
			end = now
		}
		for now < end {
			next, ok := s.Next(now)
			if !ok || next != now+60_000 {
				require.Equal(t, now+60_000, next, zone)
			}
			now = next
		}
	}
}
