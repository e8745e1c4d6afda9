package console

import (
	"context"
	"net"
	"net/http"
	"strings"

	"github.com/quartz-cluster/quartz/client"
)

// Role says what an actor may do.
type Role string

// The roles.
const (
	ReadOnly Role = "read-only" // look at everything
	Operator Role = "operator"  // change everything too
)

// Actor is who sends a request.
type Actor struct {
	Name string // stands on the rows that it changes, at most 100 bytes
	Role Role
}

type actorKey struct{}

// authenticated returns the context of a request of an actor who is known, in
// which the client writes the actor's name on what it changes.
func (c *console) authenticated(r *http.Request) (context.Context, Actor, error) {
	if c.config.InsecureLoopback && !fromHere(r) {
		return nil, Actor{}, refuse(http.StatusForbidden, codeForbidden, "only programs on this host are served, at localhost or a loopback address")
	}
	actor, err := c.config.Authenticate(r)
	if err != nil {
		c.config.Logger.DebugContext(r.Context(), "console: a request was not authenticated", "error", err)
		return nil, Actor{}, refuse(http.StatusUnauthorized, codeUnauthenticated, "sign in first")
	}
	if actor.Name == "" || actor.Role != ReadOnly && actor.Role != Operator {
		return nil, Actor{}, refuse(http.StatusForbidden, codeForbidden, "an actor needs a name and a role")
	}
	return context.WithValue(client.WithActor(r.Context(), actor.Name), actorKey{}, actor), actor, nil
}

// fromHere reports whether a request comes from this host and is meant for it. A
// page of another site, whose name its owner points at a loopback address, sends
// that name as the Host; a proxy says for whom it asks.
func fromHere(r *http.Request) bool {
	for _, header := range []string{"Forwarded", "X-Forwarded-For", "X-Real-Ip"} {
		if r.Header.Get(header) != "" {
			return false
		}
	}
	addr, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil || !net.ParseIP(addr).IsLoopback() {
		return false
	}
	host := r.Host
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	switch strings.ToLower(host) {
	case "localhost", "127.0.0.1", "::1", "[::1]":
		return true
	}
	return false
}
