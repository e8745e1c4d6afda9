package scan

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/core/internal/store"
	"github.com/quartz-cluster/quartz/schema"
)

// ran is an execute of which a fire began at noon and ended after d.
func ran(policy schema.Overlap, d int64) *store.Due {
	out := due(schema.Simple, 0)
	out.Interval, out.High, out.Next = 10*second, noon, noon+10*second
	out.Overlap, out.Started, out.Ended = policy, noon, noon+d
	return out
}

func TestDecideAboutWhatCameDueMeanwhile(t *testing.T) {
	t.Parallel()
	type want struct {
		nominal, next int64 // after noon; 0: none
		skipped       int64
	}
	for name, c := range map[string]struct {
		policy schema.Overlap
		ended  int64
		now    int64
		want
	}{
		"ALLOW, one after another":                 {schema.Allow, 35 * second, 36 * second, want{10 * second, 20 * second, 0}},
		"SKIP, none came due":                      {schema.SkipOverlap, 9 * second, 10 * second, want{10 * second, 20 * second, 0}},
		"SKIP, three came due":                     {schema.SkipOverlap, 35 * second, 36 * second, want{0, 40 * second, 3}},
		"SKIP, and one after the end":              {schema.SkipOverlap, 35 * second, 41 * second, want{40 * second, 50 * second, 3}},
		"QUEUE, none came due":                     {schema.Queue, 9 * second, 10 * second, want{10 * second, 20 * second, 0}},
		"QUEUE, one came due":                      {schema.Queue, 15 * second, 16 * second, want{10 * second, 20 * second, 0}},
		"QUEUE, one, that waited for long":         {schema.Queue, 15 * second, 300 * second, want{10 * second, 20 * second, 0}},
		"QUEUE, three came due":                    {schema.Queue, 35 * second, 36 * second, want{30 * second, 40 * second, 2}},
		"QUEUE, beyond the misfire threshold":      {schema.Queue, 35 * second, 300 * second, want{30 * second, 40 * second, 2}},
		"SKIP, the end is ahead of this estimate":  {schema.SkipOverlap, 35 * second, 34 * second, want{0, 40 * second, 3}},
		"QUEUE, the end is ahead of this estimate": {schema.Queue, 31 * second, 30 * second, want{30 * second, 40 * second, 2}},
	} {
		got, err := Decide(ran(c.policy, c.ended), noon+c.now, limit)
		require.NoError(t, err)
		nominal := int64(0)
		if c.nominal != 0 {
			nominal = noon + c.nominal
		}
		require.Equal(t, nominal, got.Nominal, name)
		require.Equal(t, noon+c.next, got.NextFire, name)
		require.Equal(t, store.Skips{Overlap: c.skipped}, got.Skipped, name)
		require.Zero(t, got.Missed, name)
	}
	// What was due before the fire began did not come due meanwhile.
	late := ran(schema.SkipOverlap, 35*second)
	late.High, late.Next, late.Started = noon-20*second, noon-10*second, noon+second
	got, err := Decide(late, noon+36*second, limit)
	require.NoError(t, err)
	require.Equal(t, noon-10*second, got.Nominal)
}

func TestDecideAboutWhatMayNotStartAnyMore(t *testing.T) {
	t.Parallel()
	d := due(schema.Simple, 5*hour)
	d.Deadline = 2*hour + second
	for policy, want := range map[schema.Misfire]store.Claim{
		schema.FireOnce: {Nominal: noon, Skipped: store.Skips{Deadline: 3, Misfire: 2}, Missed: 2},
		schema.Skip:     {Nominal: noon, Skipped: store.Skips{Deadline: 3, Misfire: 2}, Missed: 2},
		schema.FireAll:  {Nominal: noon - 2*hour, Skipped: store.Skips{Deadline: 3}, Missed: 1},
	} {
		d.Misfire = policy
		got, err := Decide(d, noon, limit)
		require.NoError(t, err)
		require.Equal(t, want.Nominal, got.Nominal, policy)
		require.Equal(t, want.Skipped, got.Skipped, policy)
		require.Equal(t, want.Missed, got.Missed, policy)
		require.Equal(t, 2*hour, got.Late, policy)
	}
	d.Deadline = 10 * second // below the threshold
	d.Next = noon - hour
	got, err := Decide(d, noon+20*second, limit)
	require.NoError(t, err)
	require.Zero(t, got.Nominal)
	require.Equal(t, store.Skips{Deadline: 2}, got.Skipped)
	require.Equal(t, noon+hour, got.NextFire)
	require.Zero(t, got.Missed, "late by an hour, but it is the deadline that decided")
}

// Each instant is counted for the policy that decided about it, and as missed only where it
// is late by more than the threshold.
func TestDecideCountsForEachPolicyWhatItDecided(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change  func(d *store.Due)
		skipped store.Skips
		missed  int64
	}{
		"FIRE_ONCE": {func(*store.Due) {}, store.Skips{Misfire: 14}, 2},
		"SKIP":      {func(d *store.Due) { d.Misfire = schema.Skip }, store.Skips{Misfire: 14}, 2},
		"FIRE_ALL":  {func(d *store.Due) { d.Misfire = schema.FireAll }, store.Skips{}, 1},
		"catch up":  {func(d *store.Due) { d.Misfire, d.CatchUp = schema.FireAll, 1 }, store.Skips{Misfire: 14}, 2},
		"deadline":  {func(d *store.Due) { d.Deadline = 10 * second }, store.Skips{Deadline: 12}, 0},
		"overlap, which leaves some for the deadline": {func(d *store.Due) {
			d.Overlap, d.Started, d.Ended, d.Deadline = schema.SkipOverlap, d.Next-1, d.Next+20*second, 10*second
		}, store.Skips{Overlap: 5, Deadline: 7}, 0},
		"overlap, which leaves some for the misfire policy": {func(d *store.Due) {
			d.Overlap, d.Started, d.Ended = schema.SkipOverlap, d.Next-1, d.Next
		}, store.Skips{Overlap: 1, Misfire: 13}, 1},
		"overlap, which leaves one": {func(d *store.Due) {
			d.Overlap, d.Started, d.Ended, d.Misfire = schema.SkipOverlap, d.Next-1, d.Next, schema.FireAll
		}, store.Skips{Overlap: 1}, 1},
		"the next of a queue": {func(d *store.Due) {
			d.Overlap, d.Started, d.Ended = schema.Queue, d.Next-1, d.Next
		}, store.Skips{}, 0},
	} {
		d := due(schema.Simple, 70*second)
		d.Interval = 5 * second
		c.change(d)
		got, err := Decide(d, noon, limit)
		require.NoError(t, err)
		require.Equal(t, c.skipped, got.Skipped, name)
		require.Equal(t, c.missed, got.Missed, name)
	}
}

func TestDecideAboutAChild(t *testing.T) {
	t.Parallel()
	d := &store.Due{Origin: schema.ChildRetry, OriginID: 7, Start: noon - day, Next: noon, Attempt: 2, Deadline: 1}
	got, err := Decide(d, noon+day, limit)
	require.NoError(t, err)
	require.Equal(t, store.Claim{Due: d, Nominal: noon - day, Attempt: 3}, got, "late or not: it is the fire that it carries")
}
