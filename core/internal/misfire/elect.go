package misfire

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/quartz-cluster/quartz/core/internal/store"
	"github.com/quartz-cluster/quartz/core/observe"
)

// Candidate is a live node that may be the master of its application: it is not
// barred, not paused and not draining.
type Candidate struct {
	Key       string
	NodeID    int64 // the older a registration, the smaller its id
	Labels    []string
	Build     string
	Started   time.Time // on the database's clock
	Capacity  int       // slots
	Running   int       // slots in use
	Preferred bool      // by an operator
}

// Elector chooses the master.
type Elector interface {
	// Elect returns the key of one of the candidates, which come oldest first and
	// are never none. current is the key of the present master, empty if there is
	// none or it is no candidate any more.
	Elect(candidates []Candidate, current string) string
}

// Oldest is the default: the node that an operator prefers, or else the oldest.
type Oldest struct{}

// Elect implements Elector.
func (Oldest) Elect(candidates []Candidate, _ string) string {
	for _, c := range candidates {
		if c.Preferred {
			return c.Key
		}
	}
	return candidates[0].Key
}

// deposed reports whether the application's master is gone or may be it no
// longer, so that another is to be elected at once.
func deposed(c store.Cluster) bool {
	if c.Master == 0 {
		return false
	}
	master, lives := c.Find(c.Master)
	return !lives || !master.MayBeMaster()
}

// elect makes the elector's choice the master.
func (h *Handler) elect(ctx context.Context, v view) error {
	c := v.Cluster
	to, why := h.choose(c)
	h.electing = to.NodeID != c.Master
	if !h.electing {
		return nil
	}
	elected, err := h.cfg.Store.Elect(ctx, c, to, why)
	if err != nil || !elected {
		return err
	}
	h.cfg.Moved()
	h.cfg.Tell(observe.Event{Kind: observe.MasterChanged, Peer: to.Key, Count: c.MasterEpoch + 1, Reason: why})
	return nil
}

// choose asks the elector for a master and returns it with the reason; without a
// candidate it is nobody.
func (h *Handler) choose(c store.Cluster) (store.Peer, string) {
	var candidates []Candidate
	var current string
	for _, p := range c.Peers {
		if p.MayBeMaster() {
			candidates = append(candidates, candidate(p))
			if p.NodeID == c.Master {
				current = p.Key
			}
		}
	}
	preferred := prefer(candidates, c.MasterPrefer)
	if len(candidates) == 0 {
		return store.Peer{}, "no live node may be master"
	}
	key, err := ask(h.cfg.Elector, candidates, current)
	if err != nil {
		h.cfg.Tell(observe.Event{Kind: observe.Trouble, Reason: "elect the master", Err: err})
		key = Oldest{}.Elect(candidates, current)
	}
	i := slices.IndexFunc(c.Peers, func(p store.Peer) bool { return p.Key == key })
	why := "chosen while the master before it lives"
	switch {
	case c.Master == 0:
		why = "there was no master"
	case current == "":
		why = "the master before it is gone or may be it no longer"
	case key == preferred:
		why = "preferred by an operator"
	}
	return c.Peers[i], why
}

// prefer marks the candidate of that key, or else the oldest of those that share it,
// and returns its key.
func prefer(candidates []Candidate, key string) string {
	i := slices.IndexFunc(candidates, func(c Candidate) bool { return c.Key == key })
	if i < 0 {
		i = slices.IndexFunc(candidates, func(c Candidate) bool { return store.SharedKey(c.Key) == key })
	}
	if i < 0 {
		return ""
	}
	candidates[i].Preferred = true
	return candidates[i].Key
}

func candidate(p store.Peer) Candidate {
	c := Candidate{
		Key: p.Key, NodeID: p.NodeID, Build: p.Build, Started: time.UnixMilli(p.TimeStart).UTC(),
		Capacity: p.Capacity, Running: p.Running,
	}
	_ = json.Unmarshal([]byte(p.Labels), &c.Labels) // none, or written by hand
	return c
}

// ask calls the elector, which is the user's code: what it does wrong must not
// leave the application without a master.
func ask(e Elector, candidates []Candidate, current string) (key string, err error) {
	if e == nil {
		e = Oldest{}
	}
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("the elector panicked: %v", v)
		}
	}()
	key = e.Elect(slices.Clone(candidates), current)
	if !slices.ContainsFunc(candidates, func(c Candidate) bool { return c.Key == key }) {
		return "", fmt.Errorf("the elector chose %q, which is no candidate", key)
	}
	return key, nil
}
