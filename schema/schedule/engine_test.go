package schedule

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The tests of this file are named after what the cron engine gets wrong when
// it is called directly; what they ask of it is asked through this package.

func TestExpressionThatIsOverAnswersNeverAndNotItsStart(t *testing.T) {
	t.Parallel()
	const expr = "0 0 10 22 11 ? 2026"
	require.Equal(t, []string{"2026-11-22T10:00:00Z", "never"}, fires(t, expr, "", "2026-11-22T09:59:59Z", 2))
	require.Equal(t, []string{"never"}, fires(t, expr, "", "2026-11-22T10:00:00Z", 1))
	require.Equal(t, []string{"never"}, fires(t, expr, "", "2027-01-01T00:00:00Z", 1))
}

func TestYearStepsCountFrom1970AndReachTheFuture(t *testing.T) {
	t.Parallel()
	require.Equal(t, []string{"2026-01-01T12:00:00Z", "2028-01-01T12:00:00Z"},
		fires(t, "0 0 12 1 1 ? 2020/2", "", "2025-06-01T00:00:00Z", 2))
	require.Equal(t, []string{"2028-01-01T12:00:00Z"}, fires(t, "0 0 12 1 1 ? 2020/2", "", "2026-06-01T00:00:00Z", 1))
	require.Equal(t, []string{"2026-01-01T12:00:00Z", "2030-01-01T12:00:00Z"},
		fires(t, "0 0 12 1 1 ? */4", "", "2025-06-01T00:00:00Z", 2))
	require.Equal(t, []string{"2026-01-01T12:00:00Z", "2027-01-01T12:00:00Z", "2031-01-01T12:00:00Z", "never"},
		fires(t, "0 0 12 1 1 ? 2024-2027,2031", "", "2025-06-01T00:00:00Z", 4))
}

func TestIntervalsHaveNoHoleInAnOverlap(t *testing.T) {
	t.Parallel()
	require.Equal(t, []string{
		"2026-10-25T02:00:00+02:00", "2026-10-25T02:15:00+02:00", "2026-10-25T02:30:00+02:00", "2026-10-25T02:45:00+02:00",
		"2026-10-25T02:00:00+01:00", "2026-10-25T02:15:00+01:00", "2026-10-25T02:30:00+01:00", "2026-10-25T02:45:00+01:00",
		"2026-10-25T03:00:00+01:00",
	}, fires(t, "0 */15 * * * *", "Europe/Berlin", "2026-10-25T01:45:00+02:00", 9))
	require.Equal(t, []string{
		"2026-11-01T00:00:00-04:00", "2026-11-01T01:00:00-04:00", "2026-11-01T01:00:00-05:00", "2026-11-01T02:00:00-05:00",
	}, fires(t, "0 0 * * * ?", "America/New_York", "2026-10-31T23:00:00-04:00", 4))
}

func TestHalfHourGapLosesNoExistingTime(t *testing.T) {
	t.Parallel()
	require.Equal(t, []string{"2026-10-04T02:30:00+11:00", "2026-10-04T04:30:00+11:00"},
		fires(t, "0 30 */2 * * *", "Australia/Lord_Howe", "2026-10-04T00:30:00+10:30", 2))
}

func TestZonesWhoseMidnightIsSkipped(t *testing.T) {
	t.Parallel()
	for zone, want := range map[string][]string{
		"America/Havana":   {"2026-03-08T01:00:00-04:00", "2026-03-15T00:00:00-04:00"},
		"America/Santiago": {"2026-09-06T01:00:00-03:00", "2026-09-13T00:00:00-03:00"},
		"Atlantic/Azores":  {"2026-03-29T01:00:00Z", "2026-04-05T00:00:00Z"},
	} {
		day, err := time.Parse(time.RFC3339, want[0])
		require.NoError(t, err)
		require.Equal(t, want, fires(t, "0 0 0 ? * SUN", zone, day.AddDate(0, 0, -2).Format(time.RFC3339), 2), zone)
	}
}

