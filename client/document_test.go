package client

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// places lists the mistakes that are told of a document.
func places(t testing.TB, err error) []string {
	t.Helper()
	var wrong *DocumentError
	require.ErrorAs(t, err, &wrong)
	var first *FieldError
	require.ErrorAs(t, err, &first)
	require.Same(t, wrong.Mistakes[0], first)
	require.NotContains(t, err.Error(), "\n")
	var out []string
	for _, m := range wrong.Mistakes {
		out = append(out, m.Error())
	}
	return out
}

func TestDocumentsTellAllTheirMistakes(t *testing.T) {
	t.Parallel()
	_, err := ReadDocument([]byte(`{
		"app": " billing",
		"version": 2,
		"jobs": [
			{"name": "a", "class": "x", "class": "y", "data": "text", "description": "\u0000"},
			{"name": "a", "class": "", "paused": "yes", "executes": "none"},
			7,
			{"name": "b", "class": "x", "data": [1, "x` + strings.Repeat("x", 4000) + `"], "executes": [
				{"name": "e", "schedule": {"cron": "0 0 8 30 2 ?", "zone": "Europe/Berlin"}, "misfire": "NEVER", "timeout": "-1s", "retryDelay": "10s", "runOn": "SOME"},
				{"name": "e", "schedule": {"interval": "5s", "count": 3}, "retryMax": 1.5, "timeout": 5, "targets": "a"},
				{"schedule": {"cron": "@daily", "intervall": "5s"}},
				{"name": "f"},
				{"name": "g", "schedule": {"interval": "soon", "start": "tomorrow"}, "deadlineNs": 5},
				{"name": "h", "schedule": {"cron": "@daily", "zone": "Mars"}, "previousName": "e"},
				{"name": "i", "schedule": {"interval": "1ms"}, "previousName": "gone"},
				{"name": "j", "schedule": {"type": "NOW"}, "previousName": "gone"},
				{"name": "k", "schedule": {"cron": "@daily", "end": "1960-01-01T00:00:00Z"}, "overlapMax": 2, "overlap": "SKIP"}
			]}
		]
	}`))
	got := places(t, err)
	for i, m := range got {
		if len(m) > 130 {
			got[i] = m[:130] + "…"
		}
	}
	require.Equal(t, []string{
		`app " billing": must not begin or end with a blank`,
		`jobs[0].class "y": is given twice`,
		`jobs[0].data "\"text\"": must be a JSON object or array, not a single value`,
		`jobs[0].description "\x00": must not hold the character NUL`,
		`jobs[1].executes "none": must be a list`,
		`jobs[1].name "a": is the name of jobs[0], too`,
		`jobs[1].paused "yes": must be true or false`,
		`jobs[2] "7": must be an object: class, data, description, executes, name, paused, previousName`,
		`jobs[3].data "[1,\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…": has 4007 …`,
		`jobs[3].executes[0].misfire "NEVER": must be one of [FIRE_ONCE SKIP FIRE_ALL]`,
		`jobs[3].executes[0].retryDelay "10s": needs a number of retries`,
		`jobs[3].executes[0].schedule.cron "0 0 8 30 2 ?": matches no day of any year`,
		`jobs[3].executes[0].targets "": must name at least one node key or label`,
		`jobs[3].executes[0].timeout "-1s": must not be negative`,
		`jobs[3].executes[1].name "e": is the name of jobs[3].executes[0], too`,
		`jobs[3].executes[1].retryMax "1.5": must be a whole number`,
		`jobs[3].executes[1].schedule.start "": must be given for what fires a number of times: it would begin again whenever its row is go…`,
		`jobs[3].executes[1].targets "a": must be a list of texts`,
		`jobs[3].executes[1].timeout "5": must be a duration such as 5s or 1h30m`,
		`jobs[3].executes[2].name "": must not be empty`,
		`jobs[3].executes[2].schedule.intervall "5s": is no field here, which are count, cron, end, interval, start, type, zone`,
		`jobs[3].executes[3].schedule "": must have a cron expression, or an interval`,
		`jobs[3].executes[4].deadlineNs "5": is no field here, which are catchUp, data, deadline, misfire, name, overlap, overlapMax, pause…`,
		`jobs[3].executes[4].schedule.interval "soon": must be a duration such as 5s or 1h30m`,
		`jobs[3].executes[4].schedule.start "tomorrow": must be a time such as 2027-01-31T08:00:00Z`,
		`jobs[3].executes[5].previousName "e": is the name of jobs[3].executes[0]`,
		`jobs[3].executes[5].schedule.zone "Mars": is no IANA time zone`,
		`jobs[3].executes[6].schedule.interval "1ms": must be at least 10ms for what fires more than once`,
		`jobs[3].executes[7].previousName "gone": is the previous name of jobs[3].executes[6], too`,
		`jobs[3].executes[7].schedule.type "NOW": must be CRON or SIMPLE: make the schedule with Cron, Every, At or Now`,
		`jobs[3].executes[8].overlapMax "2": belongs to the overlap policy ALLOW`,
		`jobs[3].executes[8].schedule.end "1960-01-01 00:00:00 +0000 UTC": must be after 1970 and before the year 10000`,
		`version "2": is no field here, which are app, jobs`,
	}, got)
}

