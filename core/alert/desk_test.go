package alert_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/core/alert"
	"github.com/quartz-cluster/quartz/core/observe"
	"github.com/quartz-cluster/quartz/internal/alert/alerttest"
)

// desk is where alerts come in, with an Alerts that is told events by hand.
type desk struct {
	*alert.Alerts

	t    *testing.T
	told alerttest.Told
}

// at runs a test in a bubble.
func at(t *testing.T, config alert.Config, test func(t *testing.T, d *desk)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := &desk{t: t}
		config.Listener = d.told.Listen
		var err error
		d.Alerts, err = alert.New(config)
		require.NoError(t, err)
		test(t, d)
		d.Observe(t.Context(), observe.Event{Kind: observe.Stopped}) // no timer is left
	})
}

// hear tells events of node n of app a.
func (d *desk) hear(events ...observe.Event) {
	for _, e := range events {
		e.App, e.Node, e.Time = "a", "n", time.Now()
		d.Observe(d.t.Context(), e)
	}
}

// are asserts what was told since it was last asked for: "+" and a kind for a beginning,
// "-" for an end.
func (d *desk) are(want ...string) []alert.Alert {
	d.t.Helper()
	require.NoError(d.t, d.Wait(d.t.Context()))
	have, told := d.told.Take()
	require.Equal(d.t, want, have)
	return told
}

func failed(execute int64) observe.Event {
	return observe.Event{
		Kind: observe.Failed, State: "FAILED", Err: errors.New("no paper"), ExecuteID: execute, Execute: "nightly", Class: "print", JobID: 3, Job: "letters",
	}
}

func succeeded(execute int64) observe.Event {
	return observe.Event{Kind: observe.Finished, State: "SUCCEEDED", ExecuteID: execute}
}
