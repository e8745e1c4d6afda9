//go:build !linux

package prometheus

import "syscall"

// dieWithParent has no help from the kernel here: Ctrl-C, which reaches all processes
// of a terminal, must do.
func dieWithParent() *syscall.SysProcAttr { return nil }
