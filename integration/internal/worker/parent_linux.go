package worker

import "syscall"

// dieWithParent lets the kernel end the process with its parent. The kernel
// takes the thread that started it for the parent; Go ends threads only with
// goroutines that were locked to them, of which tests have none.
func dieWithParent() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}
