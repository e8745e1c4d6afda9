package core

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/quartz-cluster/quartz/core/internal/member"
	"github.com/quartz-cluster/quartz/core/internal/said"
	"github.com/quartz-cluster/quartz/core/internal/store"
	"github.com/quartz-cluster/quartz/core/observe"
	"github.com/quartz-cluster/quartz/internal/host"
	"github.com/quartz-cluster/quartz/internal/wait"
	"github.com/quartz-cluster/quartz/schema"
)

// join registers, trying until it succeeds or ctx ends. Why it fails is told once.
func (n *Node) join(ctx, values context.Context) *term {
	handlers, _ := json.Marshal(n.classes)
	m := store.Member{
		Key: n.cfg.NodeKey, HostName: host.Name(schema.MaxHostName), Capacity: n.capacity(),
		Handlers: string(handlers), Build: n.cfg.Build, NeverMaster: n.cfg.NeverMaster,
	}
	if len(n.cfg.Labels) > 0 {
		labels, _ := json.Marshal(n.cfg.Labels)
		m.Labels = string(labels)
	}
	others, told := newRivals(n.cfg.Lease), said.Errors{}
	const firstPause, maxPause = 100 * time.Millisecond, 2 * time.Second
	for pause := firstPause; ctx.Err() == nil; pause = min(2*pause, maxPause) {
		t := newTerm(values, n)
		ms, err := member.Join(values, member.Config{
			Store: n.control, Clock: &n.clock, Heartbeat: n.cfg.Heartbeat, Lease: n.cfg.Lease, Margin: n.cfg.Margin,
			Report: t.report, Took: n.pulse.took, Failed: n.pulse.failed, Tried: n.pulse.try, Tell: t.tell, Heard: t.heard, Obey: t.command,
		}, m)
		if err == nil {
			if err = n.checkControl(values, ms.Registration()); err == nil {
				t.open(ms)
				return t
			}
			_ = ms.Leave(context.WithoutCancel(values)) // it is not to stand in a database where it does nothing
			n.refuse(err)
			continue
		}
		var taken *store.OccupiedError
		if errors.As(err, &taken) {
			n.pulse.try()
			if who, lives := others.alive(taken); lives {
				n.refuse(n.occupied(who, taken))
			}
			m.Dead = others.dead()
		} else if ctx.Err() == nil {
			news := told.New(err)
			switch {
			case n.pulse.failed():
				n.tell(observe.Event{Kind: observe.DatabaseAway, Err: err})
			case news:
				n.tell(observe.Event{Kind: observe.Trouble, Reason: "register", Err: err})
			}
		}
		wait.For(ctx, pause)
	}
	return nil
}

// refuse ends a node that may not run.
func (n *Node) refuse(why error) {
	n.refused = why
	n.tell(observe.Event{Kind: observe.Trouble, Reason: "register", Err: why})
	n.halt()
}
