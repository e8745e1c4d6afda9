package main

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
)

// riverArgs are those of a job that does nothing.
type riverArgs struct{}

// Kind implements river.JobArgs.
func (riverArgs) Kind() string { return class }

type riverWorker struct {
	river.WorkerDefaults[riverArgs]

	tally *tally
}

// Work implements river.Worker.
func (w *riverWorker) Work(_ context.Context, job *river.Job[riverArgs]) error {
	w.tally.started(job.ID, job.ScheduledAt)
	return nil
}

// riverEngine is River's own worker.
type riverEngine struct {
	client *river.Client[pgx.Tx]
	pool   *pgxpool.Pool
	tally  *tally
	done   <-chan *river.Event
	unsub  func()
}

// openRiver opens River with the settings of its own benchmark where Slots is set,
// and its defaults otherwise.
func openRiver(ctx context.Context, cfg config, t *tally) (engine, error) {
	pool, err := riverPool(ctx, cfg.DSN, cmp.Or(cfg.Pool, 10))
	if err != nil {
		return nil, err
	}
	workers := river.NewWorkers()
	river.AddWorker(workers, &riverWorker{tally: t})
	settings := &river.Config{
		Queues: map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: cmp.Or(cfg.Slots, 100)}}, Workers: workers,
		Logger: slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn})),
	}
	if cfg.Slots > 0 {
		settings.FetchCooldown, settings.FetchPollInterval = 2*time.Millisecond, 20*time.Millisecond
	}
	client, err := river.NewClient(riverpgxv5.New(pool), settings)
	if err != nil {
		return nil, err
	}
	e := &riverEngine{client: client, pool: pool, tally: t}
	// As River's benchmark: an event comes once the outcome is in the database, and
	// is dropped where nobody makes room for it.
	e.done, e.unsub = client.SubscribeConfig(&river.SubscribeConfig{
		ChanSize: 100_000, Kinds: []river.EventKind{river.EventKindJobCompleted},
	})
	return e, nil
}

func (e *riverEngine) start(ctx context.Context) error {
	go func() {
		for range e.done {
			e.tally.complete(time.Now())
		}
	}()
	return e.client.Start(ctx)
}

func (e *riverEngine) stop(ctx context.Context) error {
	defer e.pool.Close()
	defer e.unsub()
	return e.client.Stop(ctx)
}

func riverPool(ctx context.Context, dsn string, size int) (*pgxpool.Pool, error) {
	cfg, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		return nil, err
	}
	cfg.MaxConns = int32(size)
	return pgxpool.NewWithConfig(ctx, cfg)
}

// riverPlace is a database with River's tables in it.
type riverPlace struct {
	*place

	client *river.Client[pgx.Tx] // inserts and does not work
	pool   *pgxpool.Pool
}

func newRiverPlace(ctx context.Context, p *place) (*riverPlace, error) {
	pool, err := riverPool(ctx, p.dsn, 4)
	if err != nil {
		return nil, err
	}
	driver := riverpgxv5.New(pool)
	quiet := slog.New(slog.DiscardHandler)
	migrator, err := rivermigrate.New(driver, &rivermigrate.Config{Logger: quiet})
	if err == nil {
		_, err = migrator.Migrate(ctx, rivermigrate.DirectionUp, nil)
	}
	if err != nil {
		pool.Close()
		return nil, fmt.Errorf("river: migrate: %w", err)
	}
	client, err := river.NewClient(driver, &river.Config{Logger: quiet})
	if err != nil {
		pool.Close()
		return nil, err
	}
	return &riverPlace{p, client, pool}, nil
}

// insert adds n jobs that are due.
func (p *riverPlace) insert(ctx context.Context, n int) error {
	const size = 10_000
	for left := n; left > 0; left -= size {
		if _, err := p.client.InsertManyFast(ctx, slices.Repeat([]river.InsertManyParams{{Args: riverArgs{}}}, min(left, size))); err != nil {
			return fmt.Errorf("river: insert: %w", err)
		}
	}
	return nil
}
