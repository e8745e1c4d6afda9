// Package oracleh2 runs the product's Oracle statements where there is no Oracle.
//
// It stands in for the network driver below the real Oracle dialector, so that
// what reaches it is, byte for byte, what would reach an Oracle server:
//
//	schema, core, client          the product, which does not know
//	  └─ gorm-oracle dialector    the real one: renders Oracle SQL with :1 binds
//	       └─ this driver         keeps to the contract of the real driver, go-ora
//	            ├─ journal        every statement is recorded,
//	            ├─ oralint        judged by rules, and refused if one is broken,
//	            ├─ translations   changed where H2 lacks a word, each with its reason,
//	            └─ H2             executed, in MODE=Oracle, in real transactions
//
// # What this proves, and what it does not
//
// Every statement that a test makes the product send is rendered by the dialector
// users have, obeys the rules of package oralint, and does in H2 what the test
// expects of it, with H2's row locks and its READ COMMITTED. The driver refuses
// what go-ora would refuse: an isolation level, a bind of a named string type, a
// transaction begun as read-only. It returns numbers as text and column names in
// upper case, as go-ora does.
//
// Not proved are Oracle's own parser and planner, the byte (not character) limit
// of VARCHAR2, implicit conversions, the LONG and CLOB forms of binds, undo
// (ORA-01555), waits without a limit (here a wait ends after [LockTimeout]), and
// that a deadlock undoes one statement (here: the transaction). NUMBER, the empty
// text as NULL, ROWNUM, MERGE, intervals and unique keys with nulls are H2's
// emulation; SKIP LOCKED, NOWAIT, WAIT, indexes on expressions and the dictionary
// (ALL_TAB_COLUMNS and so on) are this package's. Definitions go one after the
// other, so that a table that is busy (ORA-00054) is not met.
//
// # Connections
//
// H2 is reached through its PostgreSQL protocol. Each connection of that protocol
// switches the whole database to PostgreSQL's dialect while it is being opened; a
// place therefore opens all its connections before it is handed out, switches the
// database to Oracle's dialect once, and has no more than [Connections].
package oracleh2
