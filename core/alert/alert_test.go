package alert_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/core"
	"github.com/quartz-cluster/quartz/core/alert"
	"github.com/quartz-cluster/quartz/core/observe"
)

func TestFailuresInARow(t *testing.T) {
	at(t, alert.Config{}, func(t *testing.T, d *desk) {
		began := time.Now()
		d.hear(failed(7), failed(8), failed(7), succeeded(8), failed(8), failed(8))
		d.hear(observe.Event{Kind: observe.Failed, ExecuteID: 7}, observe.Event{Kind: observe.Cancelled, State: "CANCELLED", ExecuteID: 7})
		d.are()
		time.Sleep(time.Minute)
		late := failed(7)
		late.Kind, late.State = observe.TimedOut, "TIMED_OUT"
		d.hear(late, failed(7), failed(7))
		require.Equal(t, alert.Alert{
			Kind: alert.FailuresInARow, App: "a", Node: "n", Class: "print", JobID: 3, Job: "letters", ExecuteID: 7, Execute: "nightly", Since: began,
			Message: "execute 7 (nightly) of job letters, class print of app a has failed 3 times in a row on node n, at last with: no paper. " +
				"See to its handler, or pause it",
		}, d.are("+failures_in_a_row")[0])
		d.hear(succeeded(7), succeeded(7))
		over := d.are("-failures_in_a_row")[0]
		require.Equal(t, time.Now(), over.Over)
		require.Equal(t, "a fire of it has succeeded on this node", over.Message)
		d.hear(failed(7), failed(7))
		d.are()
		d.hear(failed(7))
		d.are("+failures_in_a_row")
	})
}

// What is in ERROR by its own limit, or by failures on other nodes too, does not fail as
// often here any more.
func TestAnExecuteThatIsInError(t *testing.T) {
	at(t, alert.Config{}, func(t *testing.T, d *desk) {
		faulted := failed(7)
		faulted.Kind, faulted.State, faulted.Err = observe.Faulted, "", nil
		wrong := faulted
		wrong.Err = errors.New("no such zone")
		d.hear(failed(7), wrong)
		d.are() // that has not to do with its failures
		d.hear(faulted)
		told := d.are("+failures_in_a_row")[0]
		require.Equal(t, "execute 7 (nightly) of job letters, class print of app a has failed on node n, and as often in a row as its PauseAfter says: "+
			"it is in ERROR, and does not fire until it is reset. See to its handler first", told.Message)
		d.hear(failed(7), faulted)
		d.are()
		d.hear(succeeded(7))
		d.are("-failures_in_a_row")
		d.hear(faulted)
		d.are() // one has succeeded since
	})
}

// What has not run here for long is not this node's to worry about; what fails again is.
func TestAnExecuteThatIsQuiet(t *testing.T) {
	at(t, alert.Config{FailuresInARow: 2}, func(t *testing.T, d *desk) {
		d.hear(failed(7))
		time.Sleep(25 * time.Hour) // daily
		d.hear(failed(7))
		d.are("+failures_in_a_row")
		time.Sleep(alert.Quiet - time.Second)
		d.hear(failed(7))
		time.Sleep(alert.Quiet - time.Second)
		d.are()
		time.Sleep(time.Second)
		synctest.Wait()
		require.Contains(t, d.are("-failures_in_a_row")[0].Message, "for 1h0m0s")
		time.Sleep(25 * time.Hour)
		d.hear(failed(7))
		d.are("+failures_in_a_row")
	})
}

// Of too many executes that fail, those are forgotten that were not told, oldest first,
// and then those that were.
func TestTooManyExecutesFail(t *testing.T) {
	at(t, alert.Config{FailuresInARow: 2}, func(t *testing.T, d *desk) {
		told := []string{}
		d.hear(failed(1), failed(1))
		for id := range int64(alert.MaxFailing) {
			if id != 1 {
				time.Sleep(time.Second)
				d.hear(failed(id))
			}
		}
		d.hear(failed(alert.MaxFailing)) // forgets 0
		d.are("+failures_in_a_row")
		time.Sleep(time.Second)
		d.hear(failed(0)) // forgets 2
		d.are()
		d.hear(failed(0))
		d.are("+failures_in_a_row")
		time.Sleep(time.Second)
		for id := range int64(alert.MaxFailing) {
			if id > 2 {
				told = append(told, "+failures_in_a_row")
				d.hear(failed(id))
			}
		}
		d.hear(failed(alert.MaxFailing))
		d.are(append(told, "+failures_in_a_row")...)
		d.hear(failed(10_000)) // forgets 1
		over := d.are("-failures_in_a_row")[0]
		require.EqualValues(t, 1, over.ExecuteID)
		require.Contains(t, over.Message, "is not watched any more")
	})
}

func TestTheDatabaseIsAway(t *testing.T) {
	at(t, alert.Config{}, func(t *testing.T, d *desk) {
		away := observe.Event{Kind: observe.DatabaseAway, Err: errors.New("refused")}
		for range 3 { // not for long
			d.hear(away)
			time.Sleep(9 * time.Second)
			d.hear(observe.Event{Kind: observe.DatabaseBack})
		}
		since := time.Now()
		d.hear(away)
		time.Sleep(11 * time.Second)
		synctest.Wait()
		told := d.are("+database_away")[0]
		require.Equal(t, since, told.Since)
		require.Contains(t, told.Message, "refused")
		d.hear(observe.Event{Kind: observe.DatabaseBack})
		d.are("-database_away")
	})
}

