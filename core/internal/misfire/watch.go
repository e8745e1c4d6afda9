package misfire

import (
	"sync"
	"time"

	"github.com/quartz-cluster/quartz/core/internal/store"
)

// Watch remembers when each peer's heartbeat was last seen to move.
type Watch struct {
	lease time.Duration

	mu    sync.Mutex
	seen  map[int64]sighting // by node id
	peers []store.Peer
	now   int64 // database clock of the last look
}

type sighting struct {
	beat  int64
	since time.Time
}

// NewWatch returns a watch that has seen nobody.
func NewWatch(lease time.Duration) *Watch {
	return &Watch{lease: lease, seen: make(map[int64]sighting)}
}

// Heard takes in what a heartbeat read.
func (w *Watch) Heard(c store.Cluster) {
	w.mu.Lock()
	defer w.mu.Unlock()
	next := make(map[int64]sighting, len(c.Peers))
	for _, p := range c.Peers {
		s, ok := w.seen[p.NodeID]
		if !ok || s.beat != p.Beat {
			s = sighting{p.Beat, time.Now()}
		}
		next[p.NodeID] = s
	}
	w.seen, w.peers, w.now = next, c.Peers, c.Now
}

// Verdict returns in how long the lease of the next silent peer will be over, so
// that nobody need wait for the heartbeat after it; 0 where none is known.
func (w *Watch) Verdict() time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	var soonest time.Duration
	for _, p := range w.peers {
		if left := w.lease - time.Since(w.seen[p.NodeID].since); left > 0 && (soonest == 0 || left < soonest) {
			soonest = left
		}
	}
	return soonest
}

// Dead returns the peers whose lease is over.
func (w *Watch) Dead() []store.Peer {
	w.mu.Lock()
	defer w.mu.Unlock()
	var dead []store.Peer
	for _, p := range w.peers {
		age := w.now - p.TimeCheck
		if time.Since(w.seen[p.NodeID].since) >= w.lease && max(age, -age) > w.lease.Milliseconds() {
			dead = append(dead, p)
		}
	}
	return dead
}
