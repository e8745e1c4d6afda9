// Package testdb gives each test a database of its own on every server the
// scheduler supports, and takes it away when the test ends.
//
// A test has one place per [Kind]: a database on PostgreSQL, MariaDB and MySQL,
// a user on Oracle, a file on SQLite. Every [Open] of the same kind in the same
// test is another pool on that one place, which is what two nodes of one cluster
// are; [DSN] is the way there for another process, which opens it with [OpenDSN].
//
//	test ──Open(Postgres)──▶ pool 1 ─┐
//	     ──Open(Postgres)──▶ pool 2 ─┼─▶ database quartz_test_7k2m… (one per test)
//	     ──DSN(Postgres)───▶ worker ─┘
//	     ──Open(SQLite)────▶ pool 3 ───▶ file in t.TempDir()
//
// Servers come from the environment: QUARTZ_TEST_POSTGRES_DSN,
// QUARTZ_TEST_MARIADB_DSN, QUARTZ_TEST_MYSQL_DSN and QUARTZ_TEST_ORACLE_DSN. The
// account in each must be allowed to create databases (on Oracle: users). SQLite
// needs nothing, and OracleH2, which shows how far the product keeps to Oracle
// where there is none, needs java and H2's jar.
//
// [Each] runs one test body on all of them. PostgreSQL and MariaDB are part of every
// run, so that a missing server is a failure and not a silent gap; with -short only
// SQLite is used. Package oracletest runs all suites on OracleH2. QUARTZ_TEST_KINDS, a comma-separated list, narrows
// a run to the kinds it names: Each does not run the others, and a test of one of
// them alone is skipped.
package testdb
