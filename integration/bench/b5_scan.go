package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/quartz-cluster/quartz/core/corebench"
	"github.com/quartz-cluster/quartz/schema"
)

const (
	active = 5_000 // executes of an app that are enabled
	nowDue = 500   // of them
	scans  = 500   // of each table in a run
)

// crowd is a table in which to look for what is due.
type crowd struct {
	name    string
	rows    int // executes in all
	apps    int
	overdue int // executes of a paused job besides
}

var crowds = []crowd{
	{name: "1000-rows", rows: 1_000, apps: 1},
	{name: "100000-rows", rows: 100_000, apps: 1},
	{name: "1000000-rows", rows: 1_000_000, apps: 1},
	{name: "20-apps", rows: 100_000, apps: 20},
	{name: "paused-job", rows: 100_000, apps: 1, overdue: 20_000},
}

// findDue is B5: the engine's scan statement alone (corebench) for all shards of an
// app with 5,000 enabled executes, or all 1,000, of which 500 are due and the others
// later today, among as many as make up the table: half of the others are complete,
// half are due tomorrow. Among 20 apps each has its share of all; behind a paused job
// 20,000 of its executes have been due for longer than the 500. Its yardstick is the
// smallest table. The tables stay while they are scanned by turns.
func findDue(ctx context.Context, b *bench) (out []figure, err error) {
	took := make([][]time.Duration, len(crowds))
	nodes := make([]*corebench.Node, len(crowds))
	for i, c := range crowds {
		p, err := newTables(ctx, b.kind)
		if err != nil {
			return nil, err
		}
		defer func() { err = errors.Join(err, p.close()) }()
		if err := c.fill(ctx, b, p); err != nil {
			return nil, fmt.Errorf("%s: %w", c.name, err)
		}
		if nodes[i], err = corebench.Join(ctx, p.db, app, class); err != nil {
			return nil, err
		}
		found, err := nodes[i].Scan(ctx)
		if err != nil {
			return nil, err
		}
		if n := b.scaled(nowDue, 8); found != n {
			return nil, fmt.Errorf("%s: a scan found %d of the %d executes that are due", c.name, found, n)
		}
	}
	for range b.scaled(scans, 3) {
		for i, node := range nodes {
			began := time.Now()
			if _, err := node.Scan(ctx); err != nil {
				return nil, err
			}
			took[i] = append(took[i], time.Since(began))
		}
	}
	for i, c := range crowds {
		b.note("%s: a scan takes %.2f ms, p99 %.2f", c.name, quantile(took[i], 0.5), quantile(took[i], 0.99))
		for _, q := range []struct {
			name  string
			share float64
		}{{"p50", 0.5}, {"p99", 0.99}} {
			f := figure{name: c.name + "/" + q.name, unit: "ms", value: quantile(took[i], q.share)}
			if i > 0 {
				f.yards = []yard{{crowds[0].name, quantile(took[0], q.share)}}
			}
			out = append(out, f)
		}
	}
	return out, nil
}

// fill puts the crowd into a database.
func (c crowd) fill(ctx context.Context, b *bench, p *place) error {
	const hour = 3_600_000
	now := time.Now().UnixMilli()
	rows := b.scaled(c.rows, 16*c.apps) / c.apps // of each app
	for i := range c.apps {
		name := app
		if i > 0 {
			name = fmt.Sprintf("%s-%d", app, i)
		}
		job, err := p.addJob(ctx, name, schema.Executing)
		if err != nil {
			return err
		}
		due, enabled := b.scaled(nowDue, 8), min(b.scaled(active, 16), rows)
		others := (rows - enabled) / 2
		for _, part := range []executes{
			{count: due, first: fmt.Sprint(now)},
			{count: enabled - due, first: fmt.Sprintf("%d + n * 1000", now+hour)},
			{count: others, first: fmt.Sprint(now - hour), columns: map[string]string{
				"STATE": "'COMPLETE'", "NEXT_FIRE_TIME": "NULL", "HIGH_TIME": fmt.Sprint(now - hour), "LAST_STATE": "'SUCCEEDED'", "FIRE_COUNT": "1",
			}},
			{count: others, first: fmt.Sprintf("%d + n", now+24*hour)},
		} {
			part.app, part.job = name, job
			if err := p.add(ctx, part); err != nil {
				return err
			}
		}
	}
	if c.overdue > 0 {
		job, err := p.addJob(ctx, app, schema.Paused)
		if err != nil {
			return err
		}
		if err := p.add(ctx, executes{app: app, job: job, count: b.scaled(c.overdue, 8), first: fmt.Sprintf("%d + n", now-hour)}); err != nil {
			return err
		}
	}
	return p.settle(ctx, "QRTZ_EXECUTE")
}
