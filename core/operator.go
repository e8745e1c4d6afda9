package core

import (
	"fmt"

	"github.com/quartz-cluster/quartz/core/internal/member"
	"github.com/quartz-cluster/quartz/core/internal/store"
	"github.com/quartz-cluster/quartz/core/observe"
	"github.com/quartz-cluster/quartz/schema"
)

// hushed reports whether the node must claim nothing, by what a heartbeat read.
// The caller holds t.mu.
func (t *term) hushed(c store.Cluster) bool {
	self, _ := c.Find(t.reg.NodeID)
	if c.Maintenance != schema.On && t.quiesced {
		t.quiesced = false
		t.tell(observe.Event{Kind: observe.Resumed})
	}
	skewed := t.skewed()
	return skewed || c.AppState == schema.Off || self.State == schema.Off || c.Maintenance == schema.On || t.node.drained.Load()
}

// skewed reports whether the node's clock is too far from the database's, and
// says so when that changes.
func (t *term) skewed() bool {
	n := t.node
	if n.cfg.MaxSkew == 0 {
		return false
	}
	by, sure := n.clock.Skew(), n.clock.SureSkew()
	switch over := sure > n.cfg.MaxSkew; {
	case over && !n.astray.Swap(over):
		t.tell(observe.Event{Kind: observe.ClockSkewed, Late: by, Reason: "MaxSkew is " + n.cfg.MaxSkew.String()})
	case !over && n.astray.Swap(over):
		t.tell(observe.Event{Kind: observe.ClockGood, Late: by})
	}
	return n.astray.Load()
}

// report returns what the next heartbeat tells.
func (t *term) report() store.Report {
	n := t.node
	t.mu.Lock()
	defer t.mu.Unlock()
	r := store.Report{Capacity: n.capacity(), Running: n.slots.Used()}
	if t.opened.Load() {
		switch {
		case t.last.Maintenance != schema.On:
			t.seen = t.last.Version
		case t.idle():
			t.seen = t.last.Version
			if !t.quiesced {
				t.quiesced = true
				t.tell(observe.Event{Kind: observe.Quiesced})
			}
		}
	}
	r.Seen = t.seen
	return r
}

// idle reports whether the node has nothing under way: in this order, because a
// claim fills a slot, and a run leaves an outcome behind before it frees one.
func (t *term) idle() bool {
	return t.scan.Resting() && t.node.slots.Used() == 0 && t.node.done.Pending() == 0
}

// capacity is how many slots the node offers.
func (n *Node) capacity() int {
	if n.drained.Load() {
		return 0
	}
	return n.cfg.Slots
}

// command does what an operator asks of the node.
func (t *term) command(c schema.Command) member.Reply {
	n := t.node
	done := member.Reply{Ready: true}
	if !t.opened.Load() {
		return member.Reply{}
	}
	stopping := t.ms.Retired()
	switch c.Verb {
	case schema.Ping:
		return done
	case schema.Drain:
		if !n.drained.Swap(true) {
			t.tell(observe.Event{Kind: observe.Drained, Reason: "by " + actor(c)})
			t.heed()
		}
		// Answered once no claim is under way any more.
		return member.Reply{Ready: stopping || t.scan.Resting()}
	case schema.Rejoin:
		if stopping {
			return member.Reply{Ready: true, Error: "the node is stopping"}
		}
		if n.drained.Swap(false) {
			t.tell(observe.Event{Kind: observe.Rejoined, Reason: "by " + actor(c)})
			t.heed()
		}
		return done
	case schema.Halt:
		return member.Reply{Ready: true, Then: func() {
			t.tell(observe.Event{Kind: observe.StopOrdered, Reason: "by " + actor(c)})
			n.halt()
		}}
	}
	return member.Reply{Ready: true, Error: fmt.Sprintf("%.50q is no verb that this node knows", c.Verb)}
}

// heed goes by what was changed at once, and tells the peers.
func (t *term) heed() {
	t.mu.Lock()
	last := t.last
	t.mu.Unlock()
	t.heard(last)
	t.ms.Nudge()
}

func actor(c schema.Command) string {
	if c.By == "" {
		return "an operator"
	}
	return c.By
}

// halt begins the drain, as [Node.Stop] does.
func (n *Node) halt() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.stop()
}
