// Package soak runs clusters of several real worker processes under load, with a
// client editing and pausing meanwhile, and has the checker hold what happened
// against the four tables.
//
// A run is short unless QUARTZ_SOAK says how long, as 60s.
package soak
