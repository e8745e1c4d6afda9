package client

import (
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/schema"
)

func TestIDIsAStringInJSON(t *testing.T) {
	t.Parallel()
	text, err := json.Marshal(map[string]ID{"id": schema.MaxID})
	require.NoError(t, err)
	require.JSONEq(t, `{"id":"999999999999999999"}`, string(text))
	for _, in := range []string{`"999999999999999999"`, `999999999999999999`} {
		var id ID
		require.NoError(t, json.Unmarshal([]byte(in), &id))
		require.EqualValues(t, schema.MaxID, id)
	}
	for _, in := range []string{`""`, `"x"`, `-1`, `0`, `1.5`, `"1000000000000000000"`, `null`, `[]`, `"1 "`} {
		var id ID
		require.Error(t, json.Unmarshal([]byte(in), &id), in)
	}
	id, err := ParseID("17")
	require.NoError(t, err)
	require.Equal(t, "17", id.String())
}

func TestData(t *testing.T) {
	t.Parallel()
	type invoice struct {
		N    int    `json:"n"`
		Text string `json:"text"`
	}
	var none *invoice
	for want, data := range map[string]any{
		`{"n":1,"text":"<a&b>"}`:   invoice{1, "<a&b>"},
		`[1,2]`:                    []int{1, 2},
		"{ \"as\" : \"given\" }\n": "{ \"as\" : \"given\" }\n",
		`{"raw":1.50}`:             json.RawMessage(`{"raw":1.50}`),
		`["bytes"]`:                []byte(`["bytes"]`),
		`{"x":[]}`:                 map[string][]int{"x": {}},
	} {
		got, err := encodeData(data)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
	for _, nothing := range []any{nil, none, "", []byte(nil), json.RawMessage(nil), json.RawMessage("null"), map[string]int(nil)} {
		got, err := encodeData(nothing)
		require.NoError(t, err)
		require.Empty(t, got)
	}
	_, err := encodeData(strings.Repeat("[", 4000) + strings.Repeat("]", 4000))
	require.Error(t, err)

	// What another program has written does not spoil the JSON of a list.
	text, err := json.Marshal(JobInfo{ID: 1, Data: decodeData(`{no json`)})
	require.NoError(t, err)
	require.Contains(t, string(text), `"data":"{no json"`)
}

func TestScheduleInJSON(t *testing.T) {
	t.Parallel()
	for text, s := range map[string]Schedule{
		`{"type":"CRON","cron":"0 0 8 ? * MON-FRI","zone":"Europe/Berlin"}`:  Cron("0 0 8 ? * MON-FRI", "Europe/Berlin"),
		`{"type":"SIMPLE","interval":"5s","count":10}`:                       {Type: schema.Simple, Interval: 5 * time.Second, Count: 10},
		`{"type":"SIMPLE","interval":"1m0s","start":"2027-03-01T12:00:00Z"}`: Every(time.Minute).StartAt(noon),
		`{"type":"SIMPLE","interval":"1m0s","end":"2027-03-01T12:00:00Z"}`:   Every(time.Minute).Until(noon),
	} {
		got, err := json.Marshal(s)
		require.NoError(t, err)
		require.Equal(t, text, string(got))
		var back Schedule
		require.NoError(t, json.Unmarshal(got, &back))
		require.Equal(t, s, back)
	}
	var s Schedule
	require.Error(t, json.Unmarshal([]byte(`{"type":"SIMPLE","interval":"soon"}`), &s))
	require.Error(t, json.Unmarshal([]byte(`[]`), &s))
}

func TestSameSchedule(t *testing.T) {
	t.Parallel()
	row := func(s Schedule) columns {
		c, err := s.columns()
		require.NoError(t, err)
		if c.start == 0 {
			c.start = noon.UnixMilli()
		}
		var e schema.Execute
		c.write(&e)
		return columnsOf(e)
	}
	given := func(s Schedule) columns {
		c, err := s.columns()
		require.NoError(t, err)
		return c
	}
	minute := Every(time.Minute)
	require.True(t, given(minute).same(row(minute)))
	require.True(t, given(minute.StartAt(noon)).same(row(minute)))
	require.True(t, given(minute).same(row(minute.StartAt(noon.Add(-time.Hour)))))
	require.False(t, given(minute.StartAt(noon.Add(1))).same(row(minute)), "rounded up to the next millisecond")
	require.False(t, given(minute.Times(3)).same(row(minute)))
	require.False(t, given(minute.Until(noon.Add(time.Hour))).same(row(minute)))
	require.True(t, given(Now()).same(row(At(noon))))
	require.True(t, given(Cron("@daily", "")).same(row(Cron("@daily", "UTC"))))
	require.False(t, given(Cron("@daily", "")).same(row(Cron("@daily", "Europe/Berlin"))))
	require.False(t, given(Cron("@daily", "")).same(row(minute)))
}

func TestPreview(t *testing.T) {
	t.Parallel()
	times, err := Preview(Every(time.Hour).Times(3), noon, 10)
	require.NoError(t, err)
	require.Equal(t, []time.Time{noon, noon.Add(time.Hour), noon.Add(2 * time.Hour)}, times)
	times, err = Preview(Every(time.Hour).StartAt(noon), noon, 1)
	require.NoError(t, err)
	require.Equal(t, []time.Time{noon.Add(time.Hour)}, times)
	times, err = Preview(Cron("0 0 8 1 1 ? 2020", ""), noon, 3)
	require.NoError(t, err)
	require.Empty(t, times)
}

func TestExplain(t *testing.T) {
	t.Parallel()
	for want, s := range map[string]Schedule{
		"At 08:00:00, Monday to Friday, Europe/Berlin":                                     Cron("0 0 8 ? * MON-FRI", "Europe/Berlin"),
		"Every hour at minute 0, UTC":                                                      Cron("@hourly", ""),
		"Every 5 seconds, 10 times":                                                        Every(5 * time.Second).Times(10),
		"Every 5 seconds, starting 2027-03-01 12:00:00 UTC, until 2027-03-01 13:00:00 UTC": Every(5 * time.Second).StartAt(noon).Until(noon.Add(time.Hour)),
		"Once, at 2027-03-01 12:00:00 UTC":                                                 At(noon),
		"Once":                                                                             Now(),
	} {
		text, err := Explain(s)
		require.NoError(t, err)
		require.Equal(t, want, text)
	}
	for field, s := range map[string]Schedule{
		"type": {}, "cron": Cron("0 0 0 30 2 ?", ""), "zone": Cron("@daily", "Mars"), "interval": Every(1), "end": Every(time.Second).StartAt(noon).Until(past),
	} {
		_, err := Explain(s)
		var wrong *FieldError
		require.ErrorAs(t, err, &wrong)
		require.Equal(t, field, wrong.Field)
	}
}

func TestCursorsSurviveATripThroughText(t *testing.T) {
	t.Parallel()
	want := cursor{List: KindNode, Descending: true, App: "Größe & \"co\"", Key: "k", ID: math.MaxInt64}
	_, got, err := PageOptions{Cursor: want.String(), Descending: true}.span(KindNode)
	require.NoError(t, err)
	require.Equal(t, want, got)
}

func TestErrorsNameWhatHappened(t *testing.T) {
	t.Parallel()
	require.EqualError(t, notFound(KindJob, ID(7)), "job 7: not found")
	require.EqualError(t, &NotFoundError{Kind: KindJob, Key: "n", Of: "app billing"}, `job "n" of app billing: not found`)
	require.EqualError(t, &AlreadyExistsError{Kind: KindNode, Key: "billing/a"}, "node billing/a: already exists")
	require.EqualError(t, &AlreadyExistsError{Kind: KindExecute, Key: "n", Of: "job 7"}, `execute "n" of job 7: already exists`)
	require.EqualError(t, invalid("app", "x ", "must not end so"), `app "x ": must not end so`)
	require.EqualError(t, &StateConflictError{Kind: KindJob, Key: "7", State: "PAUSED", Reason: "why"}, "job 7 is PAUSED: why")
	require.EqualError(t, &VersionConflictError{Kind: KindJob, ID: 7, Given: 1, Current: 2},
		"job 7 has version 2, the edit was made from version 1: read it again")
	wrapped := within("executes[2]", invalid("cron", "x", "y"))
	var field *FieldError
	require.ErrorAs(t, wrapped, &field)
	require.Equal(t, "executes[2].cron", field.Field)
	require.False(t, told(errors.New("the database's")))
}