func TestValidityDoesNotDependOnTheClock(t *testing.T) {
	t.Parallel()
	// Each is found to be valid at the times at which what stands before the
	// fault matches.
	for _, expr := range []string{"0 0 0 ? * SUN,BAD", "0 0 0 ? * MON,BAD", "*,99 * * * * *", "0 0 0 ? JAN,XYZ SUN", "0,61 * * * * ?"} {
		_, err := Parse(cronIn(expr, ""))
		require.Error(t, err, expr)
	}
}

func TestTokensThatTheEngineTakesButNobodyMeans(t *testing.T) {
	t.Parallel()
	for _, expr := range []string{
		"0 0 1-5-9 * * ?", "0 70/5 * * * ?", "0 */61 * * * ?", "0 0/100 * * * ?", "0 0 0 1 JANFEB ?", "MON 0 0 * * ?",
		"0 0 0 0W * ?", "0 0 0 32W * ?", "0 0 0 1WX * ?", "0 0 0 ? * 1LGARBAGE", "0 0 0 ? * MON#9", "0 0 0 ? * 8#1",
		"0 0 0 30 2 ?", "0 0 0 30 FEB ?", "0 0 0 31 4,6,9,11 ?", "0 0 0 31W 2 ?", "0 0 0 L-30 2 ?",
		"0 0 0 1 1 ? 0", "0 0 0 1 1 ? 1969", "0 0 0 1 1 ? 2200", "0 0 0 1 1 ? 9999",
	} {
		_, err := Parse(cronIn(expr, ""))
		require.Error(t, err, expr)
	}
}

func TestFormsThatTheEngineRejects(t *testing.T) {
	t.Parallel()
	for expr, want := range map[string][]string{
		"0 0 0 LW * ?":           {"2026-01-30T00:00:00Z", "2026-02-27T00:00:00Z", "2026-03-31T00:00:00Z", "2026-04-30T00:00:00Z", "2026-05-29T00:00:00Z"},
		"0 0 0 L-3 * ?":          {"2026-01-28T00:00:00Z", "2026-02-25T00:00:00Z", "2026-03-28T00:00:00Z"},
		"0 0 0 L-3W * ?":         {"2026-01-28T00:00:00Z", "2026-02-25T00:00:00Z", "2026-03-27T00:00:00Z"},
		"0 0 0 L-30 * ?":         {"2026-01-01T00:00:00Z", "2026-03-01T00:00:00Z", "2026-05-01T00:00:00Z"},
		"0 0 0 L-30,5 2 ?":       {"2026-02-05T00:00:00Z", "2027-02-05T00:00:00Z"},
		"0 0 22-2 * * ?":         {"2026-01-01T00:00:00Z", "2026-01-01T01:00:00Z", "2026-01-01T02:00:00Z", "2026-01-01T22:00:00Z"},
		"0 0 0 ? * FRI-MON":      {"2026-01-02T00:00:00Z", "2026-01-03T00:00:00Z", "2026-01-04T00:00:00Z", "2026-01-05T00:00:00Z", "2026-01-09T00:00:00Z"},
		"0 0 0 ? * L":            {"2026-01-03T00:00:00Z", "2026-01-10T00:00:00Z"},
		"0 0 0 1 NOV-FEB ?":      {"2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z", "2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z"},
		"0 0 0 30-2 * ?":         {"2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z", "2026-01-30T00:00:00Z", "2026-01-31T00:00:00Z"},
		"0 50-10/5 0 1 2 ?":      {"2026-02-01T00:00:00Z", "2026-02-01T00:05:00Z", "2026-02-01T00:10:00Z", "2026-02-01T00:50:00Z"},
		"0 0 0 L FEB ? 2027/1":   {"2027-02-28T00:00:00Z", "2028-02-29T00:00:00Z"},
		"0 0 0 LW FEB ? 2027/1":  {"2027-02-26T00:00:00Z", "2028-02-29T00:00:00Z"},
		"0 0 0 L-0,15W 2,3 ?":    {"2026-02-16T00:00:00Z", "2026-02-28T00:00:00Z", "2026-03-16T00:00:00Z", "2026-03-31T00:00:00Z"},
		"/30 0 0 1 1 ? 2027":     {"2027-01-01T00:00:00Z", "2027-01-01T00:00:30Z", "never"},
		"0 0 0 ? * 2#1,FRIL":     {"2026-01-05T00:00:00Z", "2026-01-30T00:00:00Z", "2026-02-02T00:00:00Z", "2026-02-27T00:00:00Z"},
		"0 0 0 1W * ?":           {"2026-01-01T00:00:00Z" /* Thu */, "2026-02-02T00:00:00Z", "2026-03-02T00:00:00Z", "2026-04-01T00:00:00Z", "2026-05-01T00:00:00Z"},
		"0 0 9,17 15W 8 ? 2026":  {"2026-08-14T09:00:00Z", "2026-08-14T17:00:00Z", "never"},
		"0 0 0 ? * tue#5":        {"2026-03-31T00:00:00Z", "2026-06-30T00:00:00Z"},
		"0 0 0 ? 2 MON#5":        {"2044-02-29T00:00:00Z", "2072-02-29T00:00:00Z", "2112-02-29T00:00:00Z"},
		"0 0 0 29 2 ? 2090-2110": {"2092-02-29T00:00:00Z", "2096-02-29T00:00:00Z", "2104-02-29T00:00:00Z", "2108-02-29T00:00:00Z", "never"},
	} {
		require.Equal(t, want, fires(t, expr, "UTC", "2025-12-31T23:59:59Z", len(want)), expr)
	}
}

