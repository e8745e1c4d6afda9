package worker

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"go.uber.org/goleak"
	"gorm.io/gorm"

	"github.com/quartz-cluster/quartz/core"
	"github.com/quartz-cluster/quartz/integration/internal/ledger"
	"github.com/quartz-cluster/quartz/integration/internal/testdb"
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
	if err := run(cfg, os.Stdin, json.NewEncoder(os.Stdout)); err != nil {
		die(err)
	}
	os.Exit(0)
}

func run(cfg Config, in io.Reader, out *json.Encoder) error {
	stop := make(chan struct{})
	go listen(in, stop)
	before := goleak.IgnoreCurrent()

	file, err := ledger.Create(cfg.Ledger, cfg.Process)
	if err != nil {
		return err
	}
	own, closeOwn, err := open(cfg, 1)
	if err != nil {
		return err
	}
	clock, err := ledger.NewClock(context.Background(), own)
	if err != nil {
		return err
	}
	if cfg.Pool == 0 {
		cfg.Pool = 10
	}
	db, closeDB, err := open(cfg, cfg.Pool)
	if err != nil {
		return err
	}
	nodes, err := start(cfg, db, record(file, clock))
	if err != nil {
		return err
	}
	keys := make([]string, len(nodes))
	for i, n := range nodes {
		<-n.Ready()
		keys[i] = n.Key()
	}
	if err := out.Encode(message{Ready: keys}); err != nil {
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
	if failed = errors.Join(failed, closeDB(), closeOwn(), file.Close()); failed != nil {
		end.Err = failed.Error()
	}
	if err := goleak.Find(before); err != nil {
		end.Left = err.Error()
	}
	return out.Encode(end)
}

// listen waits for the word to stop. Without the test, which is what the end of
// its input means, the process has nothing to live for.
func listen(in io.Reader, stop chan<- struct{}) {
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		if lines.Text() == "stop" {
			close(stop)
			break
		}
	}
	_, _ = io.Copy(io.Discard, in)
	os.Exit(4)
}

func open(cfg Config, size int) (*gorm.DB, func() error, error) {
	db, err := testdb.OpenDSN(cfg.Kind, cfg.DSN)
	if err != nil {
		return nil, nil, fmt.Errorf("open %s: %w", cfg.Kind, err)
	}
	pool, err := db.DB()
	if err != nil {
		return nil, nil, err
	}
	pool.SetMaxOpenConns(size)
	pool.SetMaxIdleConns(size)
	return db, pool.Close, nil
}

func start(cfg Config, db *gorm.DB, middleware core.Middleware) ([]*core.Node, error) {
	logger := newLogger(os.Stderr, cfg.Process)
	nodes := make([]*core.Node, len(cfg.Nodes))
	for i, n := range cfg.Nodes {
		if n.Classes == nil {
			n.Classes = Classes
		}
		node, err := core.New(db, core.Config{
			App: n.App, NodeKey: n.Key, Handlers: handlers(n.Classes), Middleware: []core.Middleware{middleware},
			Slots: cfg.Slots, MisfireThreshold: cfg.MisfireThreshold, StopTimeout: 25 * time.Second, Logger: logger,
		})
		if err != nil {
			return nil, err
		}
		if err := node.Start(context.Background()); err != nil {
			return nil, err
		}
		nodes[i] = node
	}
	return nodes, nil
}
