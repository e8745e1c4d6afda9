package alert

import (
	"fmt"
	"log/slog"
	"time"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/internal/alert"
)

// Alert is one breach, as it is told when it begins and again when it is over.
type Alert = alert.Alert

// Kind says what is wrong.
type Kind = alert.Kind

// Listener is told of alerts, one at a time.
type Listener = alert.Listener

// The kinds that a watcher tells.
const (
	Overdue      = alert.Overdue
	NoHandler    = alert.NoHandler
	NoLiveNode   = alert.NoLiveNode
	DatabaseAway = alert.DatabaseAway
)

// Config says what is a breach, and who is told. Zero means the default; below zero a
// threshold turns its kind off.
type Config struct {
	// Listener is told. Required.
	Listener Listener

	// Apps are those that are watched. Defaults to all there are.
	Apps []string

	// Interval is the time between two looks, from 1 s to 1 h. Defaults to 10 s.
	Interval time.Duration

	// OverdueAfter is how late an execute must be, from 15 s to 24 h; 16 s more if it
	// runs on all nodes, as it lags behind its copies. Defaults to 1 min.
	OverdueAfter time.Duration

	// NoNodeAfter is how long no node may have given a sign of life, at most 24 h; more
	// than the nodes' Heartbeat, or HandlerInterval of a standalone one. Defaults to 30 s.
	NoNodeAfter time.Duration

	// DatabaseAwayFor is how long the database must be away, at most 24 h. Defaults to
	// 30 s.
	DatabaseAwayFor time.Duration

	// While is asked before each look: as long as it returns false, another watcher is
	// at it, and this one tells nothing: not even [DatabaseAway], where the answer hangs on
	// the database as a node's Status().Master does. Defaults to always.
	While func() bool

	// Timeout bounds a call of Listener, by its context. At most 1 h. Defaults to 30 s.
	Timeout time.Duration

	// Logger is told of panics of Listener, and of breaches that are too many. Defaults
	// to slog.Default().
	Logger *slog.Logger
}

func (c Config) withDefaults() Config {
	for _, d := range []struct {
		field *time.Duration
		value time.Duration
	}{
		{&c.Interval, 10 * time.Second},
		{&c.OverdueAfter, time.Minute},
		{&c.NoNodeAfter, 30 * time.Second},
		{&c.DatabaseAwayFor, 30 * time.Second},
		{&c.Timeout, alert.DefaultTimeout},
	} {
		if *d.field == 0 {
			*d.field = d.value
		}
	}
	return c
}

func (c Config) validate() error {
	if c.Listener == nil {
		return &client.FieldError{Field: "listener", Value: "", Reason: "is required"}
	}
	for i, app := range c.Apps {
		if app == "" {
			return &client.FieldError{Field: fmt.Sprintf("apps[%d]", i), Value: app, Reason: "must not be empty"}
		}
	}
	const day = 24 * time.Hour
	for _, d := range []struct {
		field    string
		value    time.Duration
		min, max time.Duration
		off      bool // below zero is allowed
	}{
		{"interval", c.Interval, time.Second, time.Hour, false},
		{"overdueAfter", c.OverdueAfter, 15 * time.Second, day, true},
		{"noNodeAfter", c.NoNodeAfter, 0, day, true},
		{"databaseAwayFor", c.DatabaseAwayFor, 0, day, true},
		{"timeout", c.Timeout, 0, time.Hour, false},
	} {
		if d.off && d.value < 0 || d.value >= d.min && d.value <= d.max {
			continue
		}
		reason := fmt.Sprintf("must be from %s to %s", d.min, d.max)
		if d.off {
			reason += ", or below zero for none"
		}
		return &client.FieldError{Field: d.field, Value: d.value, Reason: reason}
	}
	return nil
}
