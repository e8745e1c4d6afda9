// Package yamljson turns JSON into YAML and back without a loss: the order of
// keys, and every number with all its digits, stay as they are.
//
// Package client reads and writes JSON, and tells JSON data apart by its text.
// What is written as YAML, kept in git and read again is to be the same.
package yamljson
