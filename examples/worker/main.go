package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/quartz-cluster/quartz/core"
	"github.com/quartz-cluster/quartz/examples/opendb"
)

func main() {
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	os.Exit(worker(os.Args[1:], signals, os.Stdout, os.Stderr))
}

func worker(args []string, signals <-chan os.Signal, stdout, stderr io.Writer) int {
	config, err := core.FromEnv(core.Config{App: "billing"})
	if err != nil {
		fmt.Fprintln(stderr, err)
		return 2
	}
	flags := flag.NewFlagSet("worker", flag.ContinueOnError)
	flags.SetOutput(stderr)
	dsn := flags.String("dsn", os.Getenv("QUARTZ_DSN"), opendb.Usage+" (QUARTZ_DSN)")
	listen := flags.String("listen", "", "address to answer /livez and /readyz on, such as :8080 (default none)")
	debug := flags.Bool("debug", false, "log every fire")
	flags.StringVar(&config.App, "app", config.App, "app whose jobs to run (QUARTZ_APP)")
	flags.BoolVar(&config.Migrate, "migrate", config.Migrate, "create or upgrade the tables first (QUARTZ_MIGRATE)")
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		return 2
	}
	level := slog.LevelInfo
	if *debug {
		level = slog.LevelDebug
	}
	logger := slog.New(slog.NewJSONHandler(stdout, &slog.HandlerOptions{Level: level}))
	config.Logger, config.Handlers = logger, newHandlers(logger)

	err = run(*dsn, *listen, config, signals)
	var wrong *core.ConfigError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &wrong):
		fmt.Fprintln(stderr, err)
		return 2
	default:
		logger.Error("the worker ends", "error", err)
		return 1
	}
}

// run is a node's life.
func run(dsn, listen string, config core.Config, signals <-chan os.Signal) (err error) {
	db, err := opendb.Open(dsn)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, opendb.Close(db)) }()
	alerts, err := newAlerts(config.Logger)
	if err != nil {
		return err
	}
	config.Observer = alerts
	defer func() { _ = alerts.Wait(context.Background()) }() // the log is quick
	node, err := core.New(db, config)
	if err != nil {
		return err
	}
	stopHealth, err := serveHealth(listen, node)
	if err != nil {
		return err
	}
	defer stopHealth()

	ctx, drain := context.WithCancel(context.Background())
	defer drain()
	over := make(chan struct{})
	defer close(over)
	go obey(signals, over, drain, node, config.Logger)
	return node.Run(ctx)
}

// obey drains the node at the first signal and hurries it at the second.
func obey(signals <-chan os.Signal, over <-chan struct{}, drain func(), node *core.Node, logger *slog.Logger) {
	select {
	case s := <-signals:
		logger.Info("stopping: runs may end; a second signal cuts them off", "signal", s.String())
		drain()
	case <-over:
		return
	}
	select {
	case s := <-signals:
		logger.Warn("stopping at once: runs are cut off", "signal", s.String())
		now, cancel := context.WithCancel(context.Background())
		cancel()
		_ = node.Stop(now) // Run returns the same
	case <-over:
	}
}
