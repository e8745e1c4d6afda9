package core

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/quartz-cluster/quartz/core/internal/retry"
	"github.com/quartz-cluster/quartz/core/internal/run"
)

// The causes with which a run's context ends; ask [context.Cause].
var (
	// ErrStopped says that the node is stopping and [Config.StopTimeout] is over. A run
	// that then returns an error goes on as its next attempt on another node if its
	// execute allows a retry or a recovery; else it is FAILED.
	ErrStopped = errors.New("quartz: the node is stopping")
	// ErrLeaseLost says that the node's registration ended: another node may
	// regard this run as lost.
	ErrLeaseLost = errors.New("quartz: the node's lease is lost")
	// ErrTimeout says that the run has lasted for longer than its execute allows.
	// That is its outcome already, whatever the handler returns.
	ErrTimeout = errors.New("quartz: timed out")
	// ErrCancelled says that a client cancelled the fire.
	ErrCancelled = errors.New("quartz: cancelled by a client")
	// ErrSuspended says that a client suspended the execute: its run goes on from its
	// checkpoint, on whatever node, once the execute is resumed.
	ErrSuspended = errors.New("quartz: suspended by a client")
)

// ErrSuperseded is returned by [Fire.Checkpoint] when the fire was taken from the
// node: nothing was written, and the run may as well end.
var ErrSuperseded = errors.New("quartz: the fire is not this node's any more")

// NoRetry wraps an error with which a handler fails for good: the fire is not
// retried, whatever its execute's policy.
func NoRetry(err error) error {
	if err == nil {
		return nil
	}
	return &retry.NeverError{Err: err}
}

// RetryAfter wraps an error with which a handler says when to try again, instead of
// after the back-off of its execute's policy: neither RetryCap nor the jitter applies
// to it. How often is still the policy's to say.
func RetryAfter(err error, wait time.Duration) error {
	if err == nil {
		return nil
	}
	return &retry.AfterError{Err: err, Wait: wait}
}

// Errors of a node's life.
var (
	// ErrStarted is returned by Start and Run of a node that was started before.
	ErrStarted = errors.New("quartz: the node was started before")
	// ErrNotStarted is returned by Stop of a node that was never started.
	ErrNotStarted = errors.New("quartz: the node was not started")
)

// PanicError is what a run fails with when its handler panicked.
type PanicError = run.PanicError

// ConfigError names the field of a Config that cannot be used, and its value.
type ConfigError struct {
	Field  string
	Value  any
	Reason string
}

func (e *ConfigError) Error() string {
	if e.Value == nil {
		return fmt.Sprintf("quartz: Config.%s %s", e.Field, e.Reason)
	}
	return fmt.Sprintf("quartz: Config.%s %s, not %s", e.Field, e.Reason, show(e.Value))
}

func show(v any) string {
	if s, ok := v.(string); ok {
		return fmt.Sprintf("%q", s)
	}
	return fmt.Sprint(v)
}

// OccupiedError is returned by Run and Stop of a node that may not run, because
// another one lives that it cannot live beside: a [Config.Standalone] node
// tolerates no other node, and nodes on SQLite must be on one host.
type OccupiedError struct {
	App        string
	Key        string // of the node in the way
	Host       string // its host; empty for a standalone node
	Standalone bool   // the one in the way is standalone
	SQLite     bool   // it is in the way because it is on another host
}

func (e *OccupiedError) Error() string {
	switch {
	case e.Standalone:
		return fmt.Sprintf("quartz: the standalone node %q runs app %q: stop it first", e.Key, e.App)
	case e.SQLite:
		return fmt.Sprintf("quartz: node %q of app %q is on host %q: a SQLite file is for the processes of one host", e.Key, e.App, e.Host)
	}
	return fmt.Sprintf("quartz: app %q has the live node %q on host %q: a standalone node runs an app alone", e.App, e.Key, e.Host)
}

// StopError names what a node left behind because it had to stop: another node
// recovers those fires, or records them as LOST.
type StopError struct {
	Running   []*Fire // of handlers that ignore their context
	Unwritten int     // outcomes that the database did not take
}

func (e *StopError) Error() string {
	const most = 10
	names := make([]string, 0, most)
	for _, f := range e.Running[:min(len(e.Running), most)] {
		names = append(names, fmt.Sprintf("%s of %s (execute %d)", f.NominalTime.Format(time.RFC3339Nano), f.Class, f.ExecuteID))
	}
	if more := len(e.Running) - most; more > 0 {
		names = append(names, fmt.Sprintf("%d more", more))
	}
	text := fmt.Sprintf("quartz: stopped with %d handlers still running and %d outcomes unwritten", len(e.Running), e.Unwritten)
	if len(names) > 0 {
		text += ": " + strings.Join(names, ", ")
	}
	return text
}
