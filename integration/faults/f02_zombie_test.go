package faults

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/integration/internal/worker"
)

// zombie is longer than the lease, and than it takes the others to notice.
const zombie = 8 * time.Second

// F2: a process is stopped for longer than its lease, with runs in flight, and in
// the midst of a claim, of a completion and of a heartbeat's transaction; then it
// goes on as if nothing had been.
func TestF2StoppedForLongerThanTheLease(t *testing.T) {
	each(t, "F2", func(t *testing.T, c *cluster) {
		end := c.clock.Latest().Add(level(t, 15*time.Second))
		c.load(rate(), end)
		c.start(append(keys, "east")...)
		for {
			c.wait(2 * time.Second)
			midClaim, midRun, midCompletion := c.nodes[0], c.nodes[1], c.nodes[2]
			midClaim.Arm(t, worker.Failpoint{Point: worker.BeforeClaim, Signal: worker.Stop})
			midCompletion.Arm(t, worker.Failpoint{Point: worker.BeforeCompletion, Signal: worker.Stop})
			c.out(func() {
				require.NoError(t, midRun.Pause())
				for _, n := range []*node{midClaim, midCompletion} {
					c.await(n.Name()+" stands still", func(context.Context) string {
						if n.Paused() {
							return ""
						}
						return "it works"
					})
				}
				c.wait(zombie)
				for _, n := range []*node{midClaim, midRun, midCompletion} {
					c.tried.Add(1)
					c.in.Zombies = append(c.in.Zombies, n.Name())
					require.NoError(t, n.Continue())
				}
			})
			if c.clock.Latest().Add(zombie).After(end) {
				break
			}
			c.wait(grace)
		}
		c.until(end)
		c.finish()
	})
}
