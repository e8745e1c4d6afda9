package core

import (
	"time"

	"github.com/quartz-cluster/quartz/core/internal/misfire"
	"github.com/quartz-cluster/quartz/core/internal/store"
)

// rivals watches the nodes that keep another from registering. One whose beat is
// seen to move lives; one is dead by the same rule as in a cluster.
type rivals struct {
	watch *misfire.Watch
	beats map[int64]int64 // as first seen, by node id
}

func newRivals(lease time.Duration) *rivals {
	return &rivals{watch: misfire.NewWatch(lease), beats: make(map[int64]int64)}
}

// alive takes in what was found and returns one that lives for sure, if any does.
func (r *rivals) alive(found *store.OccupiedError) (who store.Peer, lives bool) {
	r.watch.Heard(store.Cluster{Now: found.Now, Peers: found.By})
	for _, p := range found.By {
		if beat, known := r.beats[p.NodeID]; known && beat != p.Beat {
			return p, true
		}
		r.beats[p.NodeID] = p.Beat
	}
	return store.Peer{}, false
}

// dead returns those whose lease is over.
func (r *rivals) dead() []store.Peer { return r.watch.Dead() }

// occupied names who is in the way.
func (n *Node) occupied(p store.Peer, found *store.OccupiedError) *OccupiedError {
	return &OccupiedError{App: n.cfg.App, Key: p.Key, Host: p.Host, Standalone: found.Standalone, SQLite: !found.Standalone && !n.cfg.Standalone}
}
