package faults

import (
	"slices"
	"testing"
	"time"

	"github.com/quartz-cluster/quartz/integration/internal/lab"
	"github.com/quartz-cluster/quartz/integration/internal/proxy"
)

// F4: the database does what it was asked, and nobody hears of it; or it is asked
// seconds late, when the node has given up. Claims, completions, heartbeats,
// passes of the handler, and everything else that changes a row.
func TestF4UnknownOutcomes(t *testing.T) {
	each(t, "F4", func(t *testing.T, c *cluster) {
		end := c.clock.Latest().Add(level(t, 12*time.Second))
		c.load(rate(), end)
		c.start()
		c.wait(2 * time.Second)
		c.out(func() {
			c.nodes[0].proxy.Rule(proxy.Every(5, changes, proxy.Action{Lose: true}, &c.tried))
			c.nodes[1].proxy.Rule(proxy.Every(7, claims, proxy.Action{Late: 1500 * time.Millisecond}, &c.tried))
			c.nodes[2].proxy.Rule(proxy.Every(11, changes, proxy.Action{Late: 4 * time.Second}, &c.tried))
			c.until(end.Add(-3 * time.Second))
			for _, n := range c.nodes {
				n.proxy.Heal()
			}
		})
		c.until(end)
		c.finish()
	})
}

// changes holds for what makes changes of rows lasting.
func changes(s proxy.Statement) bool { return s.Takes() && s.Has("UPDATE QRTZ_") }

// claims holds for what makes claims lasting.
func claims(s proxy.Statement) bool {
	if !s.Takes() {
		return false
	}
	for _, text := range append(slices.Clip(s.Tx), s.Text) {
		if lab.Is(text, lab.Take) {
			return true
		}
	}
	return false
}