func TestDayNumbersAndFieldsMeanWhatTheirFormSays(t *testing.T) {
	t.Parallel()
	for expr, want := range map[string]string{
		"0 0 0 ? * 1":        "2026-11-22", // Quartz: 1 is Sunday
		"0 0 0 ? * 7":        "2026-11-21",
		"0 0 0 ? * SUN":      "2026-11-22",
		"0 0 0 ? * 5L":       "2026-11-26", // the last Thursday
		"0 0 0 ? * 2#4":      "2026-11-23", // the fourth Monday
		"0 0 0 ? * 2-6":      "2026-11-23",
		"0 0 0 ? * 4/3":      "2026-11-21", // WED, SAT
		"0 0 * * 0":          "2026-11-22", // Unix: 0 and 7 are Sunday
		"0 0 * * 7":          "2026-11-22",
		"0 0 * * 1":          "2026-11-23",
		"0 0 * * 6-7":        "2026-11-21",
		"0 0 * * 7-2":        "2026-11-22",
		"0 0 * * 7/4":        "2026-11-22",
		"0 0 * * 5-7/2":      "2026-11-22",
		"0 0 25 * 1":         "2026-11-23", // either day will do
		"0 0 25 * FRI":       "2026-11-25",
		"0 0 */25 * MON":     "2027-02-01", // * is not "given": both are needed
		"@weekly":            "2026-11-22",
		"@Yearly":            "2027-01-01",
		"@annually":          "2027-01-01",
		"@monthly":           "2026-12-01",
		"@daily":             "2026-11-21",
		"@midnight":          "2026-11-21",
		"0 0 0 22 11 ? 2027": "2027-11-22",
		"0 0 0 * * MON":      "2026-11-23",
		"0 0 0 25 * *":       "2026-11-25",
	} {
		require.Equal(t, want, fires(t, expr, "", "2026-11-20T00:00:00Z", 1)[0][:10], expr)
	}
	_, err := Parse(cronIn("0 0 0 1 * MON", ""))
	require.ErrorContains(t, err, "write ? in one of them")
	_, err = Parse(cronIn("0 12 22 11 * 2026", ""))
	require.ErrorContains(t, err, "a year is the seventh field")
}

func TestNeverIsAnsweredAtOnce(t *testing.T) {
	t.Parallel()
	// Without bounds on the search each question takes the engine 10 to 240 ms:
	// what follows would run for minutes.
	for _, expr := range []string{"0 0 0 29 2 ? 2100", "0 0 0 1 1 ? 1999", "* * * * * ? 1970", "0 0 0 29 2 ? 2023"} {
		for _, zone := range []string{"", "America/New_York", "Pacific/Apia"} {
			s := mustParse(t, cronIn(expr, zone))
			start := at(t, "2026-11-22T00:00:00Z")
			for i := range int64(2000) {
				_, ok := s.Next(start + i)
				require.False(t, ok, expr)
			}
		}
	}
	for range 2000 {
		_, err := Parse(cronIn("0 0 0 30 2 ?", ""))
		require.Error(t, err)
	}
}
