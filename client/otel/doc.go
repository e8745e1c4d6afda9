// Package clientotel gives the calls of a client spans in OpenTelemetry, and links the
// runs of what they schedule to them. It links OpenTelemetry's API alone, and nothing
// of what runs jobs.
//
//	c, err := client.New(db, client.Config{Tracer: clientotel.New(clientotel.Config{})})
//
// A call is a span "quartz add execute" below the one that its context holds, if any.
// Those that schedule something are a producer's: a run of it, on a node with package
// core/otel, is a consumer's span below theirs, or in a trace of its own that is linked
// to it where the execute fires more than once.
//
// A call that fails has the status Error, and error.type says how, in the words of
// package client: not_found, already_exists, contended, in_transaction, invalid_field,
// state_conflict, version_conflict, no_answer; else the type of the error.
package clientotel
