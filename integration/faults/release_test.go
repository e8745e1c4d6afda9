package faults

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/integration/internal/checker"
	"github.com/quartz-cluster/quartz/integration/internal/ledger"
	"github.com/quartz-cluster/quartz/integration/internal/worker"
	"github.com/quartz-cluster/quartz/schema"
)

// Nodes are drained and replaced one by one under load: nothing is lost, nothing
// runs again, and nothing waits.
func TestRollingRelease(t *testing.T) {
	each(t, "release", func(t *testing.T, c *cluster) {
		rate := rate()
		if long() {
			rate = 300
		}
		end := c.clock.Latest().Add(level(t, 11*time.Second))
		c.load(rate, end)
		c.start()
		c.wait(2 * time.Second)
		for _, old := range slices.Clone(c.nodes) {
			c.launch(old.key + "-new").AwaitReady(t)
			c.leave(old)
			c.wait(time.Second)
		}
		c.until(end)
		report := c.finish()
		c.undisturbed(report)
		latest := checker.Quantile(report.Late, 1)
		t.Logf("late by up to %s", latest)
		if long() {
			require.Less(t, latest, 2*time.Second)
		}
	})
}

// All nodes are stopped and others started under new keys: every execute is as it
// was, and goes on.
func TestAllNodesAreReplaced(t *testing.T) {
	each(t, "replace", func(t *testing.T, c *cluster) {
		end := c.clock.Latest().Add(level(t, 9*time.Second))
		c.load(rate(), end)
		c.start()
		c.wait(3 * time.Second)
		for len(c.nodes) > 0 {
			c.leave(c.nodes[0])
		}
		require.Empty(t, c.members())
		before := c.executes(t.Context())
		require.NotEmpty(t, before)
		c.start("one", "two", "three")
		c.over = append(c.over, c.clock.Latest())
		after := map[int64]schema.Execute{}
		for _, row := range c.executes(t.Context()) {
			after[row.ID] = row
		}
		for _, row := range before {
			if row.Origin != "" {
				continue // of a fire, or of a node, that is over
			}
			now := after[row.ID]
			require.GreaterOrEqual(t, now.HighTime, row.HighTime)
			require.GreaterOrEqual(t, now.FireCount, row.FireCount)
			require.Equal(t, row.JobType, now.JobType)
			require.Equal(t, row.Recover, now.Recover)
			require.Equal(t, row.Data, now.Data)
		}
		c.until(end)
		report := c.finish()
		c.undisturbed(report)
	})
}

// A node that is added under load takes its share, with nobody reconfigured, and
// one that dies leaves the list.
func TestANodeIsAddedAndOneDies(t *testing.T) {
	each(t, "join", func(t *testing.T, c *cluster) {
		end := c.clock.Latest().Add(level(t, 11*time.Second))
		c.load(rate(), end)
		c.start(keys[0], keys[1])
		c.wait(2 * time.Second)
		begun := c.clock.Earliest()
		added := c.launch("added")
		added.AwaitReady(t)
		c.tried.Add(1)
		require.Contains(t, c.members(), "added")
		var first ledger.Run
		c.await("the node that was added has a run", func(context.Context) string {
			all, err := ledger.Read(c.ledgers)
			require.NoError(t, err)
			i := slices.IndexFunc(all.Runs, func(r ledger.Run) bool { return r.Node == "added" })
			if i < 0 {
				return "it has none"
			}
			first = all.Runs[i]
			return ""
		})
		t.Logf("its first run began %s after its process", first.Start.Sub(begun))
		if long() {
			require.Less(t, first.Start.Sub(begun), 2*time.Second)
		}
		c.kill(c.nodes[0])
		died := c.clock.Latest()
		c.await("the node that died is gone from the list", func(context.Context) string {
			if _, listed := c.members()[keys[0]]; listed {
				return "it is listed"
			}
			return ""
		})
		gone := c.clock.Latest().Sub(died)
		t.Logf("it was gone from the list after %s", gone)
		if long() {
			require.Less(t, gone, grace)
		}
		c.until(end)
		c.finish()
	})
}

// Every fire that a node had in flight when it was killed runs elsewhere, within
// seconds of the kill.
func TestWhatWasInFlightRunsElsewhere(t *testing.T) {
	each(t, "kill", func(_ *testing.T, c *cluster) {
		rounds := 1
		if long() {
			rounds = 5
		}
		end := c.clock.Latest().Add(time.Duration(rounds) * 14 * time.Second)
		c.load(rate(), end)
		ids := c.add(worker.Endless, many(12, client.Execute{
			Schedule: client.Every(3 * time.Second), Policies: client.Policies{Recover: schema.DefaultRecoveries},
		})...)
		c.start()
		for range rounds {
			c.wait(4 * time.Second)
			c.killInFlight(ids)
			c.wait(grace - 2*time.Second)
		}
		c.until(end)
		c.finish()
		for _, k := range c.kills {
			c.recovered(k)
		}
	})
}

// kill is a node that was killed, and what it had in flight then.
type kill struct {
	at      time.Time
	flights []schema.Execute
}

// killInFlight kills a node while it runs some of the executes, and starts
// another under its key.
func (c *cluster) killInFlight(ids []client.ID) {
	c.t.Helper()
	var k kill
	var victim *node
	c.await("a node has two of the fires in flight", func(ctx context.Context) string {
		held := map[int64][]schema.Execute{}
		for _, e := range c.executes(ctx) {
			if e.FireTime != 0 && e.FireStart < c.clock.Earliest().UnixMilli()-300 && slices.Contains(ids, client.ID(e.ID)) {
				held[e.FireNode] = append(held[e.FireNode], e)
			}
		}
		for _, n := range c.nodes {
			if k.flights = held[c.memberID(n)]; len(k.flights) >= 2 {
				victim = n
				return ""
			}
		}
		return "none has"
	})
	victim.Kill()
	k.at = c.clock.Latest()
	c.tried.Add(1)
	c.buried(victim)
	c.kills = append(c.kills, k)
	c.launch(victim.key).AwaitReady(c.t)
}

// recovered checks that the fires ran again, unless they had ended by the time of
// the kill, and says how long that took.
func (c *cluster) recovered(k kill) {
	c.t.Helper()
	const bound = 8 * time.Second
	var longest time.Duration
	for _, e := range k.flights {
		var first, again *ledger.Run
		for i, run := range c.in.Ledger.Runs {
			if run.Execute != e.ID || run.Nominal.UnixMilli() != e.FireTime {
				continue
			}
			if run.Attempt == 1 {
				first = &c.in.Ledger.Runs[i]
			} else {
				again = &c.in.Ledger.Runs[i]
			}
		}
		if again == nil {
			require.NotNil(c.t, first, "the fire of %d at %d never ran", e.ID, e.FireTime)
			require.False(c.t, first.End.IsZero(), "the fire of %d at %d did not run again", e.ID, e.FireTime)
			continue
		}
		longest = max(longest, again.Start.Sub(k.at))
	}
	c.t.Logf("%d fires in flight, run elsewhere within %s", len(k.flights), longest)
	if long() {
		require.Less(c.t, longest, bound)
	}
}
