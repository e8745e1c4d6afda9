package worker

import (
	"bufio"
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"

	"go.uber.org/goleak"
	"gorm.io/gorm"

	"github.com/quartz-cluster/quartz/core"
	"github.com/quartz-cluster/quartz/integration/internal/lab"
	"github.com/quartz-cluster/quartz/integration/internal/ledger"
	"github.com/quartz-cluster/quartz/integration/internal/testdb"
	"github.com/quartz-cluster/quartz/internal/sqldb"
)

// MainIfAsked is the whole of a worker process, and returns at once in any other.
func MainIfAsked() {
	text := os.Getenv(environment)
	if text == "" {
		return
	}
	var cfg Config
	if err := json.Unmarshal([]byte(text), &cfg); err != nil {
		die(err)
	}
	if err := run(cfg, os.Stdin, &speaker{to: json.NewEncoder(os.Stdout)}); err != nil {
		die(err)
	}
	os.Exit(0)
}

func run(cfg Config, in io.Reader, out *speaker) error {
	stop := make(chan struct{})
	points := newFailpoints(cfg.Failpoints)
	go listen(in, stop, points, out)
	before := goleak.IgnoreCurrent()

	file, err := ledger.Create(cfg.Ledger, cfg.Process)
	if err != nil {
		return err
	}
	own, closeOwn, err := open(cfg, cmp.Or(cfg.Direct, cfg.DSN), 1)
	if err != nil {
		return err
	}
	clock, err := ledger.NewClock(context.Background(), own)
	if err != nil {
		return err
	}
	if cfg.Clock != "" {
		clock.Close()
		clock = ledger.GivenClock(Clock{cfg.Clock}.Now)
	}
	if cfg.Pool == 0 {
		cfg.Pool = 10
	}
	db, closeDB, err := open(cfg, cfg.DSN, cfg.Pool)
	if err != nil {
		return err
	}
	pool, err := lab.Wrap(db)
	if err != nil {
		return err
	}
	points.hook(pool, db.Name() == "postgres")
	var control *gorm.DB
	closeControl := func() error { return nil }
	if cfg.Control > 0 {
		if control, closeControl, err = open(cfg, cfg.DSN, cfg.Control); err != nil {
			return err
		}
	}
	shown, err := showMetrics(cfg)
	if err != nil {
		return err
	}
	seen, err := newWatch(cfg)
	if err != nil {
		return err
	}
	nodes, err := start(cfg, db, control, pool.DB, record(file, clock, points), seen, shown)
	if err != nil {
		return err
	}
	keys := make([]string, len(nodes))
	for i, n := range nodes {
		<-n.Ready()
		keys[i] = n.Key()
	}
	if err := out.Encode(message{Ready: keys, Metrics: shown.where()}); err != nil {
		return err
	}

	<-stop
	errs := make(chan error, len(nodes))
	for _, n := range nodes {
		go func() { errs <- n.Stop(context.Background()) }()
	}
	var failed error
	for range nodes {
		failed = errors.Join(failed, <-errs)
	}
	clock.Close()
	end := message{Stopped: true}
	if failed = errors.Join(failed, shown.close(), closeDB(), closeControl(), closeOwn(), file.Close(), seen.close()); failed != nil {
		end.Err = failed.Error()
	}
	if err := goleak.Find(before); err != nil {
		end.Left = err.Error()
	}
	return out.Encode(end)
}

// listen waits for the word to stop. Without the test, which is what the end of
// its input means, the process has nothing to live for.
func listen(in io.Reader, stop chan<- struct{}, points *failpoints, out *speaker) {
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		word, rest, _ := strings.Cut(lines.Text(), " ")
		switch word {
		case "stop":
			close(stop)
		case "arm":
			var p Failpoint
			if err := json.Unmarshal([]byte(rest), &p); err != nil {
				die(err)
			}
			points.arm(p)
			if err := out.Encode(message{Armed: true}); err != nil {
				die(err)
			}
		}
	}
	os.Exit(4)
}

// speaker tells the test one message at a time.
type speaker struct {
	mu sync.Mutex
	to *json.Encoder
}

// Encode writes a message.
func (s *speaker) Encode(m message) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.to.Encode(m)
}

func open(cfg Config, dsn string, size int) (*gorm.DB, func() error, error) {
	db, err := testdb.OpenDSN(cfg.Kind, dsn)
	if err != nil {
		return nil, nil, fmt.Errorf("open %s: %w", cfg.Kind, err)
	}
	pool, err := db.DB()
	if err != nil {
		return nil, nil, err
	}
	pool.SetMaxOpenConns(size)
	pool.SetMaxIdleConns(size)
	if cfg.Clock != "" {
		if err := db.Use(sqldb.Clock(Clock{cfg.Clock}.Millis)); err != nil {
			return nil, nil, err
		}
	}
	return db, pool.Close, nil
}

func start(cfg Config, db, control *gorm.DB, pool *sql.DB, middleware core.Middleware, seen watch, shown *metrics) ([]*core.Node, error) {
	nodes := make([]*core.Node, len(cfg.Nodes))
	for i, n := range cfg.Nodes {
		if n.Classes == nil {
			n.Classes = Classes
		}
		node, err := core.New(db, core.Config{
			App: n.App, NodeKey: n.Key, Handlers: handlers(n.Classes, pool), Middleware: []core.Middleware{middleware},
			Slots: cfg.Slots, MisfireThreshold: cfg.MisfireThreshold, Lease: cfg.Lease, StopTimeout: cfg.StopTimeout, ControlDB: control,
			Labels: []string{Label}, Logger: seen.logger, Observer: all(seen.observer, shown.observers()),
		})
		if err != nil {
			return nil, err
		}
		if err := shown.watch(node); err != nil {
			return nil, err
		}
		if err := node.Start(context.Background()); err != nil {
			return nil, err
		}
		nodes[i] = node
	}
	return nodes, nil
}
