//go:build unix

package worker

import (
	"os"
	"strconv"
	"strings"
	"syscall"
)

// signal does to this process what a failpoint says.
func signal(s Signal) {
	if s == Stop {
		_ = syscall.Kill(os.Getpid(), syscall.SIGSTOP) // returns when the process goes on
		return
	}
	_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	select {} // until it has come
}

// Pause stops the process as it stands, like kill -STOP.
func (p *Process) Pause() error { return p.command.Process.Signal(syscall.SIGSTOP) }

// Continue lets a stopped process go on.
func (p *Process) Continue() error { return p.command.Process.Signal(syscall.SIGCONT) }

// Paused reports whether the process is stopped, as by a failpoint.
func (p *Process) Paused() bool {
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(p.command.Process.Pid) + "/stat")
	if err != nil {
		return false
	}
	_, after, _ := strings.Cut(string(stat), ") ")
	return strings.HasPrefix(after, "T")
}
