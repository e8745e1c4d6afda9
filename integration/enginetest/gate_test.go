package enginetest

import (
	"context"
	"sync"

	"github.com/quartz-cluster/quartz/core"
)

// gate holds runs back until it is opened, or their context ends.
type gate struct {
	once sync.Once
	c    chan struct{}
}

func newGate() *gate { return &gate{c: make(chan struct{})} }

func (g *gate) open() { g.once.Do(func() { close(g.c) }) }

func (g *gate) wait(ctx context.Context, _ *core.Fire) error {
	select {
	case <-g.c:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
