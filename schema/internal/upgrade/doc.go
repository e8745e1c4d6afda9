// Package upgrade says in which ways the tables of a database fall short of their
// layout, and which statements mend that.
//
// Nothing records how far an upgrade has come: every difference is read from the
// tables themselves, so that the tables of the Java edition, those of an older
// version, and those at which an upgrade was interrupted are all the same case.
//
//	layout ──┐
//	         ├── Compare ──▶ problems ──┬── Text        what Verify says
//	catalog ─┘                          └── Statements  what Migrate does
//
// It adds and widens, and never drops, narrows or renames: columns and indexes
// that somebody else added stay.
package upgrade
