// Package faults breaks clusters of real worker processes in every way that is
// known to happen, and has the checker hold what happened against the four
// tables.
//
//	test ──▶ operator ───────────────────────────┐
//	     ──▶ worker "north" ──▶ proxy ──▶ database
//	     ──▶ worker "south" ──▶ proxy ──▶    │
//	     ──▶ worker "west"  ──▶ proxy ──▶    │
//	           └──▶ ledger ──clock, past the proxy┘
//
// Each test is one of the faults:
//
//	F1   a process is killed, at named points and at random
//	F2   a process is stopped for longer than its lease, and goes on
//	F3   the database crashes under load and comes back
//	F4   replies are lost, statements are delivered late
//	F5   one node is cut off, in several ways
//	F6   the clocks of nodes and database differ, and drift
//	F7   the database's clock jumps
//	F8   daylight saving: the property test of schema/schedule
//	F9   more is overdue than can be run at once, and one row is poison
//	F10  clients, sessions and stopped processes hold what the nodes need
//	F11  connections, workers and disks are exhausted
//	F12  nodes come and go all the time
//
// They are short unless QUARTZ_FAULTS says for how long each disturbs its
// cluster, as 60s. Each ends with a line of figures; `make faults` prints these
// alone.
package faults
