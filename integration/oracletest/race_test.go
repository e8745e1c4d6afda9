//go:build race

package oracletest

// buildFlags are those of this binary, so that the suites need not be built anew.
var buildFlags = []string{"-race"}
