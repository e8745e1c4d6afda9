package client

import (
	"context"
	"encoding/json"
	"math"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/schema"
)

// badCase is a call that is to be refused, with the field and the value that
// its error must name.
type badCase struct {
	name, field string
	value       any
	call        func(ctx context.Context, c *Client) error
}

// absent is the id of nothing: fields are checked before rows are looked for.
const absent = ID(123456789)

func badJob(name, field string, value any, spoil func(j *Job)) badCase {
	return badCase{name, field, value, func(ctx context.Context, c *Client) error {
		job := Job{App: "billing", Class: "x"}
		spoil(&job)
		_, err := c.AddJob(ctx, job)
		return err
	}}
}

func badSchedule(name, field string, value any, s Schedule) badCase {
	return badCase{name, field, value, func(ctx context.Context, c *Client) error {
		_, err := c.AddExecute(ctx, existing.JobID, s)
		return err
	}}
}

func badOption(name, field string, value any, option ExecuteOption) badCase {
	return badCase{name, field, value, func(ctx context.Context, c *Client) error {
		_, err := c.AddExecute(ctx, existing.JobID, Every(time.Minute), option)
		return err
	}}
}

func badEdit(name, field string, value any, edits ...ExecuteEdit) badCase {
	return badCase{name, field, value, func(ctx context.Context, c *Client) error {
		_, err := c.UpdateExecute(ctx, existing.ID, existing.Version, edits...)
		return err
	}}
}

func badJobEdit(name, field string, value any, edits ...JobEdit) badCase {
	return badCase{name, field, value, func(ctx context.Context, c *Client) error {
		_, err := c.UpdateJob(ctx, existing.JobID, 0, edits...)
		return err
	}}
}

func badID(name, field string, call func(ctx context.Context, c *Client, id ID) error) []badCase {
	var cases []badCase
	for _, id := range []ID{0, -1, schema.MaxID + 1} {
		cases = append(cases, badCase{name + " " + id.String(), field, int64(id), func(ctx context.Context, c *Client) error { return call(ctx, c, id) }})
	}
	return cases
}

// existing is an execute that the calls could change.
var existing *ExecuteInfo

var (
	past = noon.Add(-time.Hour)
	long = strings.Repeat("x", 5000)
)

