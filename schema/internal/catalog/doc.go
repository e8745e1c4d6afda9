// Package catalog reads what tables a database has: their columns with types, and
// their indexes, from the views in which each database describes itself.
//
// A table is looked up the way the database itself resolves its name, so that
// what is found here is what a statement would meet: through the search path on
// PostgreSQL, in upper case on Oracle, by the exact name on MySQL where the
// server tells cases apart.
package catalog
