package faults

import (
	"testing"
	"time"
)

// F5: one node is cut off, in several ways, while the others go on. It stops by
// itself before they take over its fires, and joins again once it is healed.
func TestF5OneNodeIsCutOff(t *testing.T) {
	each(t, "F5", func(t *testing.T, c *cluster) {
		end := c.clock.Latest().Add(level(t, 18*time.Second))
		c.load(rate(), end)
		c.start(append(keys, "east", "centre")...)
		for {
			c.wait(2 * time.Second)
			c.out(func() {
				c.nodes[0].proxy.Cut()
				c.nodes[1].proxy.Deafen()
				c.nodes[2].proxy.Slow(time.Second) // there and back: 2 s
				for range 8 {
					c.nodes[3].proxy.Refuse()
					c.wait(700 * time.Millisecond)
					c.nodes[3].proxy.Heal()
					c.wait(700 * time.Millisecond)
				}
				for _, n := range c.nodes[:4] {
					c.tried.Add(1)
					n.proxy.Heal()
				}
			})
			if c.clock.Latest().Add(20 * time.Second).After(end) {
				break
			}
			c.wait(grace)
		}
		c.until(end)
		c.finish()
	})
}
