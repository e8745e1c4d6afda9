package alert

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/quartz-cluster/quartz/core"
	"github.com/quartz-cluster/quartz/core/observe"
	"github.com/quartz-cluster/quartz/internal/alert"
)

// Alert is one breach, as it is told when it begins and again when it is over.
type Alert = alert.Alert

// Kind says what is wrong.
type Kind = alert.Kind

// Listener is told of alerts, one at a time.
type Listener = alert.Listener

// The kinds that a node tells.
const (
	FailuresInARow = alert.FailuresInARow
	LeaseLost      = alert.LeaseLost
	DatabaseAway   = alert.DatabaseAway
	ClockSkewed    = alert.ClockSkewed
)

const (
	// Quiet is for how long no fire of an execute must have ended on a node before the
	// node takes back what it told of it.
	Quiet = time.Hour
	// MaxFailing is of how many executes a node counts failures at a time.
	MaxFailing = alert.Limit / 2
)

// Config says what is a breach, and who is told. Zero means the default; below zero a
// threshold turns its kind off.
type Config struct {
	// Listener is told. Required.
	Listener Listener

	// FailuresInARow is how many fires of an execute must fail on the node without one
	// that succeeds there, retries not counted, however long it takes and whatever becomes
	// of those on other nodes. An execute that is in ERROR after a failure on the node, by
	// its PauseAfter, is told at once. At most 10,000. Defaults to 3.
	FailuresInARow int

	// DatabaseAwayFor is how long the database must be away. At most 24 h. Defaults to
	// 10 s.
	DatabaseAwayFor time.Duration

	// Timeout bounds a call of Listener, by its context. At most 1 h. Defaults to 30 s.
	Timeout time.Duration

	// Logger is told of panics of Listener, and of breaches that are too many. Defaults
	// to slog.Default().
	Logger *slog.Logger
}

func (c Config) withDefaults() Config {
	if c.FailuresInARow == 0 {
		c.FailuresInARow = 3
	}
	if c.DatabaseAwayFor == 0 {
		c.DatabaseAwayFor = 10 * time.Second
	}
	if c.Timeout == 0 {
		c.Timeout = alert.DefaultTimeout
	}
	return c
}

func (c Config) validate() error {
	switch {
	case c.Listener == nil:
		return &core.ConfigError{Field: "Listener", Reason: "is required"}
	case c.FailuresInARow > 10_000:
		return &core.ConfigError{Field: "FailuresInARow", Value: c.FailuresInARow, Reason: "must be at most 10000, or below zero for none"}
	case c.DatabaseAwayFor > 24*time.Hour:
		return &core.ConfigError{Field: "DatabaseAwayFor", Value: c.DatabaseAwayFor, Reason: "must be at most 24h0m0s, or below zero for none"}
	case c.Timeout < 0 || c.Timeout > time.Hour:
		return &core.ConfigError{Field: "Timeout", Value: c.Timeout, Reason: "must be from 0s to 1h0m0s"}
	}
	return nil
}

// Alerts watches one node: each has its own, in its core.Config.Observer, beside others
// in an observe.Multi.
type Alerts struct {
	cfg   Config
	board *alert.Board

	mu      sync.Mutex
	failing map[int64]*streak // by execute
	stopped bool
}

var _ observe.Observer = (*Alerts)(nil)

// New returns the alerts of one node. Its error is a [core.ConfigError].
func New(c Config) (*Alerts, error) {
	c = c.withDefaults()
	if err := c.validate(); err != nil {
		return nil, fmt.Errorf("alert: %w", err)
	}
	return &Alerts{
		cfg: c, failing: make(map[int64]*streak),
		board: alert.NewBoard(alert.Config{Listener: c.Listener, Timeout: c.Timeout, Logger: c.Logger}),
	}, nil
}

// Wait returns once the listener was told all that has happened by now, or when ctx ends,
// with its error. Call it when the node has stopped, before the process ends, and not
// from the listener.
func (a *Alerts) Wait(ctx context.Context) error { return a.board.Wait(ctx) }

// Observe implements observe.Observer.
func (a *Alerts) Observe(_ context.Context, e observe.Event) {
	switch e.Kind { // most events are none of these
	case observe.LeaseLost, observe.Registered, observe.DatabaseAway, observe.DatabaseBack, observe.ClockSkewed, observe.ClockGood,
		observe.Finished, observe.Failed, observe.TimedOut, observe.Faulted, observe.Stopped:
	default:
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.stopped { // a handler that ignored its context
		return
	}
	if e.Time.IsZero() { // not a node's word
		e.Time = time.Now()
	}
	switch e.Kind {
	case observe.LeaseLost:
		a.open(LeaseLost, e, 0, fmt.Sprintf("node %s of app %s has lost its lease and cancels its runs: %v. "+
			"It registers again by itself: see whether the database is away or the machine too busy for heartbeats", e.Node, e.App, e.Err))
	case observe.Registered:
		a.board.Close(string(LeaseLost), e.Time, fmt.Sprintf("the node has registered again as %s", e.Node))
	case observe.DatabaseAway:
		if a.cfg.DatabaseAwayFor > 0 {
			a.open(DatabaseAway, e, a.cfg.DatabaseAwayFor, fmt.Sprintf("node %s of app %s gets no answer from the database: %v. "+
				"It claims nothing until the database is back: see whether that runs, can be reached and has connections left", e.Node, e.App, e.Err))
		}
	case observe.DatabaseBack:
		a.board.Close(string(DatabaseAway), e.Time, "the database answers again")
	case observe.ClockSkewed:
		a.open(ClockSkewed, e, 0, fmt.Sprintf("the clock of node %s of app %s is %s off the database's, and %s. "+
			"It claims nothing until that is mended: set the clock of the machine that is wrong", e.Node, e.App, e.Late, e.Reason))
	case observe.ClockGood:
		a.board.Close(string(ClockSkewed), e.Time, fmt.Sprintf("the clock is %s off the database's", e.Late))
	case observe.Finished, observe.Failed, observe.TimedOut:
		if e.State != "" { // else it is tried again, or whoever took the registration accounts for it
			a.fired(e)
		}
	case observe.Faulted:
		if e.Err == nil { // else its schedule is wrong
			a.faulted(e)
		}
	case observe.Stopped:
		a.stopped = true
		for id, s := range a.failing {
			a.forget(id, s)
		}
		a.board.CloseExcept(func(string) bool { return false }, e.Time, func(Alert) string { return "the node has stopped" })
	}
}

func (a *Alerts) open(k Kind, e observe.Event, after time.Duration, message string) {
	a.board.Open(string(k), Alert{Kind: k, App: e.App, Node: e.Node, Since: e.Time, Message: message}, after)
}
