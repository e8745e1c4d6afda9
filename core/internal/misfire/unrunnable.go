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
// or none of those that have is one that it may run on. Each is spoken of once; how many
// there are is told in every pass, as what was told once is forgotten where the teller ends.
func (h *Handler) unrunnable(ctx context.Context, v view) error {
	var n int64
	if v.Overdue {
		var err error
		if n, err = h.speakOfStuck(ctx, v); err != nil {
			return err
		}
	} else {
		h.stuck = 0
	}
	if h.cfg.Counts {
		if held(v) {
			n = 0
		}
		h.cfg.Tell(observe.Event{Kind: observe.Stranded, Count: n, Wait: h.cfg.Period})
	}
	return nil
}

// speakOfStuck takes up the next slice, and returns how many of it no live node can run.
func (h *Handler) speakOfStuck(ctx context.Context, v view) (n int64, err error) {
	known := allClasses(v.Cluster)
	stuck, err := h.cfg.Store.Stuck(ctx, known, v.Mode, h.cfg.Clock.Now()-overdue, h.stuck, slice)
	if err != nil {
		return 0, err
	}
	h.stuck = 0
	for _, k := range stuck {
		if len(stuck) == slice {
			h.stuck = k.ID
		}
		var text string
		switch {
		case k.Occupied: // it is not its turn
			continue
		case !slices.Contains(known, k.Class):
			text = fmt.Sprintf("no live node has a handler for class %q", k.Class)
		case h.electing && k.RunOn != schema.RunOnSome: // the next pass knows who is the master
			continue
		case slices.ContainsFunc(v.Peers, func(p store.Peer) bool { return mayRun(p, v.Cluster, k) }):
			continue
		case k.RunOn == schema.RunOnSome:
			text = fmt.Sprintf("no live node has a key or label of %s and a handler for class %q", strings.Join(schema.Targets(k.Targets), ", "), k.Class)
		default:
			text = fmt.Sprintf("no live node is the master and has a handler for class %q", k.Class)
		}
		n++
		err := h.speak(ctx, k, text)
		if err := h.passBy(ctx, err, observe.Event{Reason: "report what nobody can run", JobID: k.JobID, ExecuteID: k.Execute().ID}); err != nil {
			return 0, err
		}
	}
	return n, nil
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
	var names []string
	_ = json.Unmarshal([]byte(p.Labels), &names) // a node without labels has none
	names = append(names, p.Key, store.SharedKey(p.Key))
	return slices.ContainsFunc(schema.Targets(k.Targets), func(t string) bool { return slices.Contains(names, t) })
}

// speak writes why an execute stands still onto its row and tells the observer,
// once.
func (h *Handler) speak(ctx context.Context, k store.Stuck, text string) error {
	if k.LastError == store.Clip(text) {
		return nil
	}
	if k.OriginID != 0 {
		names, err := h.cfg.Store.Origins(ctx, []int64{k.OriginID})
		if err != nil {
			return err
		}
		k.Of = names[k.OriginID]
	}
	noted, err := h.cfg.Store.Note(ctx, k, text)
	if noted {
		of := k.Execute()
		nominal, attempt := k.Fire()
		e := observe.Event{
			Kind: observe.Unrunnable, JobID: k.JobID, Job: k.JobName, Class: k.Class, ExecuteID: of.ID, Execute: of.Name,
			Nominal: time.UnixMilli(nominal).UTC(), Attempt: attempt, Reason: text,
		}
		e.Trace, e.Link = k.Traces()
		h.cfg.Tell(e)
	}
	return err
}
