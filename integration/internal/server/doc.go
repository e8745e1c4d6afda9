// Package server runs a database server of a test's own, on its own data and
// port, which the test may crash and start again. It uses scripts/private-server,
// and so the binaries of this machine.
package server