func TestDocumentsThatAreNoJSON(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                            `document "": is no JSON at line 1, column 0: unexpected end of JSON input`,
		"{\n  \"app\": \"x\",\n  }":   `document "  }": is no JSON at line 3, column 3: invalid character '}' looking for beginning of object key string`,
		`{"app": "x", "jobs": []}}`:   `document "{\"app\": \"x\", \"jobs\": []}}": is no JSON at line 1, column 25: invalid character '}' after top-level value`,
		"{\"app\": \"\xff\"}":         "document \"{\\\"app\\\": \\\"\\xff\\\"}\": is no JSON at line 1, column 12: is not valid UTF-8",
		`[]`:                          `document "[]": must be an object: app, jobs`,
		`null`:                        `document "null": must be an object: app, jobs`,
		`{"app": null, "jobs": null}`: `app "": must not be empty`,
	} {
		_, err := ReadDocument([]byte(text))
		require.Equal(t, []string{want}, places(t, err), text)
	}
}

// What is wrong throughout costs no more than its reading.
func TestEnoughMistakes(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		`{"app": "x", "jobs": [` + strings.Repeat("{},", 2*maxMistakes) + `{}]}`,
		`{"app": "x", "jobs": [` + strings.Repeat("0,", 2*maxMistakes) + `0]}`,
		`{"app": "x", "jobs": [{"name": "j", "class": "c", "executes": [` + strings.Repeat("{},", 2*maxMistakes) + `{}]}]}`,
		`{"app": "x"` + strings.Repeat(`, "wrong": 0`, 2*maxMistakes) + `}`,
	} {
		_, err := ReadDocument([]byte(text))
		n := len(places(t, err))
		require.GreaterOrEqual(t, n, maxMistakes, text[:60])
		require.Less(t, n, maxMistakes+10, text[:60])
	}
}

func TestManyMistakesAreReadable(t *testing.T) {
	t.Parallel()
	doc := Document{App: "billing", Jobs: make([]DocumentJob, 100)}
	_, err := json.Marshal(doc)
	require.NoError(t, err)
	_, mistakes := doc.check("billing", nil)
	err = documentError(mistakes)
	require.Len(t, places(t, err), 200)
	require.Less(t, len(err.Error()), 1000)
	require.True(t, strings.HasSuffix(err.Error(), "; and 190 more"), err.Error())
	var wrong *DocumentError
	require.ErrorAs(t, err, &wrong)
	require.Equal(t, "jobs[99].name", wrong.Mistakes[199].Field, "in their order")
}

// Whatever text is read: it is refused by place, or what was read can be written and
// read again as the same.
func FuzzDocument(f *testing.F) {
	for _, seed := range []string{
		`{"app":"a","jobs":[{"name":"j","class":"x","data":{"a":"\u003c\\u003c"},"paused":false,"executes":[{"name":"e","schedule":{"cron":"@daily"}}]}]}`,
		`{"app":"a","jobs":[{"name":"j","class":"x","executes":[{"name":"e","schedule":{"interval":"5s","count":1,"start":"2027-01-01T00:00:00Z"},
			"retryMax":1,"retryDelay":"1m","targets":["a"],"runOn":"SOME"}]}]}`,
		`{"app":"a","jobs":[null,1]}`, `[`, "\xff", `{"":{}}`, `{"jobs":[{"executes":[{"schedule":[]}]}]}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		doc, err := ReadDocument(text)
		if err != nil {
			require.NotEmpty(t, places(t, err))
			return
		}
		written, err := json.Marshal(doc)
		require.NoError(t, err)
		again, err := ReadDocument(written)
		require.NoError(t, err)
		rewritten, err := json.Marshal(again)
		require.NoError(t, err)
		require.JSONEq(t, string(written), string(rewritten))
		_, err = doc.want(ApplyOptions{})
		require.NoError(t, err)
	})
}

func TestDataThatReadsAlike(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{``, ``, true},
		{`{"a": 1, "b": [1, 2]}`, `{"b":[1,2],"a":1}`, true},
		{`{"a":"\u003c\u00e4"}`, `{"a":"<ä"}`, true},
		{`{"a":1.50}`, `{"a":1.5}`, false},
		{`{"a":9007199254740993}`, `{"a":9007199254740992}`, false},
		{`[1,2]`, `[2,1]`, false},
		{``, `{}`, false},
		{`{} x`, `{}`, false}, // another program's
		{`"{}"`, `{}`, false},
	} {
		require.Equal(t, c.same, sameData(c.a, c.b), "%s %s", c.a, c.b)
	}
	text, err := documentData(json.RawMessage("{\n\t\"a\": \"\\u003c \\\\u003c \\\" \\u0026\"\n}"))
	require.NoError(t, err)
	require.JSONEq(t, `{"a":"< \\u003c \" &"}`, text)
	require.Len(t, text, 22, "without escapes and blanks that it can do without")
}