func badCases() []badCase {
	cases := []badCase{
		badJob("job without app", "app", "", func(j *Job) { j.App = "" }),
		badJob("app too long", "app", long[:51], func(j *Job) { j.App = long[:51] }),
		badJob("app of many bytes", "app", strings.Repeat("ß", 26), func(j *Job) { j.App = strings.Repeat("ß", 26) }),
		badJob("app with a blank", "app", "billing ", func(j *Job) { j.App = "billing " }),
		badJob("app with a newline", "app", "bill\ning", func(j *Job) { j.App = "bill\ning" }),
		badJob("app with a C1 control character", "app", "a\u0085b", func(j *Job) { j.App = "a\u0085b" }),
		badJob("app in other bytes", "app", "\xff", func(j *Job) { j.App = "\xff" }),
		badJob("job without class", "class", "", func(j *Job) { j.Class = "" }),
		badJob("class too long", "class", long[:128], func(j *Job) { j.Class = long[:128] }),
		badJob("class with NUL", "class", "a\x00b", func(j *Job) { j.Class = "a\x00b" }),
		badJob("name too long", "name", long[:101], func(j *Job) { j.Name = long[:101] }),
		badJob("name of blanks", "name", " ", func(j *Job) { j.Name = " " }),
		badJob("name with escape", "name", "\x1b[31m", func(j *Job) { j.Name = "\x1b[31m" }),
		badJob("description too long", "description", long[:101], func(j *Job) { j.Description = long[:101] }),
		badJob("description with NUL", "description", "\x00", func(j *Job) { j.Description = "\x00" }),
		badJob("data no JSON", "data", "{a: 1}", func(j *Job) { j.Data = "{a: 1}" }),
		badJob("data half", "data", `{"a":`, func(j *Job) { j.Data = []byte(`{"a":`) }),
		badJob("data twice", "data", `{} {}`, func(j *Job) { j.Data = json.RawMessage(`{} {}`) }),
		badJob("data a number", "data", "7", func(j *Job) { j.Data = 7 }),
		badJob("data a string", "data", `"text"`, func(j *Job) { j.Data = `"text"` }),
		badJob("data a boolean", "data", "true", func(j *Job) { j.Data = true }),
		badJob("data blank", "data", "  ", func(j *Job) { j.Data = "  " }),
		badJob("data too long", "data", "[\""+long, func(j *Job) { j.Data = []string{long} }),
		badJob("data in other bytes", "data", "[\"\xff\"]", func(j *Job) { j.Data = "[\"\xff\"]" }),
		badJob("data with NUL", "data", "[\"\x00\"]", func(j *Job) { j.Data = "[\"\x00\"]" }),
		badJob("data a function", "data", "func()", func(j *Job) { j.Data = func() {} }),
		badJob("data not a number", "data", "float64", func(j *Job) { j.Data = math.NaN() }),

		badSchedule("no schedule", "type", "", Schedule{}),
		badSchedule("unknown type", "type", "ERROR,INIT", Schedule{Type: "ERROR,INIT"}),
		badSchedule("cron empty", "cron", "", Cron("", "")),
		badSchedule("cron of four fields", "cron", "0 0 8 *", Cron("0 0 8 *", "")),
		badSchedule("cron out of range", "cron", "0 61 * * * ?", Cron("0 61 * * * ?", "")),
		badSchedule("cron both days", "cron", "0 0 8 1 * MON", Cron("0 0 8 1 * MON", "")),
		badSchedule("cron 30 February", "cron", "0 0 0 30 2 ?", Cron("0 0 0 30 2 ?", "")),
		badSchedule("cron over", "cron", "0 0 8 1 1 ? 2026", Cron("0 0 8 1 1 ? 2026", "")),
		badSchedule("cron every", "cron", "@every 5s", Cron("@every 5s", "")),
		badSchedule("cron too long", "cron", long[:251], Cron(long[:251], "")),
		badSchedule("cron in other bytes", "cron", "\xff * * * *", Cron("\xff * * * *", "")),
		badSchedule("Java zone", "zone", "UTC+8", Cron("0 0 8 * * ?", "UTC+8")),
		badSchedule("no zone of that name", "zone", "Europe/Berln", Cron("0 0 8 * * ?", "Europe/Berln")),
		badSchedule("zone of the machine", "zone", "Local", Cron("0 0 8 * * ?", "Local")),
		badSchedule("zone with a path", "zone", "../etc/passwd", Cron("0 0 8 * * ?", "../etc/passwd")),
		badSchedule("cron counted", "count", "3", Cron("0 0 8 * * ?", "").Times(3)),
		badSchedule("cron with interval", "interval", "1s", Schedule{Type: schema.Cron, Cron: "@daily", Interval: time.Second}),
		badSchedule("simple with cron", "cron", "@daily", Schedule{Type: schema.Simple, Cron: "@daily", Interval: time.Second}),
		badSchedule("simple with zone", "zone", "UTC", Schedule{Type: schema.Simple, Zone: "UTC", Interval: time.Second}),
		badSchedule("no interval", "interval", "0s", Every(0)),
		badSchedule("interval negative", "interval", "-1s", Every(-time.Second)),
		badSchedule("interval too short", "interval", "9ms", Every(9*time.Millisecond)),
		badSchedule("interval of half a millisecond", "interval", "10.5ms", Every(10500*time.Microsecond)),
		badSchedule("no times", "count", "0", Every(time.Second).Times(0)),
		badSchedule("negative times", "count", "-1", Every(time.Second).Times(-1)),
		badSchedule("too many times", "count", "2147483648", Every(time.Second).Times(math.MaxInt32+1)),
		badSchedule("now three times", "interval", "0s", Now().Times(3)),
		badSchedule("at no time", "start", "0001-01-01", At(time.Time{})),
		badSchedule("at a time past", "start", "2027-03-01 11:00", At(past)),
		badSchedule("start before 1970", "start", "1969", Every(time.Second).StartAt(time.Unix(-1, 0).UTC())),
		badSchedule("start far away", "start", "12000", Every(time.Second).StartAt(time.Date(12000, 1, 1, 0, 0, 0, 0, time.UTC))),
		badSchedule("end before start", "end", "2027-03-01 11:00", Every(time.Second).StartAt(noon).Until(past)),
		badSchedule("end past", "end", "2027-03-01 11:00", Every(time.Second).Until(past)),
		badSchedule("end far away", "end", "146138514283", Every(time.Second).Until(time.Unix(math.MaxInt64>>1, 0).UTC())),
		badSchedule("nothing before the end", "end", "2027-03-01 12:00", Cron("0 0 8 * * ?", "").Until(noon.Add(time.Second))),

		badOption("execute name too long", "name", long[:101], Named(long[:101])),
		badOption("execute name with tab", "name", "a\tb", Named("a\tb")),
		badOption("execute data", "data", "nonsense", WithData("nonsense")),
		badOption("misfire", "misfire", "fire_once", OnMisfire("fire_once")),
		badOption("catch up negative", "catchUp", "-1", CatchUp(-1)),
		badOption("catch up too far", "catchUp", "1000001", CatchUp(1_000_001)),
		badOption("catch up without FIRE_ALL", "catchUp", "3", func(e *Execute) { e.CatchUp = 3 }),

		badEdit("no edits", "edits", "0"),
		badEdit("edit of the name", "name", " x", SetName(" x")),
		badEdit("edit of the data", "data", "[", SetData("[")),
		badEdit("edit of the misfire", "misfire", "", SetMisfire("", 0)),
		badEdit("edit of the catch up", "catchUp", "2", SetMisfire(schema.Skip, 2)),
		badEdit("edit of the schedule", "cron", "bad", SetSchedule(Cron("bad", ""))),
		badEdit("edit to what is over", "start", "2027-03-01 11:00", SetSchedule(At(past))),
		badEdit("second edit", "interval", "1ms", SetName("fine"), SetSchedule(Every(time.Millisecond))),
		badJobEdit("no job edits", "edits", "0"),
		badJobEdit("edit of the class", "class", "", SetClass("")),
		badJobEdit("edit of the job's name", "name", "\x7f", SetName("\x7f")),
		badJobEdit("edit of the description", "description", "\xff", SetDescription("\xff")),
		badJobEdit("edit of the job's data", "data", "1", SetData(1)),
		{"version of a job", "version", "-1", func(ctx context.Context, c *Client) error {
			_, err := c.UpdateJob(ctx, absent, -1, SetClass("x"))
			return err
		}},
		{"version of an execute", "version", "-7", func(ctx context.Context, c *Client) error {
			_, err := c.UpdateExecute(ctx, absent, -7, SetName("x"))
			return err
		}},
		{"batch too large", "executes", "1001", func(ctx context.Context, c *Client) error {
			_, err := c.AddExecutes(ctx, existing.JobID, make([]Execute, MaxBatch+1))
			return err
		}},
		{"batch of jobs too large", "jobs", "1001", func(ctx context.Context, c *Client) error {
			_, err := c.AddJobs(ctx, make([]Job, MaxBatch+1))
			return err
		}},
		{"one of a batch", "executes[1].interval", "1ns", func(ctx context.Context, c *Client) error {
			_, err := c.AddExecutes(ctx, existing.JobID, []Execute{{Schedule: Now()}, {Schedule: Every(1)}})
			return err
		}},
		{"actor too long", "actor", long[:101], func(ctx context.Context, c *Client) error {
			_, err := c.As(long[:101]).PauseExecute(ctx, existing.ID)
			return err
		}},
		{"actor of the context", "actor", "\x00", func(ctx context.Context, c *Client) error {
			_, err := c.As("fine").ListJobs(WithActor(ctx, "\x00"), JobFilter{})
			return err
		}},
		{"actor with newline", "actor", "a\nb", func(ctx context.Context, c *Client) error {
			_, err := c.As("a\nb").AddJob(ctx, Job{App: "billing", Class: "x"})
			return err
		}},
	}
	cases = append(cases, badPolicies()...)
	cases = append(cases, badFires()...)
	cases = append(cases, badOperators()...)
	cases = append(cases, badInspections()...)
	cases = append(cases, badNames()...)
	cases = append(cases, badLists()...)
	for name, call := range idCalls() {
		cases = append(cases, badID(name, "id", call)...)
	}
	return append(cases, badID("AddExecute", "job", func(ctx context.Context, c *Client, id ID) error {
		_, err := c.AddExecute(ctx, id, Now())
		return err
	})...)
}

