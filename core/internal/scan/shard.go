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
// to one shard where there are more nodes, and returns what falls to the node.
func divide(nodeID int64, classes []string, peers []store.Peer) owned {
	var mine owned
	var active []store.Peer
	for _, p := range peers {
		if p.State == schema.On || p.NodeID == nodeID {
			active = append(active, p)
		}
	}
	rank := slices.IndexFunc(active, func(p store.Peer) bool { return p.NodeID == nodeID })
	if rank < 0 {
		return mine
	}
	for shard := range mine {
		if len(active) > schema.Shards {
			mine[shard] = rank%schema.Shards == shard
			continue
		}
		owner := active[shard%len(active)]
		mine[shard] = owner.NodeID == nodeID || owner.Running >= owner.Capacity || !serves(owner, classes)
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
