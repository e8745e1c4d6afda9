// Package operator is a client whose acknowledged calls stand in the ledger, so
// that the checker knows what had to happen: the back office of a test.
package operator
