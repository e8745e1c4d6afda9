// Package sqldb is the ground that schema, core and client share below their
// SQL: a gorm session of their own, the words in which the databases differ,
// transactions, row scanning and the classes of database errors.
//
// # Statements
//
// Every statement of the product is written once, as it runs with the default
// table prefix, and is completed by [DB] before it is sent:
//
//	QRTZ_              the configured schema and prefix of the four tables
//	{now}              the database's UTC clock, epoch milliseconds
//	{for update}       locks the selected rows (nothing on SQLite: its writers are alone)
//	{skip locked}      the same, leaving out rows that somebody else holds
//	{limit}            takes the first ? rows
//	{behind}           takes the row behind the first ? rows
//	{dual}             " FROM DUAL" where a SELECT needs a table
//	{MODE}             the column MODE, which Oracle reserves
//
// Binds are gorm's: a question mark each, a slice for IN ?.
//
// # The session
//
// [New] never changes the caller's *gorm.DB and takes nothing from it but its
// dialect and its connections: a naming strategy, scopes, PrepareStmt, DryRun
// or a talkative logger of the caller's do not reach the product's statements.
package sqldb
