package schedule

import (
	"flag"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// whole makes TestEveryMinuteOfThreeYears take its time:
//
//	go test -run ThreeYears -whole
var whole = flag.Bool("whole", false, "compare random expressions over whole years in all zones")

// zones are those whose clocks do something unusual, and some that do not: a
// shift of 30 minutes, midnight gaps and overlaps, a skipped day, changes of
// the standard time, winter time that is the exception, a pause in Ramadan.
var zones = []string{
	"UTC", "Africa/Cairo", "Africa/Casablanca", "Africa/El_Aaiun", "America/Asuncion", "America/Caracas",
	"America/Coyhaique", "America/Havana", "America/Los_Angeles", "America/Miquelon", "America/New_York",
	"America/Nuuk", "America/Santiago", "America/Sao_Paulo", "America/Scoresbysund", "America/St_Johns",
	"Antarctica/Casey", "Antarctica/Troll", "Asia/Amman", "Asia/Beirut", "Asia/Damascus", "Asia/Dhaka",
	"Asia/Gaza", "Asia/Kathmandu", "Asia/Kolkata", "Asia/Pyongyang", "Asia/Shanghai", "Asia/Tehran",
	"Atlantic/Azores", "Australia/Adelaide", "Australia/Lord_Howe", "Australia/Sydney", "Europe/Berlin",
	"Europe/Dublin", "Europe/Istanbul", "Europe/Lisbon", "Europe/London", "Europe/Moscow", "Pacific/Apia",
	"Pacific/Auckland", "Pacific/Chatham", "Pacific/Fakaofo", "Pacific/Norfolk",
}

// spans of three years: one with a skipped day, one of today, one whose
// transitions follow from rules alone and that holds a leap year.
var spans = []int{2010, 2024, 2039}

// transitions finds the changes of offset by looking at every hour.
func transitions(loc *time.Location, year int) (list []int64) {
	_, before := time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC).In(loc).Zone()
	for h := time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC); h.Year() < year+3; h = h.Add(time.Hour) {
		if _, offset := h.In(loc).Zone(); offset != before {
			list, before = append(list, h.Unix()), offset
		}
	}
	return list
}

// compare holds a schedule against the oracle between two whole minutes.
func compare(t require.TestingT, s *Schedule, want []int64, from, to int64) {
	now := from * 1000
	for i := 0; ; i++ {
		next, ok := s.Next(now)
		if !ok || next > to*1000 {
			require.Len(t, want, i, "the oracle goes on with %s after %s", seconds(s, want, i), timeIn(now, s))
			return
		}
		if i >= len(want) || next != want[i]*1000 {
			require.Equal(t, seconds(s, want, i), timeIn(next, s), "after %s", timeIn(now, s))
		}
		now = next
	}
}

func seconds(s *Schedule, list []int64, i int) string {
	if i >= len(list) {
		return "nothing"
	}
	return timeIn(list[i]*1000, s)
}

// parseDrawn parses what was drawn; what can never fire may be refused, if the
// oracle finds no day either.
func parseDrawn(t *rapid.T, o *oracle, zone string) *Schedule {
	s, err := Parse(cronIn(o.text, zone))
	if err == nil {
		return s
	}
	require.ErrorContains(t, err, "matches no day of any year", o.text)
	var field *FieldError
	require.ErrorAs(t, err, &field)
	o.year = func(int) bool { return true }
	for day := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC); day.Year() < 2028; day = day.AddDate(0, 0, 1) {
		require.False(t, o.day(day.Date()), "%s was refused but matches %s", o.text, day)
	}
	t.Skip("never fires")
	return nil
}

func TestRandomExpressionsAtTransitions(t *testing.T) {
	t.Parallel()
	for _, zone := range zones {
		t.Run(zone, func(t *testing.T) {
			t.Parallel()
			loc, err := time.LoadLocation(zone)
			require.NoError(t, err)
			var moments []int64
			for _, year := range spans {
				moments = append(moments, transitions(loc, year)...)
				moments = append(moments, time.Date(year+1, 12, 31, 0, 0, 0, 0, time.UTC).Unix())
			}
			rapid.Check(t, func(t *rapid.T) {
				o := drawOracle(t)
				s := parseDrawn(t, o, zone)
				moment := rapid.SampledFrom(moments).Draw(t, "moment")
				from := moment - 60*int64(rapid.IntRange(0, 30*60).Draw(t, "before"))
				to := moment + 60*int64(rapid.IntRange(0, 30*60).Draw(t, "beyond"))
				t.Logf("%s from %s to %s", o.text, timeIn(from*1000, s), timeIn(to*1000, s))
				want := o.instants(loc, from, to)
				compare(t, s, want, from, to)

				// Asked at any time, not only at instants of its own.
				probe := rapid.Int64Range(from*1000, to*1000).Draw(t, "probe")
				i := 0
				for i < len(want) && want[i]*1000 <= probe {
					i++
				}
				if next, ok := s.Next(probe); ok && next <= to*1000 {
					require.Equal(t, seconds(s, want, i), timeIn(next, s), "after %s", timeIn(probe, s))
				} else {
					require.Len(t, want, i)
				}
			})
		})
	}
}

// The calendar alone, over many years: which days an expression names.
func TestRandomExpressionsNameTheirDays(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		o := drawOracle(t)
		s := parseDrawn(t, o, "")
		year := rapid.IntRange(1970, 2190).Draw(t, "year")
		for day := time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC); day.Year() < year+3; day = day.AddDate(0, 0, 1) {
			next, ok := s.Next(day.UnixMilli() - 1)
			named := ok && next < day.AddDate(0, 0, 1).UnixMilli()
			if named != o.day(day.Date()) {
				require.Equal(t, o.day(day.Date()), named, "%s on %s", o.text, day)
			}
		}
	})
}

func TestEveryMinuteOfThreeYears(t *testing.T) {
	t.Parallel()
	someZones, draws := []string{"Australia/Lord_Howe", "Pacific/Apia", "Europe/Berlin", "America/Havana"}, 1
	if testing.Short() {
		someZones = someZones[:1]
	}
	if *whole {
		someZones, draws = zones, 20
	}
	for _, zone := range someZones {
		for i, year := range spans {
			t.Run(fmt.Sprintf("%s-%d", zone, year), func(t *testing.T) {
				t.Parallel()
				loc, err := time.LoadLocation(zone)
				require.NoError(t, err)
				from := time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC)
				for n := range draws {
					o := rapid.Custom(drawOracle).Filter(func(o *oracle) bool {
						_, err := Parse(cronIn(o.text, zone))
						return err == nil
					}).Example(n*len(spans) + i)
					to := from.AddDate(3, 0, 0)
					if len(o.seconds) > 2 {
						to = from.AddDate(0, 3, 0)
					}
					t.Log(o.text)
					compare(t, mustParse(t, cronIn(o.text, zone)), o.instants(loc, from.Unix(), to.Unix()), from.Unix(), to.Unix())
				}
			})
		}
	}
}
