package client

import (
	"context"

	"github.com/quartz-cluster/quartz/client/internal/store"
)

type actorKey struct{}

// WithActor returns a context whose calls are made by actor, at most 100 bytes:
// the user on whose behalf a back office calls, as its middleware identifies them. It
// goes before [Client.As] and [Config].Actor, except that "" leaves the say to
// them. An invalid name is refused by the call that is to write it down.
//
// What is added or changed, the order to end a fire included, has its actor in
// UPDATED_BY of the row, and what happens to apps and nodes among the app's
// [Client.Events]. What is deleted takes its row along.
func WithActor(ctx context.Context, actor string) context.Context {
	return context.WithValue(ctx, actorKey{}, actor)
}

// As returns the client with another actor for UPDATED_BY, for programs that have
// one for many calls; see [WithActor].
func (c *Client) As(actor string) *Client {
	in := *c
	in.config.Actor = actor
	if err := checkActor(actor); err != nil {
		in.mistake = err
	}
	return &in
}

func (c *Client) actor(ctx context.Context) string {
	if actor := actorOf(ctx); actor != "" {
		return actor
	}
	return c.config.Actor
}

func actorOf(ctx context.Context) string {
	actor, _ := ctx.Value(actorKey{}).(string)
	return actor
}

func (c *Client) writer(ctx context.Context) store.Writer {
	return store.Writer{HostIP: c.host.ip, HostName: c.host.name, Actor: c.actor(ctx)}
}
