package client

import (
	"context"

	"github.com/quartz-cluster/quartz/schema"
)

// Tracer follows the calls of a client. Its methods are called from any goroutine.
type Tracer interface {
	// Begin is called before every call, with its name, such as "add execute". The
	// call goes on under the context that it returns, and ends by calling end with
	// what it returns itself.
	Begin(ctx context.Context, call string) (in context.Context, end func(err error))
	// TraceContext returns what ctx belongs to, as W3C trace context has it in the
	// header traceparent. It is kept with what a call under ctx adds, reschedules or
	// lets run, for the nodes to go on from. "", and what is none, stands for nothing.
	TraceContext(ctx context.Context) string
}

// inCall is the key under which a context says that it is a call's.
type inCall struct{}

// begin tells the tracer of a call, unless it is a part of another.
func (c *Client) begin(ctx context.Context, call string) (in context.Context, end func(err error)) {
	if c.config.Tracer == nil || ctx.Value(inCall{}) != nil {
		return ctx, func(error) {}
	}
	ctx, end = c.config.Tracer.Begin(ctx, call)
	return context.WithValue(ctx, inCall{}, true), end
}

// trace returns what TRACE is to hold of whoever schedules under ctx.
func (c *Client) trace(ctx context.Context) string {
	if c.config.Tracer == nil {
		return ""
	}
	text := c.config.Tracer.TraceContext(ctx)
	if schema.TraceID(text) == "" {
		return ""
	}
	return text
}
