package core

import (
	"errors"
	"fmt"

	"github.com/quartz-cluster/quartz/core/internal/run"
)

// The causes with which a run's context ends; ask [context.Cause].
var (
	// ErrStopped says that the node is stopping and its stop limit is over.
	ErrStopped = errors.New("quartz: the node is stopping")
	// ErrLeaseLost says that the node's registration ended: another node may
	// regard this run as lost.
	ErrLeaseLost = errors.New("quartz: the node's lease is lost")
)

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

// StopError names the fires whose handlers had not returned when the node gave
// up waiting for them, or whose outcomes could not be written. Another node
// records them as LOST.
type StopError struct {
	Running   int // handlers that ignore their context
	Unwritten int // outcomes that the database did not take
}

func (e *StopError) Error() string {
	return fmt.Sprintf("quartz: stopped with %d handlers still running and %d outcomes unwritten", e.Running, e.Unwritten)
}
