// Package telemetry keeps what several processes tell of themselves, for a test that
// joins it: each writes its log and its finished spans into files of its own in the
// test's folder, a line for each, and loses none of them when it is killed.
//
//	process "north" ──▶ north.log, north.spans ──┐
//	process "south" ──▶ south.log, south.spans ──┼──▶ Lines, Spans
package telemetry
