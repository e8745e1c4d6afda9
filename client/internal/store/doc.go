// Package store holds the statements of the management client, one file per
// table. They are written for every database at once, in the words of sqldb;
// where the databases must differ, lock.go says how and why.
//
// An UPDATE names the values that its caller read and returns the number of
// rows that it touched. It always changes something (a version, a state), since
// MySQL counts changed rows, not matched ones.
package store
