// Package coreotel shows what a node does in OpenTelemetry: metrics, and a span for
// every run. It links the API alone: which readers and exporters there are is the
// program's to say.
//
//	seen, err := coreotel.New(coreotel.Config{})
//	node, err := core.New(db, core.Config{App: "billing", Handlers: handlers, Observer: seen})
//	err = seen.Watch(node) // for the gauges
//	err = node.Run(ctx)
//
// One Observer serves any number of nodes. Beside others it goes into an
// observe.Multi.
//
// # Spans
//
// The span of a run is a consumer's, "process <class>", from the claim of the fire to
// the moment in which its outcome stands in the database; events mark when the handler
// began and returned. The handler's context holds it.
//
//	client:    add execute ──┐
//	node a:                  ├──▶ process invoice.send   attempt 1, failed
//	node b:                  │         └──▶ process invoice.send   attempt 2
//
// It is a child of the client's call that scheduled the execute, with package
// client/otel, where the call scheduled just this fire. Of an execute with several,
// each fire has a trace of its own that is linked to the call. A further attempt is a
// child of the one before, on whatever node, unless that one's node has died: then
// nobody has seen the end of its span, and the attempt begins where that began.
//
// Names and attributes are those of OpenTelemetry's semantic conventions for messaging
// where they have one.
//
// # Metrics
//
// docs/observability.md lists all of them. Their attributes are of few values: apps,
// classes, outcomes and policies, and names of jobs, of which [Config] bounds the
// number. Executes, fires and nodes' ids are in spans and logs.
//
// # What it costs
//
// Three measurements a fire without an allocation, and the span. With OpenTelemetry's
// SDK a fire makes at most 22 allocations where its span is sampled, and at most 10
// where it is not, nearly all of them the SDK's: where thousands of fires a second do
// nothing else, sample some of them. A test holds these numbers; docs/scale.md says
// what they come to in a worker, by `make bench SCENARIO=B8`.
package coreotel
