package faults

import (
	"time"

	"github.com/stretchr/testify/require"
)

// unhurried gives the nodes that are started from now on a lease that a busy machine
// does not miss either.
func (c *cluster) unhurried() {
	c.lease, c.in.Grace = 8*time.Second, grace+3*time.Second
}

// steady runs a disturbance that must take no node's registration away.
func (c *cluster) steady(disturb func()) {
	c.t.Helper()
	before := c.members()
	disturb()
	require.Equal(c.t, before, c.members(), "a node was taken for dead that was not")
}
