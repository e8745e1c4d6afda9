package main

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// idle is B7: what a node does while nothing is due, at 1 node and at 20 of one app:
// statements that it sends, begin and commit aside, and processor time of its own,
// without the server's. The 20 share one process and its connections, and both
// figures are divided by their number: what a process costs by itself counts at 1
// node in full. Its yardstick is the one node.
func idle(ctx context.Context, b *bench) ([]figure, error) {
	var out []figure
	var alone idleness
	for _, nodes := range []int{1, 20} {
		r, err := idleNodes(ctx, b, nodes)
		if err != nil {
			return nil, fmt.Errorf("%d nodes: %w", nodes, err)
		}
		b.note("%d nodes: %.2f statements/s and %.2f ms/s of CPU each", nodes, r.statements, r.cpu)
		statements := figure{name: fmt.Sprintf("%d/statements", nodes), unit: "statements/s/node", value: r.statements}
		cpu := figure{name: fmt.Sprintf("%d/cpu", nodes), unit: "ms/s/node", value: r.cpu}
		if nodes == 1 {
			alone = r
		} else {
			statements.yards, cpu.yards = []yard{{"1-node", alone.statements}}, []yard{{"1-node", alone.cpu}}
		}
		out = append(out, statements)
		if r.cpu > 0 {
			out = append(out, cpu)
		}
	}
	return out, nil
}

// idleness is what one node does in a second.
type idleness struct{ statements, cpu float64 }

func idleNodes(ctx context.Context, b *bench, nodes int) (r idleness, err error) {
	p, err := newTables(ctx, b.kind)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, p.close()) }()
	w, err := launch(ctx, config{Engine: "quartz", Kind: b.kind, DSN: p.dsn, Nodes: nodes, Watched: true})
	if err != nil {
		return r, err
	}
	defer w.kill()
	if _, err := w.tell(ctx, wordGo); err != nil {
		return r, err
	}
	length := max(time.Duration(30*float64(time.Second)*b.scale), time.Second)
	if err := pause(ctx, length/6); err != nil { // until all have heard of each other
		return r, err
	}
	before, err := w.tell(ctx, wordUsage)
	if err != nil {
		return r, err
	}
	if err := pause(ctx, length); err != nil {
		return r, err
	}
	after, err := w.tell(ctx, wordUsage)
	if err != nil {
		return r, err
	}
	e, err := w.stop(ctx)
	if err != nil {
		return r, err
	}
	b.odd(e)
	seconds := after.Usage.At.Sub(before.Usage.At).Seconds() * float64(nodes)
	return idleness{
		statements: float64(after.Usage.Statements-before.Usage.Statements) / seconds,
		cpu:        millis(after.Usage.CPU-before.Usage.CPU) / seconds,
	}, nil
}
