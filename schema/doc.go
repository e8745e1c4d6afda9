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
//
// # What is for whom
//
// Programs need [Migrate], [Verify], [DDL] and [Options], the words of the columns, and at
// times the rows. The rest is how core and client understand each other, and may change in
// any version: [Hint] and its kin, [ShardOf], [NodeShard], [PlaceOf], [ChildKey], [FireKey],
// [StopOrder], [AdoptStart], [NewID], and what reads and writes the text of a column, such
// as [AddEvents] and [AddRecent]. The tables themselves change by [Migrate] alone.
package schema
