// Package oteltest follows fires over processes from outside: by the spans of the back
// office that scheduled them, which is the test, and by the spans and the logs of the
// worker processes that run them, fail, try again, and are killed.
//
//	test ──calls──▶ database ◀── process "north", killed ──▶ its log, its spans ──┐
//	 ▲                       ◀── process "south" ──────────▶ its log, its spans ──┤
//	 └── the spans of the calls, and all of those ────────────────────────────────┘
package oteltest
