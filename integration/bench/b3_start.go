package main

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/integration/internal/testdb"
	"github.com/quartz-cluster/quartz/pgnotify"
)

// addToStart is B3: 200 executes that fire now, added through the client one at a
// time, to one worker process at its default settings that has nothing else to do;
// from before the call until the handler begins. Up to a second passes before the
// next add, so that it comes at any moment between two looks of the engine.
//
// On PostgreSQL once more with the wake-up of pgnotify.
//
// Its yardstick is River at its default settings, from insert to start
// (PostgreSQL). River is told of an insert by NOTIFY; without a wake-up the engine
// looks every second.
func addToStart(ctx context.Context, b *bench) ([]figure, error) {
	var out []figure
	measure := func(name string, woken bool) error {
		took, err := quartzStarts(ctx, b, woken)
		if err == nil {
			out = append(out,
				figure{name: name + "p50", unit: "ms", value: quantile(took, 0.5)},
				figure{name: name + "p99", unit: "ms", value: quantile(took, 0.99)})
		}
		return err
	}
	if err := measure("", false); err != nil || b.kind != testdb.Postgres {
		return out, err
	}
	if err := measure("woken/", true); err != nil {
		return nil, err
	}
	theirs, err := riverStarts(ctx, b)
	if err != nil {
		return nil, err
	}
	for i, share := range []float64{0.5, 0.99, 0.5, 0.99} {
		out[i].yards = []yard{{"river", quantile(theirs, share)}}
	}
	return out, nil
}

func quartzStarts(ctx context.Context, b *bench, woken bool) (took []time.Duration, err error) {
	p, err := newTables(ctx, b.kind)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, p.close()) }()
	var cfg client.Config
	if woken {
		cfg.Notifier = pgnotify.Notifier{}
	}
	c, err := client.New(p.db, cfg)
	if err != nil {
		return nil, err
	}
	if _, err := c.EnsureApp(ctx, app); err != nil {
		return nil, err
	}
	job, err := c.AddJob(ctx, client.Job{App: app, Class: class})
	if err != nil {
		return nil, err
	}
	return starts(ctx, b, config{Engine: "quartz", Kind: b.kind, DSN: p.dsn, Woken: woken}, func() (int64, error) {
		e, err := c.AddExecute(ctx, job.ID, client.Now())
		if err != nil {
			return 0, err
		}
		return int64(e.ID), nil
	})
}

func riverStarts(ctx context.Context, b *bench) (took []time.Duration, err error) {
	p, err := newPlace(b.kind)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, p.close()) }()
	r, err := newRiverPlace(ctx, p)
	if err != nil {
		return nil, err
	}
	defer r.pool.Close()
	return starts(ctx, b, config{Engine: "river", Kind: b.kind, DSN: p.dsn}, func() (int64, error) {
		res, err := r.client.Insert(ctx, riverArgs{}, nil)
		if err != nil {
			return 0, err
		}
		return res.Job.ID, nil
	})
}

// starts adds one at a time to an idle worker and returns how long each took to start.
func starts(ctx context.Context, b *bench, cfg config, add func() (id int64, err error)) ([]time.Duration, error) {
	cfg.Starts = true
	w, err := launch(ctx, cfg)
	if err != nil {
		return nil, err
	}
	defer w.kill()
	if _, err := w.tell(ctx, wordGo); err != nil {
		return nil, err
	}
	var took []time.Duration
	for range b.scaled(200, 3) {
		if err := pause(ctx, rand.N(time.Second)); err != nil {
			return nil, err
		}
		began := time.Now()
		id, err := add()
		if err != nil {
			return nil, err
		}
		at, err := w.started(ctx, id)
		if err != nil {
			return nil, err
		}
		took = append(took, at.Sub(began))
	}
	e, err := w.stop(ctx)
	if err != nil {
		return nil, err
	}
	b.odd(e)
	b.note("%s: %.1f ms from add to start in the middle, %.1f at most", cfg.Engine, quantile(took, 0.5), quantile(took, 1))
	return took, nil
}

// quantile returns the value below which a share of the durations is, in
// milliseconds.
func quantile(of []time.Duration, share float64) float64 {
	sorted := slices.Sorted(slices.Values(of))
	return millis(sorted[min(int(share*float64(len(sorted))), len(sorted)-1)])
}

func millis(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
