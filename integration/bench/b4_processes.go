package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/integration/internal/testdb"
)

// processCounts are how many worker processes B4 compares.
var processCounts = []int{1, 2, 4, 8}

// processes is B4: the 200,000 executes of B1 and 1, 2, 4 and 8 worker processes,
// each as that of B1, which have all registered and wait for the app to be resumed.
// The rate is that from the first completion to the last; its yardstick is one
// process. With it come the claims' share of executes that they asked for and did
// not get, which others had or which moved meanwhile, and the deadlocks that the
// server counted.
func processes(ctx context.Context, b *bench) ([]figure, error) {
	var out []figure
	var alone float64
	for _, count := range processCounts {
		if count > 2 && b.brief() {
			break
		}
		n := b.scaled(burnt, 400)
		r, err := burnTogether(ctx, b, n, count)
		if err != nil {
			return nil, fmt.Errorf("%d processes: %w", count, err)
		}
		b.note("%d processes: %.0f/s, %.1f %% of claims in vain, %d deadlocks", count, r.rate, r.inVain, r.deadlocks)
		rate := figure{name: fmt.Sprintf("%d/rate", count), unit: "fires/s", value: r.rate}
		if count == 1 {
			alone = r.rate
		} else {
			rate.yards = []yard{{"1-process", alone}}
		}
		out = append(out, rate,
			figure{name: fmt.Sprintf("%d/claims-in-vain", count), unit: "%", value: r.inVain},
			figure{name: fmt.Sprintf("%d/deadlocks", count), unit: "deadlocks", value: float64(r.deadlocks)})
	}
	return out, nil
}

// together is what several processes came to.
type together struct {
	rate      float64
	inVain    float64 // percent
	deadlocks int64
}

func burnTogether(ctx context.Context, b *bench, n, count int) (r together, err error) {
	p, err := due(ctx, b, n, time.Now(), nil)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, p.close()) }()
	c, err := client.New(p.db)
	if err != nil {
		return r, err
	}
	_, err = c.EnsureApp(ctx, app)
	if err == nil {
		_, err = c.PauseApp(ctx, app)
	}
	if err != nil {
		return r, err
	}
	var all []*process
	for range count {
		w, err := launch(ctx, config{Engine: "quartz", Kind: b.kind, DSN: p.dsn, Slots: slots, Watched: true})
		if err != nil {
			return r, err
		}
		defer w.kill()
		if _, err := w.tell(ctx, wordGo); err != nil {
			return r, err
		}
		all = append(all, w)
	}
	before, err := deadlocks(ctx, p)
	if err != nil {
		return r, err
	}
	if _, err := c.ResumeApp(ctx, app); err != nil {
		return r, err
	}
	if _, err := completed(ctx, n, all...); err != nil {
		return r, err
	}
	r.rate = rateBetween(timeline(all...), 0, 1)
	var asked int64
	for _, w := range all {
		e, err := w.stop(ctx)
		if err != nil {
			return r, err
		}
		b.odd(e)
		asked += e.Asked
	}
	r.inVain = 100 * float64(asked-int64(n)) / float64(asked)
	after, err := deadlocks(ctx, p)
	if err != nil {
		return r, err
	}
	r.deadlocks = after - before
	return r, allComplete(ctx, p, n)
}

// deadlocks returns how many the server has counted so far: on PostgreSQL in this
// database, on MariaDB in all of the server.
func deadlocks(ctx context.Context, p *place) (int64, error) {
	if p.kind == testdb.Postgres {
		return p.number(ctx, "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
	}
	return p.number(ctx, "SELECT VARIABLE_VALUE FROM information_schema.GLOBAL_STATUS WHERE VARIABLE_NAME = 'INNODB_DEADLOCKS'")
}

// timeline merges what processes told of their progress: how many fires they had
// completed together, and when.
func timeline(of ...*process) []count {
	var steps []count // with the change of one process as N
	for _, p := range of {
		p.mu.Lock()
		told := int64(0)
		for _, c := range p.counts {
			steps = append(steps, count{c.N - told, c.At})
			told = c.N
		}
		p.mu.Unlock()
	}
	slices.SortFunc(steps, func(a, b count) int { return a.At.Compare(b.At) })
	for i := 1; i < len(steps); i++ {
		steps[i].N += steps[i-1].N
	}
	return steps
}

// rateBetween returns the rate of completions between two shares of the whole, 0
// where it was over before there was anything to tell.
func rateBetween(line []count, from, to float64) float64 {
	if len(line) < 2 {
		return 0
	}
	whole := float64(line[len(line)-1].N)
	reached := func(share float64) count {
		i := slices.IndexFunc(line, func(c count) bool { return float64(c.N) >= share*whole })
		return line[i]
	}
	a, z := reached(from), reached(to)
	if !z.At.After(a.At) {
		return 0
	}
	return perSecond(int(z.N-a.N), z.At.Sub(a.At))
}
