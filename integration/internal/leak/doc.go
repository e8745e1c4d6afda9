// Package leak looks for goroutines that outlive the tests of a package, as goleak
// does, with patience: on a busy machine those that are ending take their time.
package leak
