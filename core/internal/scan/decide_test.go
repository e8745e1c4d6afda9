package scan

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/core/internal/store"
	"github.com/quartz-cluster/quartz/schema"
)

const (
	second = int64(time.Second / time.Millisecond)
	hour   = 3600 * second
	day    = 24 * hour

	limit = 60 * second // the misfire threshold
)

// noon is the time of the decision, an instant of every schedule below.
var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC).UnixMilli()

// due is an execute whose next fire lies back by late, with an instant every
// hour or, as a cron expression, every day.
func due(kind schema.JobType, late int64) *store.Due {
	d := &store.Due{JobType: kind, Start: noon - 1000*day, Next: noon - late, End: -1}
	if kind == schema.Cron {
		d.Cron, d.ZoneID = "0 0 12 * * ?", "UTC"
	} else {
		d.Interval, d.RepeatCount = hour, -1
	}
	return d
}

func TestDecide(t *testing.T) {
	t.Parallel()
	type want struct {
		nominal, next int64
		skipped       int64
	}
	for _, kind := range []schema.JobType{schema.Simple, schema.Cron} {
		period := hour
		if kind == schema.Cron {
			period = day
		}
		for name, c := range map[string]struct {
			policy  schema.Misfire
			catchUp int
			missed  int64 // periods by which the next fire lies back
			now     int64 // after noon
			want
		}{
			"ahead of its time":            {"", 0, 0, -250, want{noon, noon + period, 0}},
			"on time":                      {"", 0, 0, 0, want{noon, noon + period, 0}},
			"late up to the threshold":     {schema.Skip, 0, 0, limit, want{noon, noon + period, 0}},
			"one missed, default":          {"", 0, 0, limit + 1, want{noon, noon + period, 0}},
			"one missed, FIRE_ONCE":        {schema.FireOnce, 0, 0, limit + 1, want{noon, noon + period, 0}},
			"one missed, SKIP":             {schema.Skip, 0, 0, limit + 1, want{0, noon + period, 1}},
			"one missed, FIRE_ALL":         {schema.FireAll, 0, 0, limit + 1, want{noon, noon + period, 0}},
			"five missed, default":         {"", 0, 4, limit + 1, want{noon, noon + period, 4}},
			"five missed, SKIP":            {schema.Skip, 0, 4, limit + 1, want{0, noon + period, 5}},
			"four missed, newest in time":  {schema.FireOnce, 0, 4, limit, want{noon, noon + period, 4}},
			"SKIP with the newest in time": {schema.Skip, 0, 4, limit, want{noon, noon + period, 4}},
			"SKIP at the newest itself":    {schema.Skip, 0, 4, 0, want{noon, noon + period, 4}},
			"SKIP just before the newest":  {schema.Skip, 0, 4, -1, want{0, noon, 4}},
			"ONCE just before the newest":  {schema.FireOnce, 0, 4, -1, want{noon - period, noon, 3}},
			"five missed, FIRE_ALL":        {schema.FireAll, 0, 4, limit + 1, want{noon - 4*period, noon - 3*period, 0}},
			"catch up all five":            {schema.FireAll, 5, 4, limit + 1, want{noon - 4*period, noon - 3*period, 0}},
			"catch up two":                 {schema.FireAll, 2, 4, limit + 1, want{noon - period, noon, 3}},
			"catch up one":                 {schema.FireAll, 1, 4, limit + 1, want{noon, noon + period, 4}},
			"the bound where none is set":  {schema.FireAll, 0, DefaultCatchUp, limit + 1, want{noon - (DefaultCatchUp-1)*period, noon - (DefaultCatchUp-2)*period, 1}},
			"what is no policy":            {"WHENEVER", 0, 4, limit + 1, want{noon, noon + period, 4}},
		} {
			d := due(kind, c.missed*period)
			d.Misfire, d.CatchUp = c.policy, c.catchUp
			d.Start = min(d.Start, d.Next)
			before := *d
			got, err := Decide(d, noon+c.now, limit)
			require.NoError(t, err)
			require.Equal(t, c.want, want{got.Nominal, got.NextFire, got.Skipped.Misfire}, "%s, %s", kind, name)
			require.Equal(t, before, *got.Due)
		}
	}
}

