//go:build race

package clienttest

// underRace says that the race detector watches.
const underRace = true
