package faults

import (
	"slices"
	"testing"
	"time"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/integration/internal/proxy"
	"github.com/quartz-cluster/quartz/integration/internal/worker"
)

// F11: commits take 1.5 s, or 3 s, with a lease that fits them. Nobody is taken
// for dead.
func TestF11SlowCommits(t *testing.T) {
	commits := []time.Duration{1500 * time.Millisecond}
	if long() {
		commits = append(commits, 3*time.Second)
	}
	for _, commit := range commits {
		t.Run(commit.String(), func(t *testing.T) {
			each(t, "F11/"+commit.String(), func(t *testing.T, c *cluster) {
				end := c.clock.Latest().Add(level(t, 10*time.Second))
				c.load(rate(), end)
				c.unhurried()
				c.start()
				for _, n := range c.nodes {
					n.proxy.Rule(proxy.Every(1, changes, proxy.Action{Slow: commit}, &c.tried))
				}
				c.steady(func() { c.until(end) })
				for _, n := range c.nodes {
					n.proxy.Heal()
				}
				c.over = append(c.over, c.clock.Latest())
				c.finish()
			})
		})
	}
}

// F11: all workers are busy for longer than the distance between fires.
func TestF11AllWorkersAreBusy(t *testing.T) {
	each(t, "F11/busy", func(t *testing.T, c *cluster) {
		end := c.clock.Latest().Add(level(t, 8*time.Second))
		c.load(10, end)
		c.unhurried()
		c.add(worker.Endless, many(4, client.Execute{Schedule: client.Every(time.Second).Until(end)})...)
		for _, key := range keys {
			c.launch(key, func(cfg *worker.Config) { cfg.Slots = 3 })
		}
		for _, n := range c.nodes {
			n.AwaitReady(t)
		}
		c.tried.Add(1)
		c.steady(func() { c.until(end) })
		report := c.finish()
		c.undisturbed(report)
	})
}

// F11: the jobs hold both connections of the pool that they share with their node,
// which keeps its lease over a second one.
func TestF11GreedyJobs(t *testing.T) {
	each(t, "F11/pool", func(t *testing.T, c *cluster) {
		end := c.clock.Latest().Add(level(t, 9*time.Second))
		c.load(10, end)
		c.unhurried()
		c.add(worker.Greedy, many(8, client.Execute{Schedule: client.Every(2 * time.Second).Until(end)})...)
		for _, key := range keys {
			c.launch(key, func(cfg *worker.Config) {
				cfg.Pool, cfg.Control = 2, 2
				cfg.Nodes[0].Classes = append(slices.Clone(worker.Classes), worker.Greedy)
			})
		}
		for _, n := range c.nodes {
			n.AwaitReady(t)
		}
		c.tried.Add(1)
		c.steady(func() { c.until(end) })
		report := c.finish()
		c.undisturbed(report)
	})
}
