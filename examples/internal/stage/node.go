package stage

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"

	"github.com/quartz-cluster/quartz/examples/opendb"
)

// nodeEnv makes a process of a program a node. It holds a NodeConfig: in the
// environment, since a DSN may hold a password and the arguments of a process
// are there for everybody to read.
const nodeEnv = "QUARTZ_EXAMPLE_NODE"

// NodeConfig is what the back office tells a node.
type NodeConfig struct {
	Options

	Prefix string `json:"prefix"`
	Key    string `json:"key"`
}

// Logger is for the node's own logs, which are shown if they were asked for.
func (c NodeConfig) Logger() *slog.Logger {
	if c.Verbose {
		return slog.New(slog.NewTextHandler(os.Stderr, nil))
	}
	return slog.New(slog.DiscardHandler)
}

// NodeMain is the main function of a node's process. In any other it returns at
// once.
func (p Program) NodeMain() {
	text := os.Getenv(nodeEnv)
	if text == "" {
		return
	}
	signal.Ignore(os.Interrupt) // Ctrl-C reaches all processes; the back office stops its nodes
	if err := p.runNode(text, os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "node:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

// runNode works until stdin ends.
func (p Program) runNode(text string, stdin io.Reader, stdout io.Writer) error {
	var cfg NodeConfig
	if err := json.Unmarshal([]byte(text), &cfg); err != nil {
		return fmt.Errorf("%s: %w", nodeEnv, err)
	}
	db, err := opendb.Open(cfg.DSN)
	if err != nil {
		return err
	}
	defer func() { _ = opendb.Close(db) }()
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	go func() {
		_, _ = io.Copy(io.Discard, stdin)
		stop()
	}()
	return p.Node(ctx, db, cfg, &Ledger{out: json.NewEncoder(stdout)})
}
