// Package quartzctltest runs the program quartzctl, as a process of its own, on
// every database and beside nodes that live.
package quartzctltest
