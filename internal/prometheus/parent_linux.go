package prometheus

import "syscall"

// dieWithParent lets the kernel end the server with the process that started it.
func dieWithParent() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}
