package lab

import (
	"context"
	"sync"

	"github.com/quartz-cluster/quartz/core"
)

// Gate holds runs back until it is opened, or their context ends.
type Gate struct {
	once   sync.Once
	opened chan struct{}
}

// NewGate returns a gate that is closed.
func NewGate() *Gate { return &Gate{opened: make(chan struct{})} }

// Open lets everybody through, from now on.
func (g *Gate) Open() { g.once.Do(func() { close(g.opened) }) }

// Opened is closed when the gate is opened.
func (g *Gate) Opened() <-chan struct{} { return g.opened }

// Wait is a handler that waits at the gate.
func (g *Gate) Wait(ctx context.Context, _ *core.Fire) error {
	select {
	case <-g.opened:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
