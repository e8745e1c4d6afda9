package schedule

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestAcceptedExpressions(t *testing.T) {
	t.Parallel()
	for _, expr := range []string{
		"* * * * * ?", "0 0 8 ? * MON-FRI", "0 0 8 ? * mon-fri", "  0   0\t8 ? * MON ", "0 0 8 * * * ", "0 0 8 * * *",
		"0 0 8 1,15,L * ?", "0 0 8 L-0 * ?", "0 0 8 L-30 1 ?", "0 0 8 31W 1 ?", "0 0 8 lw * ?", "0 0 8 l-2w * ?",
		"0 0 8 ? * 6l", "0 0 8 ? * fril", "0 0 8 ? * FRI#3", "0 0 8 ? * 6#3,2#1", "0 0 8 ? * L", "0 0 8 ? * 1L",
		"0 0/5 14,18 * * ?", "0 0-5 14 * * ?", "05 05 05 05 05 ?", "0 0 22-6/2 * * ?", "0 0 0 ? * 7-1", "0 0 0 ? * */2",
		"0 0 0 1/5 * ?", "0 0 0 ? JAN-MAR,NOV MON", "0 0 0 1 1 ? *", "0 0 0 1 1 ? 1970", "0 0 0 1 1 ? 2199", "0 0 0 1 1 ? 2020-2199/7",
		"*,5 * * * * ?", "0 0 0 29 2 ? 2100", "0 0 0 1-31 * ?", "59/59 59 23 31 12 ?", "/5 /5 /5 /5 /5 ?",
		"* * * * *", "*/5 * * * *", "0 9-17/2 * * 1-5", "0 0 1,15 * 3", "0 0 * * sun", "0 0 * * 0-7", "0 0 * * 7-2", "0 0 31 * FRI",
		"@daily", " @HOURLY ",
	} {
		_, err := Parse(cronIn(expr, "Europe/Berlin"))
		require.NoError(t, err, expr)
	}
}

func TestRefusedExpressionsSayWhy(t *testing.T) {
	t.Parallel()
	for expr, reason := range map[string]string{
		"":                                  "is empty",
		"   ":                               "is empty",
		"* * * *":                           "has 4 fields",
		"0 0 0 1 1 ? 2026 x":                "has 8 fields",
		"hello":                             "has 1 fields",
		"60 * * * * ?":                      `second "60" is out of range 0-59`,
		"0 60 * * * ?":                      `minute "60" is out of range 0-59`,
		"0 0 24 * * ?":                      `hour "24" is out of range 0-23`,
		"0 0 0 0 * ?":                       `day-of-month "0" is out of range 1-31`,
		"0 0 0 32 * ?":                      `day-of-month "32" is out of range 1-31`,
		"0 0 0 1 0 ?":                       `month "0" is out of range 1-12`,
		"0 0 0 1 13 ?":                      `month "13" is out of range 1-12`,
		"0 0 0 ? * 0":                       `day-of-week "0" is out of range 1-7: in this form 1 is SUN`,
		"0 0 0 ? * 8":                       `day-of-week "8" is out of range 1-7`,
		"0 0 * * 8":                         `day-of-week "8" is out of range 0-7`,
		"0 0 0 1 1 ? 1969":                  `year "1969" is out of range 1970-2199`,
		"0 0 0 1 1 ? 2030-2020":             `"2030-2020" ends before it begins`,
		"0 0 0 1 1 ? 20260":                 `"20260" is not understood`,
		"-1 * * * * ?":                      `"-1" is not understood`,
		"+1 * * * * ?":                      `"+1" is not understood`,
		"1.5 * * * * ?":                     `"1.5" is not understood`,
		"1- * * * * ?":                      `"1-" is not understood`,
		"1-2-3 * * * * ?":                   `"1-2-3" is not understood`,
		"*-5 * * * * ?":                     `"*-5" is not understood`,
		"** * * * * ?":                      `"**" is not understood`,
		"1,,2 * * * * ?":                    "has an empty place in its list",
		",1 * * * * ?":                      "has an empty place in its list",
		"1, * * * * ?":                      "has an empty place in its list",
		"*/0 * * * * ?":                     `"*/0" has a step out of range 1-59`,
		"*/60 * * * * ?":                    `"*/60" has a step out of range 1-59`,
		"0 0 */24 * * ?":                    `"*/24" has a step out of range 1-23`,
		"0 0 0 ? * */8":                     `"*/8" has a step out of range 1-7`,
		"0 0 0 1 1 ? */230":                 `"*/230" has a step out of range 1-229`,
		"*/ * * * * ?":                      `"*/" has no number as its step`,
		"*/x * * * * ?":                     `"*/X" has no number as its step`,
		"1/2/3 * * * * ?":                   `"1/2/3" has no number as its step`,
		"/ * * * * ?":                       `"/" has no number as its step`,
		"? * * * * ?":                       `second cannot be "?"`,
		"0 0 0 1 ? ?":                       `month cannot be "?"`,
		"0 0 0 ?,1 * ?":                     `"?" is not understood`,
		"0 0 0 ? * ?":                       "has ? in both day fields",
		"0 0 0 1 * MON":                     "restricts both day-of-month and day-of-week",
		"0 0 0 W * ?":                       "write W after a day of the month",
		"0 0 0 LWW * ?":                     `"LWW" is not understood`,
		"0 0 0 L-31 * ?":                    `"L-31" is out of range L-0 to L-30`,
		"0 0 0 L- * ?":                      `"L-" is not understood`,
		"0 0 0 L3 * ?":                      `"L3" is not understood`,
		"0 0 0 15L * ?":                     `"15L" is not understood`,
		"0 0 0 1-5W * ?":                    `"1-5W" is not understood`,
		"0 0 L * * ?":                       `hour "L" is not understood`,
		"0 0 0 ? * 2#0":                     "the number after # is 1-5",
		"0 0 0 ? * 2#6":                     "the number after # is 1-5",
		"0 0 0 ? * #2":                      `"#2" is not understood`,
		"0 0 0 ? * 2#":                      "the number after # is 1-5",
		"0 0 0 ? * 2#1#2":                   "the number after # is 1-5",
		"0 0 0 ? * 0L":                      "in this form 1 is SUN",
		"0 0 0 ? * MONDAY":                  `"MONDAY" is not understood`,
		"0 0 0 ? * L-2":                     `"L-2" is not understood`,
		"0 0 0 1 JANUARY ?":                 `"JANUARY" is not understood`,
		"0 0 0 1 MON ?":                     `"MON" is not understood`,
		"0 0 0 ? * JAN":                     `"JAN" is not understood`,
		"0 0 L * *":                         `"L" belongs to the form with 6 or 7 fields`,
		"0 0 * * 5L":                        `"5L" belongs to the form with 6 or 7 fields`,
		"0 0 * * MON#1":                     `"MON#1" belongs to the form with 6 or 7 fields`,
		"0 0 ? * MON":                       `"?" belongs to the form with 6 or 7 fields`,
		"0 0 /2 * *":                        `"/2" is not understood`,
		"0 0 0 ? * ſUN":                     `holds the character 'ſ'`,
		"0\u00a00 0 ? * SUN":                `holds the character`,
		"0 0 0 ? * SUN\x00":                 `holds the character '\x00'`,
		"0 0 0 ? *\nSUN":                    `holds the character '\n'`,
		"@every 5m":                         "a fixed interval is a SIMPLE schedule",
		"@reboot":                           "is none of @yearly",
		"@":                                 "is none of @yearly",
		"@daily 5":                          "is none of @yearly",
		"0 0 0 31 2,4,6,9,11 ?":             "matches no day of any year",
		"0 0 30 2 *":                        "matches no day of any year",
		strings.Repeat("0,", 250) + "* * *": "is longer than 250 characters",
	} {
		s, err := Parse(cronIn(expr, ""))
		require.ErrorContains(t, err, reason, expr)
		require.Nil(t, s)
		var field *FieldError
		require.ErrorAs(t, err, &field, expr)
		require.Equal(t, "cron", field.Field)
		require.Equal(t, expr, field.Value)
		require.True(t, strings.HasPrefix(err.Error(), "cron "+quoted(expr)+" "), err)
	}
}

