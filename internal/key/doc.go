// Package key says what a text may hold that rows are found by: the name of an app, of a
// job, of a handler, the key of a node. Workers and back offices must agree about it: an
// app that one of them lets pass and the other refuses could not be managed.
package key
