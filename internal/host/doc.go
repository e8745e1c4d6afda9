// Package host says what this host is called, for the rows that it writes.
package host
