package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"time"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/core"
	"github.com/quartz-cluster/quartz/core/observe"
	"github.com/quartz-cluster/quartz/examples/opendb"
)

// nodeEnv makes a process of this program a node. It holds a nodeConfig: in the
// environment, since a DSN may hold a password and the arguments of a process
// are there for everybody to read.
const nodeEnv = "QUARTZ_QUICKSTART_NODE"

// nodeConfig is what the back office tells a node.
type nodeConfig struct {
	DSN     string        `json:"dsn"`
	Prefix  string        `json:"prefix"`
	Key     string        `json:"key"`
	Lease   time.Duration `json:"lease"`
	Verbose bool          `json:"verbose"`
}

// nodeMain is the whole program of a node process, if this is one.
func nodeMain() (code int, isNode bool) {
	text := os.Getenv(nodeEnv)
	if text == "" {
		return 0, false
	}
	signal.Ignore(os.Interrupt) // Ctrl-C reaches all processes; the back office stops its nodes
	if err := runNode(text, os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "node:", err)
		return 1, true
	}
	return 0, true
}

// runNode works until stdin ends: because the back office closed it, or because
// it is gone.
func runNode(text string, stdin io.Reader, stdout io.Writer) error {
	var cfg nodeConfig
	if err := json.Unmarshal([]byte(text), &cfg); err != nil {
		return fmt.Errorf("%s: %w", nodeEnv, err)
	}
	db, err := opendb.Open(cfg.DSN)
	if err != nil {
		return err
	}
	defer func() { _ = opendb.Close(db) }()

	book := newLedger(stdout)
	node, err := core.New(db, cfg.core(book))
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(context.Background())
	go func() {
		_, _ = io.Copy(io.Discard, stdin)
		stop()
	}()
	return node.Run(ctx)
}

// core is the configuration of the node. With a lease of 5 s all times are the
// defaults; a shorter lease shortens what goes with it.
func (c nodeConfig) core(book *ledger) core.Config {
	logger := slog.New(slog.DiscardHandler)
	if c.Verbose {
		logger = slog.New(slog.NewTextHandler(os.Stderr, nil))
	}
	return core.Config{
		App: appName, NodeKey: c.Key, TablePrefix: c.Prefix,
		Handlers:   newHandlers(),
		Middleware: []core.Middleware{book.recordRuns},
		Observer:   observe.Func(book.recordEvents),
		Logger:     logger,
		Lease:      c.Lease, Heartbeat: c.Lease / 5, Margin: c.Lease / 10, HandlerInterval: c.Lease * 3 / 5,
	}
}

// recordRuns is middleware that writes the start and the end of every run.
func (l *ledger) recordRuns(next core.HandlerFunc) core.HandlerFunc {
	return func(ctx context.Context, f *core.Fire) error {
		e := event{
			Kind: started, At: f.ActualTime, Node: f.Node,
			Execute: client.ID(f.ExecuteID), Name: f.ExecuteName, Nominal: f.NominalTime,
		}
		l.write(e)
		began := time.Now()
		err := next(ctx, f)
		e.Kind, e.Took = done, time.Since(began)
		e.At = f.ActualTime.Add(e.Took)
		if err != nil {
			e.Kind, e.Text = failed, err.Error()
		}
		l.write(e)
		return err
	}
}

// kinds are the events of a node that belong in the timeline, besides the runs.
var kinds = map[observe.Kind]kind{
	observe.Registered: joined, observe.Deregistered: left, observe.NodeRemoved: removed,
	observe.Lost: lost, observe.Skipped: skipped,
	observe.LeaseLost: trouble, observe.Superseded: trouble, observe.Abandoned: trouble,
	observe.Faulted: trouble, observe.Unrunnable: trouble, observe.Trouble: trouble,
}

// recordEvents is the node's observer.
func (l *ledger) recordEvents(_ context.Context, o observe.Event) {
	k, ok := kinds[o.Kind]
	if !ok {
		return
	}
	e := event{
		Kind: k, Node: o.Node, Execute: client.ID(o.ExecuteID), Name: o.Execute, Nominal: o.Nominal,
		Peer: o.Peer, Text: o.Reason,
	}
	if k == trouble {
		e.Text = fmt.Sprintf("%s: %s", o.Kind, o.Reason)
	}
	if o.Err != nil {
		e.Text += ": " + o.Err.Error()
	}
	l.write(e)
}
