// Package clienttest checks the management client on every database: what its
// calls write, what they refuse, and what holds when others write meanwhile.
package clienttest
