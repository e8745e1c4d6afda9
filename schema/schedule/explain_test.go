package schedule

import (
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestExplainCron(t *testing.T) {
	t.Parallel()
	for _, c := range [][2]string{
		{"0 0 8 ? * MON-FRI", "At 08:00:00, Monday to Friday"},
		{"0 0 8 ? * MON", "At 08:00:00, every Monday"},
		{"0 0 8 ? * 1,7", "At 08:00:00, Saturday and Sunday"},
		{"0 0 8 ? * sun-thu", "At 08:00:00, Monday to Thursday and Sunday"},
		{"0 30 8,12 * * ?", "At 08:30:00 and 12:30:00, every day"},
		{"0 0 8,12,16,20,22 * * ?", "At 08:00:00, 12:00:00, 16:00:00, 20:00:00 and 22:00:00, every day"},
		{"0 0 8-10 * * ?", "At 08:00:00, 09:00:00 and 10:00:00, every day"},
		{"0 0 8-11 * * ?", "Every hour from 08:00:00 to 11:00:00, every day"},
		{"* * * * * ?", "Every second"},
		{"*/5 * * * * ?", "Every 5 seconds"},
		{"*/7 * * * * ?", "At every 7th second from 0 to 56 of every minute"},
		{"5 * * * * ?", "Every minute at second 5"},
		{"0,30 * * * * ?", "Every 30 seconds"},
		{"1,2,30 * * * * ?", "At seconds 1, 2 and 30 of every minute"},
		{"0 * * * * ?", "Every minute"},
		{"0 */15 * * * ?", "Every 15 minutes"},
		{"0 5/15 * * * ?", "Every 15 minutes from 00:05:00 to 23:50:00"},
		{"0 0/30 * * * ?", "Every 30 minutes"},
		{"0 */7 * * * ?", "At every 7th minute from 0 to 56 of every hour"},
		{"0 10,40,50 * * * ?", "At minutes 10, 40 and 50 of every hour"},
		{"0 10-20 * * * ?", "At minutes 10 to 20 of every hour"},
		{"0 10-20,30,40-45 * * * ?", "At minutes 10 to 20, 30 and 40 to 45 of every hour"},
		{"0 0 * * * ?", "Every hour at minute 0"},
		{"0 30 * * * ?", "Every hour at minute 30"},
		{"15 30 * * * ?", "Every hour at minute 30, second 15"},
		{"30 0 * * * ?", "Every hour at minute 0, second 30"},
		{"0 0 */2 * * ?", "Every 2 hours from 00:00:00 to 22:00:00, every day"},
		{"0 0 */6 * * ?", "Every 6 hours from 00:00:00 to 18:00:00, every day"},
		{"0 0 */12 * * ?", "At 00:00:00 and 12:00:00, every day"},
		{"0 0 3/5 * * ?", "Every 5 hours from 03:00:00 to 23:00:00, every day"},
		{"0 0 1,2,3,5,7,11,13 * * ?", "At minute 0 of hours 1 to 3, 5, 7, 11 and 13, every day"},
		{"0 */15 9-17 ? * MON-FRI", "Every 15 minutes from 09:00:00 to 17:45:00, Monday to Friday"},
		{"0 */15 22-2 ? * MON", "Every 15 minutes from 00:00:00 to 02:45:00 and from 22:00:00 to 23:45:00, every Monday"},
		{"0 */15 8-11,14-17 * * ?", "Every 15 minutes from 08:00:00 to 11:45:00 and from 14:00:00 to 17:45:00, every day"},
		{"0 * 3 * * ?", "Every minute from 03:00:00 to 03:59:00, every day"},
		{"* 3 3 * * ?", "Every second from 03:03:00 to 03:03:59, every day"},
		{"* * 3 * * ?", "Every second from 03:00:00 to 03:59:59, every day"},
		{"*/10 30 * * * ?", "At every 10th second from 0 to 50 of minute 30 of every hour"},
		{"*/10 30,31 4 * * ?", "Every 10 seconds from 04:30:00 to 04:31:50, every day"},
		{"5 0,1 8-17 * * ?", "At second 5 of minutes 0 and 1 of hours 8 to 17, every day"},
		{"0 0,1 8-17 * * ?", "At minutes 0 and 1 of hours 8 to 17, every day"},
		{"1-10 */2 */3 * * ?", "At seconds 1 to 10 of every 2nd minute from 0 to 58 of every 3rd hour from 0 to 21, every day"},
		{"0 0 0 1 * ?", "At 00:00:00, on day 1 of the month"},
		{"0 0 0 1-7 * ?", "At 00:00:00, on days 1 to 7 of the month"},
		{"0 0 0 1,15 * ?", "At 00:00:00, on days 1 and 15 of the month"},
		{"0 0 0 28-3 * ?", "At 00:00:00, on days 1 to 3 and 28 to 31 of the month"},
		{"0 0 0 */2 * ?", "At 00:00:00, on every 2nd day from 1 to 31 of the month"},
		{"0 0 0 5/7 * ?", "At 00:00:00, on every 7th day from 5 to 26 of the month"},
		{"0 0 0 L * ?", "At 00:00:00, on the last day of the month"},
		{"0 0 0 L-0 * ?", "At 00:00:00, on the last day of the month"},
		{"0 0 0 L-1 * ?", "At 00:00:00, on the 1st day before the last of the month"},
		{"0 0 0 L-3 * ?", "At 00:00:00, on the 3rd day before the last of the month"},
		{"0 0 0 LW * ?", "At 00:00:00, on the last weekday of the month"},
		{"0 0 0 L-0W * ?", "At 00:00:00, on the last weekday of the month"},
		{"0 0 0 L-3W * ?", "At 00:00:00, on the weekday nearest to the 3rd day before the last of the month"},
		{"0 0 0 15W * ?", "At 00:00:00, on the weekday nearest to day 15 of the month"},
		{"0 0 0 1,15,L,10W * ?", "At 00:00:00, on days 1 and 15 of the month, the last day of the month and the weekday nearest to day 10 of the month"},
		{"0 0 0 31 * ?", "At 00:00:00, on day 31 of the month"},
		{"0 0 0 29 2 ?", "At 00:00:00, on day 29 of the month, in February"},
		{"0 0 0 ? * L", "At 00:00:00, every Saturday"},
		{"0 0 0 ? * 6L", "At 00:00:00, on the last Friday of the month"},
		{"0 0 0 ? * FRIL", "At 00:00:00, on the last Friday of the month"},
		{"0 0 0 ? * 2#1", "At 00:00:00, on the 1st Monday of the month"},
		{"0 0 0 ? * MON#2", "At 00:00:00, on the 2nd Monday of the month"},
		{"0 0 0 ? * MON#3,FRI#5", "At 00:00:00, on the 3rd Monday of the month and the 5th Friday of the month"},
		{"0 0 0 ? * MON,TUE,FRI#5", "At 00:00:00, Monday and Tuesday and the 5th Friday of the month"},
		{"0 0 0 ? * */2", "At 00:00:00, Tuesday, Thursday, Saturday and Sunday"},
		{"0 0 0 ? * FRI-MON", "At 00:00:00, Monday and Friday to Sunday"},
		{"0 0 0 ? * 1-7", "At 00:00:00, every day"},
		{"0 0 0 1 1 ? 2027", "At 00:00:00, on day 1 of the month, in January, in 2027"},
		{"0 0 0 1 1 ? 2027-2029", "At 00:00:00, on day 1 of the month, in January, in 2027 to 2029"},
		{"0 0 0 1 1 ? 2027,2029,2031", "At 00:00:00, on day 1 of the month, in January, in 2027, 2029 and 2031"},
		{"0 0 0 1 1 ? 2020/2", "At 00:00:00, on day 1 of the month, in January, in every 2nd year from 2020 to 2198"},
		{"0 0 0 1 1 ? 2020", "At 00:00:00, on day 1 of the month, in January, in 2020"},
		{"0 0 0 1 1 ? 1970-2199", "At 00:00:00, on day 1 of the month, in January"},
		{"0 0 0 ? 3-5 L", "At 00:00:00, every Saturday, in March to May"},
		{"0 0 0 ? NOV-FEB FRI-MON", "At 00:00:00, Monday and Friday to Sunday, in January, February, November and December"},
		{"0 0 0 * */3 ?", "At 00:00:00, every day, in January, April, July and October"},
		{"0 * * * 6 ?", "Every minute, in June"},
		{"0 * * * * ? 2027", "Every minute, in 2027"},
		{"@yearly", "At 00:00:00, on day 1 of the month, in January"},
		{"@annually", "At 00:00:00, on day 1 of the month, in January"},
		{"@monthly", "At 00:00:00, on day 1 of the month"},
		{"@weekly", "At 00:00:00, every Sunday"},
		{"@daily", "At 00:00:00, every day"},
		{"@midnight", "At 00:00:00, every day"},
		{"@hourly", "Every hour at minute 0"},
		{"@DAILY", "At 00:00:00, every day"},
		{"* * * * *", "Every minute"},
		{"*/5 * * * *", "Every 5 minutes"},
		{"30 2 * * 0,7", "At 02:30:00, every Sunday"},
		{"0 0 1 * MON", "At 00:00:00, on day 1 of the month or every Monday"},
		{"0 0 1,15 * 1-5", "At 00:00:00, on days 1 and 15 of the month or Monday to Friday"},
		{"0 0 */2 * MON-FRI", "At 00:00:00, Monday to Friday, only on every 2nd day from 1 to 31 of the month"},
		{"0 0 */2 * MON", "At 00:00:00, every Monday, only on every 2nd day from 1 to 31 of the month"},
		{"0 0 1-31 * MON", "At 00:00:00, every day"},
		{"0 0 1 * 0-6", "At 00:00:00, every day"},
		{"0 0 5,*/10 * */2", "At 00:00:00, Tuesday, Thursday, Saturday and Sunday, only on days 1, 5, 11, 21 and 31 of the month"},
		{"0 0 13 * FRI", "At 00:00:00, on day 13 of the month or every Friday"},
		{"0 22-2 * * *", "At 00:00:00, 01:00:00, 02:00:00, 22:00:00 and 23:00:00, every day"},
		{"30 8 1 JAN,JUL *", "At 08:30:00, on day 1 of the month, in January and July"},
		{"  0\t0 12 * * ?", "At 12:00:00, every day"},
	} {
		text, err := Explain(cronIn(c[0], ""))
		require.NoError(t, err, c[0])
		require.Equal(t, c[1]+", UTC", text, c[0])
		requireTrue(t, c[0], text)
	}
}

func TestExplainZoneStartAndEnd(t *testing.T) {
	t.Parallel()
	start, end := at(t, "2027-03-01T12:00:00Z"), at(t, "2027-04-01T00:00:00.5Z")
	cron := cronIn("0 0 8 ? * MON-FRI", "Europe/Berlin")
	for _, c := range []struct {
		spec Spec
		want string
	}{
		{cron, "At 08:00:00, Monday to Friday, Europe/Berlin"},
		{Spec{Type: TypeCron, Cron: "@hourly", Zone: "Asia/Kolkata", Start: start}, "Every hour at minute 0, Asia/Kolkata, starting 2027-03-01 17:30:00"},
		{
			Spec{Type: TypeCron, Cron: cron.Cron, Zone: cron.Zone, Start: start, End: end},
			"At 08:00:00, Monday to Friday, Europe/Berlin, starting 2027-03-01 13:00:00, until 2027-04-01 02:00:00.5",
		},
		{simpleOf(-1, 5000, 0, 0), "Every 5 seconds"},
		{simpleOf(10, 5000, 0, 0), "Every 5 seconds, 10 times"},
		{simpleOf(0, 1000, start, 0), "Every second, starting 2027-03-01 12:00:00 UTC"},
		{simpleOf(3, 10, start, end), "Every 10 milliseconds, at most 3 times, starting 2027-03-01 12:00:00 UTC, until 2027-04-01 00:00:00.5 UTC"},
		{simpleOf(-1, 5_400_000, 0, end), "Every 1 hour 30 minutes, until 2027-04-01 00:00:00.5 UTC"},
		{simpleOf(-1, 90_061_001, 0, 0), "Every 25 hours 1 minute 1 second 1 millisecond"},
		{simpleOf(2, 86_400_000, 0, 0), "Every 24 hours, 2 times"},
		{simpleOf(1, 5000, 0, 0), "Once"},
		{simpleOf(1, 0, start, 0), "Once, at 2027-03-01 12:00:00 UTC"},
	} {
		text, err := Explain(c.spec)
		require.NoError(t, err)
		require.Equal(t, c.want, text)
	}
	for _, bad := range []Spec{{}, cronIn("0 0 0 30 2 ?", ""), cronIn("@daily", "Mars"), simpleOf(2, 9, 0, 0)} {
		text, err := Explain(bad)
		var field *FieldError
		require.ErrorAs(t, err, &field)
		require.Empty(t, text)
	}
}

// requireTrue reads the sentence and holds it against what the parser has made of
// the expression: every second of the day, every kind of month, every year.
func requireTrue(t testing.TB, expr, text string) {
	t.Helper()
	c := mustParse(t, cronIn(expr, "")).rule.(*cron).calendar
	r := readSentence(t, text)
	for s := range secondsPerDay {
		want := has(c.hours, s/3600) && has(c.minutes, s/60%60) && has(c.seconds, s%60)
		if r.times(s) != want {
			t.Fatalf("%q means %s: %v, but reads %q", expr, clock(s), want, text)
		}
	}
	for y := firstYear; y <= lastYear; y++ {
		if r.year(y) != c.years.has(y) {
			t.Fatalf("%q means %d: %v, but reads %q", expr, y, c.years.has(y), text)
		}
	}
	for y := 2000; y < 2028; y++ {
		for m := time.January; m <= time.December; m++ {
			days := c.monthDays(y, m)
			for d := 1; d <= daysIn(y, m); d++ {
				if want := days>>d&1 != 0; r.day(y, m, d) != want {
					t.Fatalf("%q means %d %s %d: %v, but reads %q", expr, d, m, y, want, text)
				}
			}
		}
	}
}

func has(set uint64, member int) bool { return set>>member&1 != 0 }

func TestExplainIsTrue(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		expr := drawOracle(rt).text
		text, err := Explain(cronIn(expr, ""))
		if err == nil { // it may name a day that never comes
			requireTrue(t, expr, text)
		}
	})
}

// Whatever is an expression has a sentence that means the same.
func FuzzExplain(f *testing.F) {
	for _, expr := range []string{
		"0 0 8 ? * MON-FRI", "*/7 1-20/3,40 22-2 L-3W,1,15W,LW JAN,DEC ? 2024-2030/2,2035", "0 0 1,5 * MON", "0 0 */2 * 1-5", "0 0 1-31 * MON",
		"0 0 0 ? * 2#5,6L,3,L", "*/5 9-17 * * 1-5", "@daily", "59 59 23 31 12 ? 2199", "* * * L-0 * ?", "0 0 */5,31 * */2,3",
	} {
		f.Add(expr)
	}
	f.Fuzz(func(t *testing.T, expr string) {
		text, err := Explain(cronIn(expr, ""))
		if err != nil {
			return
		}
		require.True(t, utf8.ValidString(text))
		require.Less(t, len(text), 3000)
		requireTrue(t, expr, text)
	})
}
