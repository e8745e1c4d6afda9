// Package wait waits for a time to pass, or for a context to end.
package wait
