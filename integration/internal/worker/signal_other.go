//go:build !unix

package worker

import (
	"errors"
	"os"
)

var errNoSignals = errors.New("worker: this system has no signal that stops a process")

// signal does to this process what a failpoint says.
func signal(Signal) { os.Exit(9) }

// Pause stops the process as it stands.
func (p *Process) Pause() error { return errNoSignals }

// Continue lets a stopped process go on.
func (p *Process) Continue() error { return errNoSignals }

// Paused reports whether the process is stopped.
func (p *Process) Paused() bool { return false }