func TestTheLeaseAndTheClock(t *testing.T) {
	at(t, alert.Config{}, func(t *testing.T, d *desk) {
		d.hear(observe.Event{Kind: observe.Registered}, observe.Event{Kind: observe.ClockGood})
		d.are()
		d.hear(observe.Event{Kind: observe.LeaseLost, Err: errors.New("removed")})
		d.are("+lease_lost")
		d.hear(observe.Event{Kind: observe.Registered})
		d.are("-lease_lost")
		d.hear(observe.Event{Kind: observe.ClockSkewed, Late: time.Hour, Reason: "MaxSkew is 1m0s"})
		require.Contains(t, d.are("+clock_skewed")[0].Message, "is 1h0m0s off the database's, and MaxSkew is 1m0s.")
		d.hear(observe.Event{Kind: observe.ClockGood})
		d.are("-clock_skewed")
	})
}

// A node that stops ends whatever was wrong, and is not heard any more.
func TestTheEndOfANode(t *testing.T) {
	at(t, alert.Config{FailuresInARow: 1}, func(t *testing.T, d *desk) {
		d.hear(failed(7), observe.Event{Kind: observe.LeaseLost}, observe.Event{Kind: observe.DatabaseAway})
		d.are("+failures_in_a_row", "+lease_lost")
		d.hear(observe.Event{Kind: observe.Stopped}, failed(7), failed(8), observe.Event{Kind: observe.LeaseLost})
		require.NoError(t, d.Wait(t.Context()))
		_, told := d.told.Take()
		require.Len(t, told, 2)
		for _, a := range told {
			require.Equal(t, "the node has stopped", a.Message)
			require.False(t, a.Over.IsZero())
		}
		time.Sleep(2 * alert.Quiet)
		d.are()
	})
}

func TestThresholdsThatAreOff(t *testing.T) {
	at(t, alert.Config{FailuresInARow: -1, DatabaseAwayFor: -1}, func(_ *testing.T, d *desk) {
		for range 10 {
			d.hear(failed(7), observe.Event{Kind: observe.DatabaseAway})
		}
		time.Sleep(time.Hour)
		d.are()
	})
}

// Many runs end at the same time, and the pairs come out as pairs.
func TestConcurrentEvents(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	open := map[string]bool{}
	a, err := alert.New(alert.Config{FailuresInARow: 2, Listener: func(_ context.Context, a alert.Alert) {
		mu.Lock()
		defer mu.Unlock()
		if open[a.ID()] == a.Over.IsZero() {
			t.Error("not in turn: ", a)
		}
		open[a.ID()] = a.Over.IsZero()
	}})
	require.NoError(t, err)
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for n := range 1000 {
				e := failed(int64(n % 5))
				if (n+i)%3 == 0 {
					e = succeeded(int64(n % 5))
				}
				a.Observe(t.Context(), e)
			}
		})
	}
	all.Wait()
	a.Observe(t.Context(), observe.Event{Kind: observe.Stopped})
	require.NoError(t, a.Wait(t.Context()))
	require.NotEmpty(t, open)
	for id, is := range open {
		require.False(t, is, id)
	}
}

func TestNewNamesTheFieldOfABadConfig(t *testing.T) {
	t.Parallel()
	good := alert.Config{Listener: func(context.Context, alert.Alert) {}, Logger: slog.Default()}
	for _, test := range []struct {
		spoil func(c *alert.Config)
		says  string
	}{
		{func(c *alert.Config) { c.Listener = nil }, "alert: quartz: Config.Listener is required"},
		{func(c *alert.Config) { c.FailuresInARow = 10_001 }, "Config.FailuresInARow must be at most 10000, or below zero for none, not 10001"},
		{func(c *alert.Config) { c.DatabaseAwayFor = 25 * time.Hour }, "Config.DatabaseAwayFor must be at most 24h0m0s, or below zero for none, not 25h0m0s"},
		{func(c *alert.Config) { c.Timeout = -1 }, "Config.Timeout must be from 0s to 1h0m0s, not -1ns"},
		{func(c *alert.Config) { c.Timeout = 2 * time.Hour }, "not 2h0m0s"},
	} {
		c := good
		test.spoil(&c)
		_, err := alert.New(c)
		require.ErrorContains(t, err, test.says)
		var bad *core.ConfigError
		require.ErrorAs(t, err, &bad)
	}
	_, err := alert.New(good)
	require.NoError(t, err)
}

func ExampleNew() {
	alerts, err := alert.New(alert.Config{
		FailuresInARow: 2,
		Listener: func(_ context.Context, a alert.Alert) { // mail it, post it
			if a.Over.IsZero() {
				fmt.Println("begins:", a.Kind, a.Class)
			} else {
				fmt.Println("is over:", a.Kind, a.Class, "-", a.Message)
			}
		},
	})
	if err != nil {
		panic(err)
	}
	_ = core.Config{App: "billing", Observer: alerts}

	ctx := context.Background()
	for _, e := range []observe.Event{ // as a node tells them
		{Kind: observe.Failed, State: "FAILED", ExecuteID: 7, Class: "invoice.send"},
		{Kind: observe.Failed, State: "FAILED", ExecuteID: 7, Class: "invoice.send"},
		{Kind: observe.Finished, State: "SUCCEEDED", ExecuteID: 7, Class: "invoice.send"},
	} {
		alerts.Observe(ctx, e)
	}
	_ = alerts.Wait(ctx)
	// Output:
	// begins: failures_in_a_row invoice.send
	// is over: failures_in_a_row invoice.send - a fire of it has succeeded on this node
}
