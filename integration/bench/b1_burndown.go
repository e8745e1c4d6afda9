package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/quartz-cluster/quartz/core/corebench"
	"github.com/quartz-cluster/quartz/integration/internal/testdb"
	"github.com/quartz-cluster/quartz/schema"
)

const (
	burnt = 200_000 // executes
	// slots of a worker whose jobs do nothing. 100, the default, is made for jobs that
	// take their time: here a node would spend it on claims of 100. River's own
	// benchmark takes 2,000 too.
	slots = 2000
)

// connections are what the yardsticks are tried with: the best counts.
var connections = []int{1, 2, 4}

// burnDown is B1: 200,000 executes of one fire each, all due, spread over the
// shards as the client does it; one worker process with 2,000 slots and 10
// connections, all else at its default. The rate is that of completions in the
// database, from the start of the node to the last of them. Its yardsticks:
//
//	bare    the engine's own scan, claim and completion in a loop (corebench)
//	narrow  the same loop in SQL by hand on a table of ten columns
//	river   River's worker with 2,000 slots and the fetch settings of its own
//	        benchmark, 200,000 jobs that do nothing (PostgreSQL)
func burnDown(ctx context.Context, b *bench) ([]figure, error) {
	n := b.scaled(burnt, 100)
	rate, err := burnQuartz(ctx, b, n)
	if err != nil {
		return nil, err
	}
	f := figure{unit: "fires/s", value: rate}
	yardsticks := []struct {
		name string
		burn func(ctx context.Context, b *bench, n int) (float64, error)
	}{{"bare", burnBare}, {"narrow", burnNarrow}, {"river", burnRiver}}
	for _, y := range yardsticks {
		if y.name == "river" && b.kind != testdb.Postgres {
			continue
		}
		rate, err := y.burn(ctx, b, n)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", y.name, err)
		}
		f.yards = append(f.yards, yard{y.name, rate})
	}
	return []figure{f}, nil
}

// due makes a database with n executes of one fire each, due at an instant, with
// other columns than theirs, as SQL over n, if there are any.
func due(ctx context.Context, b *bench, n int, at time.Time, columns map[string]string) (*place, error) {
	p, err := newTables(ctx, b.kind)
	if err != nil {
		return nil, err
	}
	job, err := p.addJob(ctx, app, schema.Executing)
	if err == nil {
		err = p.add(ctx, executes{app: app, job: job, count: n, first: fmt.Sprint(at.UnixMilli()), columns: columns})
	}
	if err == nil {
		err = p.settle(ctx, "QRTZ_EXECUTE")
	}
	if err != nil {
		return nil, errors.Join(err, p.close())
	}
	return p, nil
}

// allComplete makes sure that what was counted is in the database.
func allComplete(ctx context.Context, p *place, n int) error {
	rows, err := p.number(ctx, "SELECT COUNT(*) FROM QRTZ_EXECUTE WHERE STATE = 'COMPLETE' AND LAST_STATE = 'SUCCEEDED' AND FIRE_COUNT = 1")
	if err == nil && rows != int64(n) {
		err = fmt.Errorf("%d of %d executes are complete in the database", rows, n)
	}
	return err
}

func burnQuartz(ctx context.Context, b *bench, n int) (rate float64, err error) {
	rate, _, err = burnRows(ctx, b, n, "quartz", false, nil)
	return rate, err
}

// burnRows lets a worker, which OpenTelemetry sees or not, loose on n executes with
// such columns.
func burnRows(ctx context.Context, b *bench, n int, name string, seen bool, columns map[string]string) (rate float64, e *end, err error) {
	p, err := due(ctx, b, n, time.Now(), columns)
	if err != nil {
		return 0, nil, err
	}
	defer func() { err = errors.Join(err, p.close()) }()
	w, err := launch(ctx, config{Engine: "quartz", Kind: b.kind, DSN: p.dsn, Slots: slots, Seen: seen})
	if err != nil {
		return 0, nil, err
	}
	defer w.kill()
	if rate, e, err = burn(ctx, b, w, name, n); err != nil {
		return 0, nil, err
	}
	return rate, e, allComplete(ctx, p, n)
}

// burn lets a worker loose on n fires and returns its rate, and what it measured.
func burn(ctx context.Context, b *bench, w *process, name string, n int) (float64, *end, error) {
	began := time.Now()
	if _, err := w.tell(ctx, wordGo); err != nil {
		return 0, nil, err
	}
	ended, err := completed(ctx, n, w)
	if err != nil {
		return 0, nil, err
	}
	e, err := w.stop(ctx)
	if err != nil {
		return 0, nil, err
	}
	b.odd(e)
	rate := perSecond(n, ended.Sub(began))
	b.note("%s: %.0f/s", name, rate)
	return rate, e, nil
}

// best runs a yardstick with each number of connections and returns its best rate.
func best(b *bench, name string, n int, run func(connections int) (int64, time.Duration, error)) (float64, error) {
	rate := 0.0
	for i, c := range connections {
		if i > 0 && b.brief() {
			break
		}
		done, took, err := run(c)
		if err != nil {
			return 0, err
		}
		if done != int64(n) {
			return 0, fmt.Errorf("%d of %d were completed with %d connections", done, n, c)
		}
		b.note("%s with %d connections: %.0f/s", name, c, perSecond(n, took))
		rate = max(rate, perSecond(n, took))
	}
	return rate, nil
}

func burnBare(ctx context.Context, b *bench, n int) (float64, error) {
	return best(b, "bare", n, func(connections int) (done int64, took time.Duration, err error) {
		p, err := due(ctx, b, n, time.Now(), nil)
		if err != nil {
			return 0, 0, err
		}
		defer func() { err = errors.Join(err, p.close()) }()
		node, err := corebench.Join(ctx, p.db, app, class)
		if err != nil {
			return 0, 0, err
		}
		began := time.Now()
		done, err = node.Burn(ctx, connections)
		took = time.Since(began)
		if err != nil {
			return done, took, err
		}
		return done, took, allComplete(ctx, p, n)
	})
}

func burnNarrow(ctx context.Context, b *bench, n int) (float64, error) {
	return best(b, "narrow", n, func(connections int) (done int64, took time.Duration, err error) {
		p, err := newPlace(b.kind)
		if err != nil {
			return 0, 0, err
		}
		defer func() { err = errors.Join(err, p.close()) }()
		table, err := newNarrow(ctx, p, n)
		if err != nil {
			return 0, 0, err
		}
		began := time.Now()
		done, err = table.burn(ctx, connections)
		return done, time.Since(began), err
	})
}

func burnRiver(ctx context.Context, b *bench, n int) (rate float64, err error) {
	p, err := newPlace(b.kind)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, p.close()) }()
	r, err := newRiverPlace(ctx, p)
	if err != nil {
		return 0, err
	}
	err = r.insert(ctx, n)
	r.pool.Close()
	if err == nil {
		err = p.settle(ctx, "river_job")
	}
	if err != nil {
		return 0, err
	}
	w, err := launch(ctx, config{Engine: "river", Kind: b.kind, DSN: p.dsn, Slots: slots})
	if err != nil {
		return 0, err
	}
	defer w.kill()
	if rate, _, err = burn(ctx, b, w, "river", n); err != nil {
		return 0, err
	}
	rows, err := p.number(ctx, "SELECT COUNT(*) FROM river_job WHERE state = 'completed'")
	if err == nil && rows != int64(n) {
		err = fmt.Errorf("%d of %d jobs are complete in the database", rows, n)
	}
	return rate, err
}
