package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/quartz-cluster/quartz/integration/internal/testdb"
	"github.com/quartz-cluster/quartz/schema"
)

// narrow is what a scheduler could do that keeps no more than it must: the same
// three statements for 200 rows at a time, written for a table of ten columns and
// one index, without the guards against edits, pauses and dead nodes.
type narrow struct{ *place }

func newNarrow(ctx context.Context, p *place, count int) (narrow, error) {
	room := ""
	if p.kind == testdb.Postgres {
		room = " WITH (fillfactor = 70)" // as QRTZ_EXECUTE
	}
	err := p.exec(ctx, `CREATE TABLE narrow (id bigint PRIMARY KEY, app varchar(50) NOT NULL, shard int NOT NULL, state varchar(10) NOT NULL,
		next bigint, fire_time bigint, node bigint, attempt int, version bigint NOT NULL, outcome varchar(20))`+room)
	if err == nil {
		err = p.exec(ctx, "CREATE INDEX narrow_scan ON narrow (app, shard, next, id)")
	}
	if err == nil {
		err = p.exec(ctx, fmt.Sprintf("INSERT INTO narrow (id, app, shard, state, next, version) SELECT n, '%s', MOD(n, %d), 'EXECUTING', %d, 0 FROM %s",
			app, schema.Shards, time.Now().UnixMilli(), p.series(count)))
	}
	if err == nil {
		err = p.settle(ctx, "narrow")
	}
	return narrow{p}, err
}

// burn runs all rows over so many connections, each of which has shards of its own.
func (t narrow) burn(ctx context.Context, connections int) (int64, error) {
	var done atomic.Int64
	var all sync.WaitGroup
	errs := make([]error, connections)
	for i := range connections {
		all.Go(func() {
			for shard := i; shard < schema.Shards && errs[i] == nil; shard += connections {
				for n := 1; n > 0 && errs[i] == nil; {
					n, errs[i] = t.round(ctx, shard)
					done.Add(int64(n))
				}
			}
		})
	}
	all.Wait()
	return done.Load(), errors.Join(errs...)
}

// round scans, claims and completes once, and returns how many rows it found.
func (t narrow) round(ctx context.Context, shard int) (int, error) {
	rows, err := t.pool.QueryContext(ctx, fmt.Sprintf("SELECT id FROM narrow WHERE app = '%s' AND shard = %d AND next <= %d ORDER BY next, id LIMIT 200",
		app, shard, time.Now().UnixMilli()))
	if err != nil {
		return 0, err
	}
	defer func() { _ = rows.Close() }()
	var ids []int64
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			return 0, err
		}
		ids = append(ids, id)
	}
	if err := rows.Err(); err != nil || len(ids) == 0 {
		return 0, err
	}
	for _, change := range []string{
		"SET fire_time = next, next = NULL, node = 1, attempt = 1 WHERE state = 'EXECUTING' AND fire_time IS NULL AND next IS NOT NULL",
		"SET fire_time = NULL, state = 'COMPLETE', outcome = 'SUCCEEDED' WHERE node = 1 AND attempt = 1 AND fire_time IS NOT NULL",
	} {
		if err := t.change(ctx, change, ids); err != nil {
			return 0, err
		}
	}
	return len(ids), nil
}

func (t narrow) change(ctx context.Context, change string, ids []int64) error {
	query, args := "UPDATE narrow "+change+" AND id = ANY($1)", []any{ids}
	if t.kind != testdb.Postgres {
		query = "UPDATE narrow " + change + " AND id IN (?" + strings.Repeat(", ?", len(ids)-1) + ")"
		args = args[:0]
		for _, id := range ids {
			args = append(args, id)
		}
	}
	res, err := t.pool.ExecContext(ctx, query, args...)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n != int64(len(ids)) {
		return errors.Join(err, fmt.Errorf("%d of %d rows were changed", n, len(ids)))
	}
	return nil
}
