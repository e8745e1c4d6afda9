package alert

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/internal/alert"
)

// Watcher watches apps from outside.
type Watcher struct {
	cfg    Config
	client *client.Client
	board  *alert.Board
	apps   map[string]*life
}

// New returns a watcher that asks through c. It fails with a [client.FieldError], and
// where c is nil.
func New(c *client.Client, cfg Config) (*Watcher, error) {
	if c == nil {
		return nil, errors.New("alert: the client is nil")
	}
	cfg = cfg.withDefaults()
	if err := cfg.validate(); err != nil {
		return nil, fmt.Errorf("alert: %w", err)
	}
	board := alert.NewBoard(alert.Config{Listener: cfg.Listener, Timeout: cfg.Timeout, Logger: cfg.Logger})
	return &Watcher{cfg: cfg, client: c, board: board, apps: make(map[string]*life)}, nil
}

// Run watches until ctx ends, tells that nobody does any more, and returns nil. Call it
// once.
func (w *Watcher) Run(ctx context.Context) error {
	tick := time.NewTicker(w.cfg.Interval)
	defer tick.Stop()
	for ctx.Err() == nil {
		w.look(ctx)
		select {
		case <-ctx.Done():
		case <-tick.C:
		}
	}
	w.leave("the watch has ended")
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), w.cfg.Timeout)
	defer cancel()
	_ = w.board.Wait(last) // the listener has had its time
	return nil
}

// leave ends all that was told.
func (w *Watcher) leave(why string) {
	clear(w.apps)
	w.board.CloseExcept(func(string) bool { return false }, time.Now(), func(Alert) string { return why })
}

// look asks once, and takes in what is wrong now and what is not any more.
func (w *Watcher) look(ctx context.Context) {
	if w.cfg.While != nil && !w.cfg.While() {
		w.leave("another watcher is at it now")
		return
	}
	const away = string(DatabaseAway)
	wrong, err := w.ask(ctx)
	switch {
	case ctx.Err() != nil:
	case err != nil:
		if w.cfg.DatabaseAwayFor >= 0 {
			w.board.Open(away, Alert{Kind: DatabaseAway, Since: time.Now(), Message: fmt.Sprintf(
				"the watcher gets no answer from the database: %v. Nothing is known of its apps until it does: see whether the database runs and can be reached", err)},
				w.cfg.DatabaseAwayFor)
		}
	default:
		now := make(map[string]bool, len(wrong))
		for _, a := range wrong {
			now[a.ID()] = true
			w.board.Open(a.ID(), a, 0)
		}
		w.board.CloseExcept(func(key string) bool { return now[key] }, time.Now(), over)
	}
}

// over says why a breach is over.
func over(a Alert) string {
	switch a.Kind {
	case Overdue:
		return fmt.Sprintf("nothing that can run in app %s is overdue any more", a.App)
	case NoHandler:
		return fmt.Sprintf("class %s has a handler on a live node, or nothing of it is due", a.Class)
	case NoLiveNode:
		return fmt.Sprintf("app %s has a live node, or nothing to fire or in flight", a.App)
	}
	return "the database answers again"
}

// ask returns all that is wrong.
func (w *Watcher) ask(ctx context.Context) ([]Alert, error) {
	apps, err := some(math.MaxInt, w.client.AllApps(ctx, client.AppFilter{}))
	if err != nil {
		return nil, err
	}
	live := true
	nodes, err := some(math.MaxInt, w.client.AllNodes(ctx, client.NodeFilter{Live: &live}))
	if err != nil {
		return nil, err
	}
	var wrong []Alert
	known := make(map[string]bool, len(apps))
	for _, app := range apps {
		if len(w.cfg.Apps) > 0 && !slices.Contains(w.cfg.Apps, app.Name) {
			continue
		}
		known[app.Name] = true
		mine := slices.DeleteFunc(slices.Clone(nodes), func(n *client.NodeInfo) bool { return n.App != app.Name })
		found, err := w.askOf(ctx, app, mine)
		if err != nil {
			return nil, err
		}
		wrong = append(wrong, found...)
	}
	maps.DeleteFunc(w.apps, func(app string, _ *life) bool { return !known[app] })
	return wrong, nil
}

// some returns the first n items of a list.
func some[T any](n int, list iter.Seq2[*T, error]) ([]*T, error) {
	var out []*T
	for item, err := range list {
		if err != nil {
			return nil, err
		}
		if out = append(out, item); len(out) == n {
			break
		}
	}
	return out, nil
}

// without leaves some items out of a list.
func without[T any](list iter.Seq2[*T, error], some func(item *T) bool) iter.Seq2[*T, error] {
	return func(yield func(*T, error) bool) {
		for item, err := range list {
			if (err != nil || !some(item)) && !yield(item, err) {
				return
			}
		}
	}
}
