package scan

import (
	"encoding/json"
	"slices"

	"github.com/quartz-cluster/quartz/core/internal/store"
	"github.com/quartz-cluster/quartz/schema"
)

// owned reports for each shard whether the node serves it first-hand.
type owned [schema.Shards]bool

// divide gives every shard to one of the live nodes by rank, or several nodes
// to one shard where there are more nodes, and returns what falls to the node. What
// falls to one that has no room, or no handler for some class, falls besides to one
// of the others.
func divide(nodeID int64, classes []string, peers []store.Peer) owned {
	active := slices.DeleteFunc(slices.Clone(peers), func(p store.Peer) bool { return p.State != schema.On && p.NodeID != nodeID })
	mine := share(nodeID, active)
	able := slices.DeleteFunc(slices.Clone(active), func(p store.Peer) bool { return p.Running >= p.Capacity || !serves(p, classes) })
	if len(able) == len(active) {
		return mine
	}
	besides := share(nodeID, able)
	for shard := range mine {
		owner := active[shard%len(active)]
		if len(active) > schema.Shards || !slices.ContainsFunc(able, func(p store.Peer) bool { return p.NodeID == owner.NodeID }) {
			mine[shard] = mine[shard] || besides[shard]
		}
	}
	return mine
}

// share deals the shards out to nodes.
func share(nodeID int64, nodes []store.Peer) (mine owned) {
	rank := slices.IndexFunc(nodes, func(p store.Peer) bool { return p.NodeID == nodeID })
	if rank < 0 {
		return mine
	}
	for shard := range mine {
		if len(nodes) > schema.Shards {
			mine[shard] = rank%schema.Shards == shard
		} else {
			mine[shard] = shard%len(nodes) == rank
		}
	}
	return mine
}

// beyond reports whether there are shards in it that are not in other.
func (o owned) beyond(other owned) bool {
	for shard := range o {
		if o[shard] && !other[shard] {
			return true
		}
	}
	return false
}

// serves reports whether a peer can run all of the classes.
func serves(p store.Peer, classes []string) bool {
	var theirs []string
	if json.Unmarshal([]byte(p.Handlers), &theirs) != nil {
		return false
	}
	return !slices.ContainsFunc(classes, func(c string) bool { return !slices.Contains(theirs, c) })
}
