// Package ledger keeps what really happened in a test with several processes:
// every run of a handler and every call of a client that was acknowledged. The
// checker holds it against the tables.
//
// Each process appends JSON lines to a file of its own, one write to the
// operating system for each line, so that a line that was written outlasts
// kill -9 of its process and any fault of the database. The line of a run is
// written before its handler does anything, and another when it returns:
//
//	{"seq":7,"begin":{"execute":…,"nominal":…,"attempt":1,"fence":…,"node":"a","start":…}}
//	{"seq":7,"mark":3}
//	{"seq":7,"end":{"time":…}}
//	{"call":{"kind":"paused","execute":…,"begun":…,"acked":…}}
//
// A run without a second line never returned.
//
// # Time
//
// Times are on the database's clock, which alone decides what is due. A [Clock]
// reads it over a connection of its own and carries on from there by the
// machine's monotonic clock; it gives bounds, not a guess, so that what the
// checker calls early was early:
//
//	          earliest   true time   latest
//	──────────────┼──────────┼──────────┼─────▶
//	 Call.Begun ──┘                     ├── Run.Start
//	                                    └── Call.Acked
package ledger
