package schema

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAdoptStart(t *testing.T) {
	t.Parallel()
	now := func(change func(e *Execute)) Execute {
		e := Execute{
			JobType: Simple, State: Executing, RepeatCount: 5, RepeatInterval: 2000,
			TimeTriggered: -1, PrevFireTime: -1, StartTime: 10_000, NextFireTime: 16_000, EndTime: -1,
		}
		change(&e)
		return e
	}
	for _, c := range []struct {
		name string
		row  Execute
		want int64
	}{
		{"first slot after now + 5 s", now(func(*Execute) {}), 16_000},
		{"count 1", now(func(e *Execute) { e.RepeatCount = 1 }), 16_000},
		{"PREV_FIRE_TIME and TIME_TRIGGERED null", now(func(e *Execute) { e.PrevFireTime, e.TimeTriggered = 0, 0 }), 16_000},
		{"paused by hand before it fired", now(func(e *Execute) { e.State = Paused }), 16_000},
		{"for ever", now(func(e *Execute) { e.RepeatCount = -1 }), 10_000},
		{"count null", now(func(e *Execute) { e.RepeatCount = 0 }), 10_000},
		{"has fired", now(func(e *Execute) { e.PrevFireTime = 12_000 }), 10_000},
		{"has counted", now(func(e *Execute) { e.TimeTriggered = 1 }), 10_000},
		{"finished", now(func(e *Execute) { e.State = Complete }), 10_000},
		{"first slot is its start", now(func(e *Execute) { e.NextFireTime = 10_000 }), 10_000},
		{"nothing next", now(func(e *Execute) { e.NextFireTime = 0 }), 10_000},
		{"cron", now(func(e *Execute) { e.JobType, e.Cron = Cron, "0 0 8 * * ?" }), 10_000},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			start, changed := AdoptStart(c.row)
			require.Equal(t, c.want, start)
			require.Equal(t, c.want != c.row.StartTime, changed)
		})
	}
}

func TestShardOf(t *testing.T) {
	t.Parallel()
	for id, want := range map[int64]int{0: 0, 7: 7, 8: 0, MaxID: MaxID % Shards, -1: 7} {
		require.Equal(t, want, ShardOf(id), "id %d", id)
	}
}

func TestIDsRiseAndFit(t *testing.T) {
	t.Parallel()
	last := int64(0)
	for range 10_000 {
		id := NewID()
		require.Greater(t, id, last)
		require.LessOrEqual(t, id, int64(MaxID))
		last = id
	}
}
