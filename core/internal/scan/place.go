package scan

import (
	"slices"
	"strconv"

	"github.com/quartz-cluster/quartz/core/internal/store"
	"github.com/quartz-cluster/quartz/schema"
)

// place is where the node stands among its peers, as its last heartbeat read it.
type place struct {
	at    store.Place
	mine  owned
	epoch int64    // of the application's master, where that is this node; else 0
	id    string   // node id
	names []string // node keys and labels
}

func placeOf(cfg Config, c store.Cluster) place {
	p := place{
		at:    store.Place{Classes: cfg.Classes, Mode: c.Mode},
		mine:  divide(cfg.NodeID, cfg.Classes, c.Peers),
		id:    strconv.FormatInt(cfg.NodeID, 10),
		names: append([]string{cfg.Key, store.SharedKey(cfg.Key)}, cfg.Labels...),
	}
	if c.Master == cfg.NodeID {
		p.at.Master, p.epoch = true, c.MasterEpoch
		if c.Mode == schema.MasterOnly { // then nobody else looks after any shard
			for shard := range p.mine {
				p.mine[shard] = true
			}
		}
	}
	return p
}

// owns reports whether the node serves a shard first-hand.
func (p *place) owns(shard int) bool { return shard < 0 || shard >= len(p.mine) || p.mine[shard] }

// runs reports whether an execute that the scan found is one for this node.
func (p *place) runs(d *store.Due) bool {
	switch d.RunOn {
	case schema.RunOnSome:
		return slices.ContainsFunc(schema.Targets(d.Targets), func(t string) bool { return slices.Contains(p.names, t) })
	case schema.RunOnNode:
		return d.Targets == p.id
	case schema.RunOnAny, schema.RunOnMaster, schema.RunOnAll:
	}
	return true
}

// hints returns the hints that are for this node.
func (p *place) hints() schema.Hint {
	mine := schema.HintOf(schema.SharedShard) | schema.HintOf(schema.NodeShard(0))
	for shard, own := range p.mine {
		if own {
			mine |= schema.HintOf(shard)
		}
	}
	return mine
}

// needsMaster reports whether only the master may run the execute.
func (p *place) needsMaster(d *store.Due) bool {
	return d.RunOn == schema.RunOnMaster || d.RunOn == "" && p.at.Mode == schema.MasterOnly
}
