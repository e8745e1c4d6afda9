// Package schema is what workers and back offices share: the four tables, their
// rows, the words that stand in their columns, and the means to create, upgrade
// and check them.
//
//	QRTZ_APP      an application: a cluster of nodes that compete for the same executes
//	QRTZ_NODE     a node: one running worker of an application
//	QRTZ_JOB      what to run: a handler name and JSON data
//	QRTZ_EXECUTE  when to run it: a schedule under a job, and the fire in flight
//
// Times are epoch milliseconds, durations milliseconds. A column that holds
// nothing is NULL and reads as the zero value. The prefix QRTZ_ and the database
// schema can be configured; see [Options].
package schema
