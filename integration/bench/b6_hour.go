package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/quartz-cluster/quartz/integration/internal/testdb"
	"github.com/quartz-cluster/quartz/schema"
)

const (
	hourRows  = 1_000
	hourFires = 2_000 // of each
)

// hour is B6: what an hour at some 550 fires a second does to the tables, in as
// short a time as the engine takes for it. 1,000 executes fire every second, from so
// far back that all of their 2,000 instants have passed: FIRE_ALL, one at a time
// (AtMost(1), so that nothing is moved into a child), late by less than the worker's
// misfire threshold of a day, so that each is simply run. One worker process as in
// B1. The rate over the last tenth of the fires has that over the second tenth for
// its yardstick (in the first the caches fill), and the size of QRTZ_EXECUTE and of
// its indexes afterwards that before.
func hour(ctx context.Context, b *bench) (out []figure, err error) {
	p, err := newTables(ctx, b.kind)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, p.close()) }()
	job, err := p.addJob(ctx, app, schema.Executing)
	if err != nil {
		return nil, err
	}
	rows, each := b.scaled(hourRows, 10), b.scaled(hourFires, 20)
	err = p.add(ctx, executes{
		app: app, job: job, count: rows, first: fmt.Sprint(time.Now().Add(-time.Duration(each) * time.Second).UnixMilli()),
		columns: map[string]string{
			"REPEAT_COUNT": fmt.Sprint(each), "REPEAT_INTERVAL": "1000", "MISFIRE": "'FIRE_ALL'", "OVERLAP_MAX": "1",
		},
	})
	if err == nil {
		err = p.settle(ctx, "QRTZ_EXECUTE")
	}
	if err != nil {
		return nil, err
	}
	before, err := sizes(ctx, p)
	if err != nil {
		return nil, err
	}
	w, err := launch(ctx, config{Engine: "quartz", Kind: b.kind, DSN: p.dsn, Slots: slots})
	if err != nil {
		return nil, err
	}
	defer w.kill()
	if _, err := w.tell(ctx, wordGo); err != nil {
		return nil, err
	}
	if _, err := completed(ctx, rows*each, w); err != nil {
		return nil, err
	}
	e, err := w.stop(ctx)
	if err != nil {
		return nil, err
	}
	b.odd(e)
	fires, err := p.number(ctx, "SELECT SUM(FIRE_COUNT) FROM QRTZ_EXECUTE WHERE STATE = 'COMPLETE' AND SKIP_COUNT = 0")
	if err == nil && fires != int64(rows*each) {
		err = fmt.Errorf("%d of %d fires are in the database", fires, rows*each)
	}
	if err != nil {
		return nil, err
	}
	after, err := sizes(ctx, p)
	if err != nil {
		return nil, err
	}
	line := timeline(w)
	first, last := rateBetween(line, 0.1, 0.2), rateBetween(line, 0.9, 1)
	b.note("%.0f/s at first, %.0f/s in the end; the table grew from %.1f to %.1f MB, its indexes from %.1f to %.1f",
		first, last, before[0], after[0], before[1], after[1])
	return []figure{
		{name: "rate-at-first", unit: "fires/s", value: first},
		{name: "rate-in-the-end", unit: "fires/s", value: last, yards: []yard{{"at-first", first}}},
		{name: "table", unit: "MB", value: after[0], yards: []yard{{"before", before[0]}}},
		{name: "indexes", unit: "MB", value: after[1], yards: []yard{{"before", before[1]}}},
	}, nil
}

// sizes returns how many megabytes QRTZ_EXECUTE takes up, and its indexes. InnoDB
// keeps the rows in the primary key, which so counts as the table.
func sizes(ctx context.Context, p *place) (mb [2]float64, err error) {
	queries := [2]string{"SELECT pg_table_size('QRTZ_EXECUTE')", "SELECT pg_indexes_size('QRTZ_EXECUTE')"}
	if p.kind != testdb.Postgres {
		const of = " FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'QRTZ_EXECUTE'"
		queries = [2]string{"SELECT DATA_LENGTH" + of, "SELECT INDEX_LENGTH" + of}
		if err := p.exec(ctx, "ANALYZE TABLE QRTZ_EXECUTE"); err != nil { // which brings them up to date
			return mb, err
		}
	}
	for i, query := range queries {
		bytes, err := p.number(ctx, query)
		if err != nil {
			return mb, err
		}
		mb[i] = float64(bytes) / 1e6
	}
	return mb, nil
}