func TestRefusedSpecsNameTheFieldAndTheValue(t *testing.T) {
	t.Parallel()
	for want, spec := range map[string]Spec{
		`type "" is none of CRON, SIMPLE`:                                        {},
		`type "cron" is none of CRON, SIMPLE`:                                    {Type: "cron", Cron: "* * * * *"},
		`type "INTERVAL" is none of CRON, SIMPLE`:                                {Type: "INTERVAL"},
		`repeatInterval "0" is too short: what fires more than once`:             simpleOf(-1, 0, 0, 0),
		`repeatInterval "9" is too short`:                                        simpleOf(2, 9, 0, 0),
		`repeatInterval "-1" is too short`:                                       simpleOf(1, -1, 0, 0),
		`startTime "-1" is no time in milliseconds from 1970 to 9999`:            simpleOf(1, 0, -1, 0),
		`startTime "9223372036854775807" is no time in milliseconds`:             simpleOf(1, 0, math.MaxInt64, 0),
		`endTime "999" lies before the start time 1000`:                          simpleOf(1, 0, 1000, 999),
		`zone "Local" is another zone on every machine`:                          cronIn("* * * * *", "Local"),
		`zone "Europe/Berln" is no IANA time zone; did you mean "Europe/Berlin"`: cronIn("* * * * *", "Europe/Berln"),
	} {
		_, err := Parse(spec)
		require.ErrorContains(t, err, want)
		var field *FieldError
		require.ErrorAs(t, err, &field)
		require.Equal(t, strings.Fields(want)[0], field.Field)
	}
	for _, n := range []int{math.MinInt, -1, 0, 10_001, math.MaxInt} {
		_, err := Preview(cronIn("* * * * *", ""), time.Unix(0, 0), n)
		require.ErrorContains(t, err, "is out of range 1 to 10000")
	}
}

func TestPreview(t *testing.T) {
	t.Parallel()
	berlin, err := LoadZone("Europe/Berlin")
	require.NoError(t, err)
	times, err := Preview(cronIn("0 0 12 1 1 ? 2027-2028", "Europe/Berlin"), time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC), 5)
	require.NoError(t, err)
	require.Equal(t, []time.Time{time.Date(2027, 1, 1, 12, 0, 0, 0, berlin), time.Date(2028, 1, 1, 12, 0, 0, 0, berlin)}, times)

	// Later than, to the last digit, and far outside of what milliseconds hold.
	noon := time.Date(2027, 1, 1, 12, 0, 0, 0, berlin)
	for after, want := range map[time.Time]int{noon.Add(-1): 2, noon: 1, noon.Add(1): 1, {}: 2, time.Unix(1<<62, 0): 0, time.Unix(-1<<62, 0): 2} {
		times, err = Preview(cronIn("0 0 12 1 1 ? 2027-2028", "Europe/Berlin"), after, 5)
		require.NoError(t, err)
		require.Len(t, times, want, after)
	}
	times, err = Preview(simpleOf(3, 1000, 5000, 0), time.UnixMilli(5000), 9)
	require.NoError(t, err)
	require.Equal(t, []time.Time{time.UnixMilli(6000).UTC(), time.UnixMilli(7000).UTC()}, times)
}
