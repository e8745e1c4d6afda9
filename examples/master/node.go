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

	"github.com/quartz-cluster/quartz/core"
	"github.com/quartz-cluster/quartz/core/observe"
	"github.com/quartz-cluster/quartz/examples/opendb"
)

// nodeEnv makes a process of this program a node. It holds a nodeConfig: in the
// environment, since a DSN may hold a password and the arguments of a process
// are there for everybody to read.
const nodeEnv = "QUARTZ_MASTER_NODE"

// nodeConfig is what the back office tells a node.
type nodeConfig struct {
	DSN     string        `json:"dsn"`
	Prefix  string        `json:"prefix"`
	Key     string        `json:"key"`
	Lease   time.Duration `json:"lease"`
	Work    time.Duration `json:"work"` // how long a run takes
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
	node, err := core.New(db, cfg.core(&ledger{out: stdout}))
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

// core is the configuration of the node. Nothing in it is about the master: which
// executes that one runs is said where they are added, and who it is by default
// is the oldest node. Config.Elector would decide otherwise, Config.NeverMaster
// keep this node out.
func (c nodeConfig) core(book *ledger) core.Config {
	logger := slog.New(slog.DiscardHandler)
	if c.Verbose {
		logger = slog.New(slog.NewTextHandler(os.Stderr, nil))
	}
	handlers := core.NewHandlers()
	handlers.Add(work, func(ctx context.Context, fire *core.Fire) error {
		e := event{Kind: started, At: fire.ActualTime, Node: fire.Node, Name: fire.ExecuteName, Nominal: fire.NominalTime, Attempt: fire.Attempt}
		book.write(e)
		err := pretend(ctx, c.Work)
		e.Kind, e.At = done, fire.ActualTime.Add(c.Work)
		if err != nil {
			e.Kind, e.Text = failed, err.Error()
		}
		book.write(e)
		return err
	})
	return core.Config{
		App: appName, NodeKey: c.Key, TablePrefix: c.Prefix, Handlers: handlers, Logger: logger, Observer: observe.Func(book.observe),
		Lease: c.Lease, Heartbeat: c.Lease / 5, Margin: c.Lease / 10, HandlerInterval: c.Lease * 3 / 5,
	}
}

// pretend takes its time, and gives up when the run is cut off.
func pretend(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// kinds are the events of a node that belong into the ledger, besides the runs.
var kinds = map[observe.Kind]kind{
	observe.Registered: joined, observe.Deregistered: left, observe.NodeRemoved: removed, observe.MasterChanged: elected,
	observe.LeaseLost: trouble, observe.Superseded: trouble, observe.Abandoned: trouble, observe.Lost: trouble,
	observe.Faulted: trouble, observe.Unrunnable: trouble, observe.Skipped: trouble, observe.Trouble: trouble,
}

// observe is the node's observer.
func (l *ledger) observe(_ context.Context, o observe.Event) {
	k, ok := kinds[o.Kind]
	if !ok {
		return
	}
	e := event{Kind: k, Node: o.Node, Name: o.Execute, Nominal: o.Nominal, Peer: o.Peer, Text: o.Reason}
	switch k {
	case elected:
		e.Epoch = o.Count
	case trouble:
		e.Text = fmt.Sprintf("%s: %s", o.Kind, o.Reason)
		if o.Err != nil {
			e.Text += ": " + o.Err.Error()
		}
	default:
	}
	l.write(e)
}