// The last instants of a schedule are decided like any others, and 0 says that
// none follows.
func TestDecideAtTheEnd(t *testing.T) {
	t.Parallel()
	d := due(schema.Simple, 2*hour)
	d.Start, d.RepeatCount = noon-2*hour, 3
	for policy, want := range map[schema.Misfire]store.Claim{
		schema.FireOnce: {Nominal: noon, Skipped: store.Skips{Misfire: 2}, Missed: 3},
		schema.Skip:     {Skipped: store.Skips{Misfire: 3}, Missed: 3},
		schema.FireAll:  {Nominal: noon - 2*hour, NextFire: noon - hour, Missed: 1},
	} {
		d.Misfire = policy
		want.Due, want.Attempt, want.Late = d, 1, day+2*hour
		got, err := Decide(d, noon+day, limit)
		require.NoError(t, err)
		require.Equal(t, want, got, policy)
	}
	d.Misfire, d.Next = schema.FireAll, noon
	got, err := Decide(d, noon, limit)
	require.NoError(t, err)
	require.Equal(t, store.Claim{Due: d, Nominal: noon, Attempt: 1}, got, "the third of three")
}

// What has been claimed is not claimed again: it is rescheduled behind it, with
// nothing counted.
func TestDecideAboutANextFireThatWasPutBack(t *testing.T) {
	t.Parallel()
	for _, back := range []int64{0, hour, 5 * hour} {
		d := due(schema.Simple, back)
		d.High = noon
		got, err := Decide(d, noon+5*hour, limit)
		require.NoError(t, err)
		require.Equal(t, store.Claim{Due: d, Attempt: 1, NextFire: noon + hour}, got)
	}
	d := due(schema.Simple, 0)
	d.High, d.Start, d.RepeatCount = noon, noon, 1
	got, err := Decide(d, noon, limit)
	require.NoError(t, err)
	require.Equal(t, store.Claim{Due: d, Attempt: 1}, got, "and nothing is left")
}

// A long absence is counted in steps of bounded cost, each of which moves the
// schedule on, and comes to the exact number.
func TestDecideAboutALongAbsence(t *testing.T) {
	t.Parallel()
	const absent = 35_000
	for policy, want := range map[schema.Misfire]struct{ runs, skipped int64 }{
		schema.FireOnce: {1, absent - 1}, schema.Skip: {0, absent}, schema.FireAll: {7, absent - 7},
	} {
		d := &store.Due{JobType: schema.Cron, Cron: "* * * * * ?", ZoneID: "UTC", End: noon, Next: noon - (absent-1)*second, Misfire: policy}
		if policy == schema.FireAll {
			d.CatchUp = 7
		}
		var runs, skipped, missed int64
		for steps := 0; d.Next != 0; steps++ {
			require.Less(t, steps, 20)
			got, err := Decide(d, noon+day, limit)
			require.NoError(t, err)
			skipped += got.Skipped.Misfire
			missed += got.Missed
			if got.Nominal != 0 {
				runs++
				require.Greater(t, got.Nominal, d.High)
				d.High = got.Nominal
			}
			require.True(t, got.NextFire > d.Next || got.NextFire == 0)
			d.Next = got.NextFire
		}
		require.Equal(t, want.runs, runs, policy)
		require.Equal(t, want.skipped, skipped, policy)
		require.EqualValues(t, absent, missed, policy)
	}
}

func TestDecideRefusesWhatCannotBeScheduled(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(d *store.Due){
		"cron":           func(d *store.Due) { d.Cron = "often" },
		"zone":           func(d *store.Due) { d.ZoneID = "UTC+8" },
		"type":           func(d *store.Due) { d.JobType = "WEEKLY" },
		"repeatInterval": func(d *store.Due) { d.JobType = schema.Simple },
		"endTime":        func(d *store.Due) { d.End = d.Start - 1 },
	} {
		d := due(schema.Cron, 0)
		change(d)
		_, err := Decide(d, noon, limit)
		require.ErrorContains(t, err, name+" ")
	}
}