// lastEnd is a tracer that keeps how the last call ended.
type lastEnd struct{ last error }

func (e *lastEnd) Begin(ctx context.Context, _ string) (context.Context, func(error)) {
	return ctx, func(err error) { e.last = err }
}

func (e *lastEnd) TraceContext(context.Context) string { return "" }

// Every call refuses what cannot be, names itself and the field and what it held, tells its
// tracer, and writes nothing.
func TestBadInput(t *testing.T) {
	t.Parallel()
	c, db := newTest(t)
	ends := &lastEnd{}
	c.config.Tracer = ends
	existing = addTestExecute(t, c, Every(time.Hour))
	before := contents(t, db)
	cases := badCases()
	require.Greater(t, len(cases), 100)
	for _, b := range cases {
		t.Run(b.name, func(t *testing.T) {
			ends.last = nil
			err := b.call(t.Context(), c)
			var wrong *FieldError
			require.ErrorAs(t, err, &wrong)
			require.Equal(t, b.field, wrong.Field, err.Error())
			want := shown(b.value)
			want = strings.TrimSuffix(want[1:len(want)-1], "…")
			require.Contains(t, shown(wrong.Value), want)
			if strings.HasPrefix(b.name, "preview") && ends.last == nil { // of Preview, which is no call
				require.True(t, strings.HasPrefix(err.Error(), b.field+` "`), err.Error())
			} else {
				require.Regexp(t, `^[a-z ]+: `+regexp.QuoteMeta(b.field)+` "`, err.Error(), "it begins with the call")
				require.Equal(t, err, ends.last, "the tracer is told")
			}
			require.Less(t, len(err.Error()), 700, "readable")
			require.NotContains(t, err.Error(), "\n")
		})
	}
	require.Equal(t, before, contents(t, db))
}

func TestBadConfig(t *testing.T) {
	t.Parallel()
	_, db := newTest(t)
	for _, b := range []struct {
		field  string
		config Config
	}{
		{"tablePrefix", Config{TablePrefix: "1_"}},
		{"tablePrefix", Config{TablePrefix: "Q; DROP TABLE QRTZ_JOB; --"}},
		{"tablePrefix", Config{TablePrefix: "ABCDEFGHIJKLMNOPQ"}},
		{"tablePrefix", Config{TablePrefix: "ä_"}},
		{"databaseSchema", Config{DatabaseSchema: "a.b"}},
		{"databaseSchema", Config{DatabaseSchema: "a b"}},
		{"databaseSchema", Config{DatabaseSchema: strings.Repeat("a", 31)}},
		{"actor", Config{Actor: strings.Repeat("a", 101)}},
		{"actor", Config{Actor: "a\x00"}},
	} {
		_, err := New(db, b.config)
		var wrong *FieldError
		require.ErrorAs(t, err, &wrong, "%+v", b.config)
		require.Equal(t, b.field, wrong.Field)
	}
	_, err := New(db, Config{}, Config{})
	require.Error(t, err)
	_, err = New(nil)
	require.ErrorContains(t, err, "db is nil")
}
