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

// unrunnable says what is due and has no handler on any live node.
func (h *Handler) unrunnable(ctx context.Context, _ store.Cluster) error {
	var all []string
	for _, p := range h.cfg.Watch.Peers() {
		all = append(all, classesOf(p)...)
	}
	slices.Sort(all)
	stuck, err := h.cfg.Store.Unrunnable(ctx, slices.Compact(all), h.cfg.Clock.Now()-overdue, h.stuck, slice)
	if err != nil {
		return err
	}
	h.stuck = 0
	for _, k := range stuck {
		if len(stuck) == slice {
			h.stuck = k.ID
		}
		if err := h.speak(ctx, k, fmt.Sprintf("no live node has a handler for class %q", k.Class)); err != nil {
			return err
		}
	}
	return nil
}

func classesOf(p store.Peer) []string {
	var classes []string
	if json.Unmarshal([]byte(p.Handlers), &classes) != nil {
		return nil
	}
	return classes
}

// bound says what is due and only a node may run that is not there.
func (h *Handler) bound(ctx context.Context, c store.Cluster) error {
	rows, err := h.cfg.Store.Bound(ctx, h.cfg.Clock.Now()-overdue, h.bounds, slice)
	h.bounds = 0
	if err != nil {
		return err
	}
	for _, b := range rows {
		if len(rows) == slice {
			h.bounds = b.ID
		}
		if slices.ContainsFunc(c.Peers, func(p store.Peer) bool { return mayRun(p, c, b) }) {
			continue
		}
		text := fmt.Sprintf("no live node is the master and has a handler for class %q", b.Class)
		if b.RunOn == schema.RunOnSome {
			text = fmt.Sprintf("no live node has a key or label of %s and a handler for class %q", strings.Join(schema.Targets(b.Targets), ", "), b.Class)
		}
		if err := h.speak(ctx, b.Stuck, text); err != nil {
			return err
		}
	}
	return nil
}

func mayRun(p store.Peer, c store.Cluster, b store.Bound) bool {
	if !slices.Contains(classesOf(p), b.Class) {
		return false
	}
	if b.RunOn == schema.RunOnMaster {
		return p.NodeID == c.Master
	}
	var labels []string
	_ = json.Unmarshal([]byte(p.Labels), &labels) // a node without labels has none
	return slices.ContainsFunc(schema.Targets(b.Targets), func(t string) bool { return t == p.Key || slices.Contains(labels, t) })
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
