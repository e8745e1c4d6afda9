// Package database opens whatever database a DSN names, and keeps the password in
// it to itself: no error that it returns has it.
package database
