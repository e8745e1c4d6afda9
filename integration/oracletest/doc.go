// Package oracletest says how far the product keeps to Oracle. It runs the
// conformance suites on Oracle's dialector over H2 and looks at every statement
// that was sent, lets nodes work there, and shows which of the dialector's own
// habits the rules catch. What that proves and what not: package oracleh2.
package oracletest
