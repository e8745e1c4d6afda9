// Package consoletest holds the console to the document of its API: every route
// is called on every database, and each answer is checked against what the document
// says of it. Its benchmark compares large tables with small ones.
package consoletest
