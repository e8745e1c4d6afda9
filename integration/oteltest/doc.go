// Package oteltest follows fires from outside: by the spans and the logs of the back
// office that scheduled them, which is the test, and of worker processes that run
// them, fail, retry, and are killed.
//
//	test ──client, core/otel's parent spans──▶ database ◀── process "north", killed
//	  ▲                                            ◀── process "south"
//	  └── telemetry: a file of lines, a file of spans ◀── of each
package oteltest
