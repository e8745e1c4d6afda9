package schema_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/schema"
)

func TestStopOrdersAreReadAsWritten(t *testing.T) {
	t.Parallel()
	text := schema.StopOrder(schema.StopSuspend, 1_700_000_000_000, 3)
	what, nominal, attempt, ok := schema.ParseStopOrder(text)
	require.True(t, ok)
	require.Equal(t, schema.StopSuspend, what)
	require.Equal(t, int64(1_700_000_000_000), nominal)
	require.Equal(t, 3, attempt)
	for _, bad := range []string{"", "CANCEL", "CANCEL 1", "CANCEL x 1", "CANCEL 1 x", "HALT 1 1", "CANCEL 1 1 1"} {
		_, _, _, ok := schema.ParseStopOrder(bad)
		require.False(t, ok, bad)
	}
}

func TestEventsAreBoundedByAgeAndNumber(t *testing.T) {
	t.Parallel()
	const day = int64(24 * time.Hour / time.Millisecond)
	column := ""
	for i := range int64(schema.MaxEvents + 10) {
		column = schema.AddEvents(column, i, schema.AppEvent{At: i, Kind: schema.EventJoined})
	}
	all := schema.Events(column)
	require.Len(t, all, schema.MaxEvents)
	require.Equal(t, int64(10), all[0].At)

	column = schema.AddEvents(column, day+100, schema.AppEvent{At: day + 100, Kind: schema.EventLeft})
	all = schema.Events(column)
	require.Equal(t, int64(100), all[0].At, "a day old is kept")
	require.Equal(t, schema.EventLeft, all[len(all)-1].Kind)
	require.Empty(t, schema.Events("no JSON"))
}
