package coreotel

import (
	"context"
	"errors"
	"slices"
	"time"

	"go.opentelemetry.io/otel/metric"

	"github.com/quartz-cluster/quartz/core"
	"github.com/quartz-cluster/quartz/core/observe"
)

// passed is what a pass of the ClusterMisfireHandler of this process has told.
type passed struct {
	count     int64
	since     time.Time // the oldest is due, if that was told
	goodUntil time.Time // another node's pass comes before that
}

// Watch shows how the node stands in gauges, for as long as it runs.
func (o *Observer) Watch(node *core.Node) error {
	if node == nil {
		return errors.New("coreotel: Watch: the node is nil")
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.nodes = append(o.nodes, node)
	return nil
}

// gauges makes the instruments that are asked when somebody reads.
func (o *Observer) gauges(meter metric.Meter) error {
	m := &maker{meter: meter}
	count, age := m.gauge("quartz.executes.overdue"), m.gauge("quartz.executes.overdue.age")
	unrunnable := m.gauge("quartz.executes.unrunnable")
	slots, registered := m.upDown("quartz.node.slots"), m.gauge("quartz.node.registered")
	beat, away, skew := m.gauge("quartz.node.heartbeat.age"), m.gauge("quartz.node.database.away"), m.gauge("quartz.node.clock.skew")
	if m.err != nil {
		return m.err
	}
	_, err := meter.RegisterCallback(func(_ context.Context, to metric.Observer) error {
		for app, v := range o.holding(o.overdue) {
			of := metric.WithAttributes(keyApp.String(app))
			to.ObserveFloat64(count, float64(v.count), of)
			to.ObserveFloat64(age, seconds(v.since), of)
		}
		for app, v := range o.holding(o.stranded) {
			to.ObserveFloat64(unrunnable, float64(v.count), metric.WithAttributes(keyApp.String(app)))
		}
		for _, s := range o.standing() {
			of := metric.WithAttributes(keyApp.String(s.App), keyNode.String(s.Key))
			slot := func(state string, n int) {
				to.ObserveInt64(slots, int64(n), metric.WithAttributes(keyApp.String(s.App), keyNode.String(s.Key), keySlot.String(state)))
			}
			slot("used", s.Running)
			slot("free", max(s.Slots-s.Running, 0))
			to.ObserveFloat64(registered, number(s.NodeID != 0), of)
			if !s.LastBeat.IsZero() {
				to.ObserveFloat64(beat, seconds(s.LastBeat), of)
				to.ObserveFloat64(skew, s.Skew.Seconds(), of)
			}
			to.ObserveFloat64(away, seconds(s.AwaySince), of)
		}
		return nil
	}, count, age, unrunnable, slots, registered, beat, away, skew)
	return err
}

// standing returns how the nodes stand that have been started and not stopped.
func (o *Observer) standing() []core.Status {
	o.mu.Lock()
	defer o.mu.Unlock()
	var all []core.Status
	o.nodes = slices.DeleteFunc(o.nodes, func(n *core.Node) bool {
		s := n.Status()
		if s.State != core.StateNew && s.State != core.StateStopped {
			all = append(all, s)
		}
		return s.State == core.StateStopped
	})
	return all
}

// note keeps what a pass has told until another should have been made.
func (o *Observer) note(told map[string]passed, e *observe.Event) {
	const passes = 3
	v := passed{count: e.Count, goodUntil: time.Now().Add(passes * e.Wait)}
	if e.Late > 0 {
		v.since = time.Now().Add(-e.Late)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	told[e.App] = v
}

// holding returns what was told and still holds, by app.
func (o *Observer) holding(told map[string]passed) map[string]passed {
	o.mu.Lock()
	defer o.mu.Unlock()
	all := make(map[string]passed, len(told))
	for app, v := range told {
		if time.Now().Before(v.goodUntil) {
			all[app] = v
		}
	}
	return all
}

// seconds returns how long ago a time was, 0 where it never was.
func seconds(since time.Time) float64 {
	if since.IsZero() {
		return 0
	}
	return time.Since(since).Seconds()
}

func number(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
