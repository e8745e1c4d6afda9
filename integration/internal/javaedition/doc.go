// Package javaedition stands for the Java edition in tests: its v1.3 tables on
// every database, filled as its client and its operators leave them, and that
// client's own statements.
//
// [Load] makes the tables and the rows, [Rows] reads them back column by column,
// and [Client] writes as the Java client does: it names the columns of v1.3 and no
// others, and guards by the primary key alone.
package javaedition
