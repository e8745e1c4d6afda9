package misfire

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/quartz-cluster/quartz/core/internal/store"
	"github.com/quartz-cluster/quartz/core/observe"
	"github.com/quartz-cluster/quartz/schema"
)

// unrunnable says what is due and no live node can run: none has a handler for its class,
// or none of those that have is one that it may run on.
func (h *Handler) unrunnable(ctx context.Context, v view) error {
	if !v.Overdue {
		h.stuck = 0
		return nil
	}
	known := allClasses(v.Cluster)
	stuck, err := h.cfg.Store.Stuck(ctx, known, v.Mode, h.cfg.Clock.Now()-overdue, h.stuck, slice)
	if err != nil {
		return err
	}
	h.stuck = 0
	for _, k := range stuck {
		if len(stuck) == slice {
			h.stuck = k.ID
		}
		var text string
		switch {
		case !slices.Contains(known, k.Class):
			text = fmt.Sprintf("no live node has a handler for class %q", k.Class)
		case slices.ContainsFunc(v.Peers, func(p store.Peer) bool { return mayRun(p, v.Cluster, k) }):
			continue
		case k.RunOn == schema.RunOnSome:
			text = fmt.Sprintf("no live node has a key or label of %s and a handler for class %q", strings.Join(schema.Targets(k.Targets), ", "), k.Class)
		default:
			text = fmt.Sprintf("no live node is the master and has a handler for class %q", k.Class)
		}
		if err := h.speak(ctx, k, text); err != nil {
			return err
		}
	}
	return nil
}

// allClasses returns the classes that live nodes have handlers for.
func allClasses(c store.Cluster) []string {
	var all []string
	for _, p := range c.Peers {
		all = append(all, classesOf(p)...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func classesOf(p store.Peer) []string {
	var classes []string
	if json.Unmarshal([]byte(p.Handlers), &classes) != nil {
		return nil
	}
	return classes
}

// mayRun reports whether a node may run an execute that only some may.
func mayRun(p store.Peer, c store.Cluster, k store.Stuck) bool {
	if !slices.Contains(classesOf(p), k.Class) {
		return false
	}
	if k.RunOn != schema.RunOnSome {
		return p.NodeID == c.Master
	}
	var labels []string
	_ = json.Unmarshal([]byte(p.Labels), &labels) // a node without labels has none
	return slices.ContainsFunc(schema.Targets(k.Targets), func(t string) bool { return t == p.Key || slices.Contains(labels, t) })
}

// speak writes why an execute stands still onto its row and tells the observer,
// once.
func (h *Handler) speak(ctx context.Context, k store.Stuck, text string) error {
	if k.LastError == text {
		return nil
	}
	noted, err := h.cfg.Store.Note(ctx, k, text)
	if noted {
		h.cfg.Tell(observe.Event{
			Kind: observe.Unrunnable, JobID: k.JobID, Class: k.Class, ExecuteID: k.ID,
			Nominal: time.UnixMilli(k.Next).UTC(), Reason: text,
		})
	}
	return err
}
