package faults

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/integration/internal/worker"
)

// F1: kill -9, at every named point, one node after the other, each of which is
// replaced at once under its key.
func TestF1KilledAtEveryPoint(t *testing.T) {
	each(t, "F1", func(t *testing.T, c *cluster) {
		took := level(t, 18*time.Second)
		end := c.clock.Latest().Add(took)
		c.load(rate(), end)
		c.start()
		for round := 0; ; round++ {
			for i, point := range worker.Points {
				c.killAt(c.nodes[i%len(c.nodes)], worker.Failpoint{Point: point, Signal: worker.Kill, Skip: round})
			}
			if !long() || c.clock.Latest().After(end) {
				break
			}
		}
		c.until(end)
		c.finish()
	})
}

// killAt ends a node at a point and starts another under its key.
func (c *cluster) killAt(n *node, f worker.Failpoint) {
	c.t.Helper()
	switch f.Point {
	case worker.InSweep:
		// The sweep has something to do once another one died: whoever does it dies too.
		for _, other := range c.nodes {
			other.Arm(c.t, worker.Failpoint{Point: f.Point, Signal: worker.Kill})
		}
		c.replace(n)
		c.await("the sweep comes to the failpoint", func(context.Context) string {
			for _, other := range slices.Clone(c.nodes) {
				if other.AwaitDeath(10 * time.Millisecond) {
					dead := []*node{other}
					for _, spared := range c.nodes {
						if spared != other && !spared.TryArm(c.t, worker.Failpoint{Point: f.Point, Skip: math.MaxInt}) {
							dead = append(dead, spared) // it was the next to sweep
						}
					}
					for _, d := range dead {
						require.True(c.t, d.AwaitDeath(patience))
						c.tried.Add(1)
						c.buried(d)
						c.launch(d.key).AwaitReady(c.t)
					}
					return ""
				}
			}
			return "it does not"
		})
		return
	case worker.BeforeRegistering, worker.AfterRegistering:
		// The one that registers dies, whose place nobody has taken.
		dying := c.launch(n.key+"-new", func(cfg *worker.Config) {
			f.Skip = 0
			cfg.Failpoints = []worker.Failpoint{f}
		})
		require.True(c.t, dying.AwaitDeath(patience), "%s: it did not come to that", f.Point)
		c.tried.Add(1)
		c.buried(dying)
		return
	case worker.InStop:
		f.Skip = 0
		n.Arm(c.t, f)
		n.AskToStop(c.t)
	case worker.AfterCheckpoint:
		n = c.armTheBusy(n, f)
	default:
		n.Arm(c.t, f)
	}
	require.True(c.t, n.AwaitDeath(patience), "%s: it did not come to that", f.Point)
	c.tried.Add(1)
	c.buried(n)
	c.launch(n.key).AwaitReady(c.t)
}

// armTheBusy arms one node after the other, from n on, until one comes to the point:
// the few executes that write checkpoints may all be those of other nodes.
func (c *cluster) armTheBusy(n *node, f worker.Failpoint) *node {
	c.t.Helper()
	const often = 4 * time.Second // such an execute fires every second
	first := slices.Index(c.nodes, n)
	for i := range 5 * len(c.nodes) {
		n = c.nodes[(first+i)%len(c.nodes)]
		n.Arm(c.t, f)
		if n.AwaitDeath(often) {
			break
		}
		n.Arm(c.t, worker.Failpoint{Point: f.Point, Skip: math.MaxInt})
		if n.AwaitDeath(100 * time.Millisecond) { // just before it was spared
			break
		}
	}
	return n
}

// replace kills a node and starts another under its key.
func (c *cluster) replace(n *node) {
	c.t.Helper()
	c.kill(n)
	c.launch(n.key).AwaitReady(c.t)
}

// F1: kill -9 at random.
func TestF1KilledAtRandom(t *testing.T) {
	each(t, "F1/random", func(t *testing.T, c *cluster) {
		end := c.clock.Latest().Add(level(t, 12*time.Second))
		c.load(rate(), end)
		c.start()
		seed := uint64(time.Now().UnixNano())
		t.Logf("random seed %d", seed)
		random := rand.New(rand.NewPCG(seed, seed))
		for c.clock.Latest().Before(end.Add(-2 * time.Second)) {
			c.wait(time.Duration(random.IntN(3000)) * time.Millisecond)
			c.replace(c.nodes[random.IntN(len(c.nodes))])
		}
		c.until(end)
		c.finish()
	})
}
