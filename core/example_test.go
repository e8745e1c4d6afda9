package core_test

import (
	"context"
	"fmt"
	"log"
	"log/slog"
	"os"

	"github.com/glebarez/sqlite"
	"gorm.io/gorm"

	"github.com/quartz-cluster/quartz/core"
	"github.com/quartz-cluster/quartz/core/coretest"
	"github.com/quartz-cluster/quartz/core/observe"
)

type Invoice struct {
	Number string `json:"number"`
}

// A worker registers its handlers, opens its database and runs a node until its
// context ends. Here the observer ends it as soon as it has joined.
func Example() {
	db, err := gorm.Open(sqlite.Open(":memory:"))
	if err != nil {
		log.Fatal(err)
	}
	pool, err := db.DB()
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = pool.Close() }()
	pool.SetMaxOpenConns(1) // in memory every connection has a database of its own

	handlers := core.NewHandlers()
	core.Handle(handlers, "invoice.send", func(_ context.Context, fire *core.Fire, invoice Invoice) error {
		fmt.Println("sending", invoice.Number, "scheduled for", fire.NominalTime)
		return nil
	})

	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	node, err := core.New(db, core.Config{
		App: "billing", NodeKey: "worker-1", Handlers: handlers, Migrate: true, Standalone: true,
		Logger: slog.New(slog.DiscardHandler),
		Observer: observe.Func(func(_ context.Context, e observe.Event) {
			if e.Kind == observe.Registered || e.Kind == observe.Deregistered {
				fmt.Println(e.Node, e.Kind)
			}
			if e.Kind == observe.Registered {
				stop()
			}
		}),
	})
	if err != nil {
		log.Fatal(err)
	}
	if err := node.Run(ctx); err != nil {
		log.Fatal(err)
	}
	// Output:
	// worker-1 registered
	// worker-1 deregistered
}

func ExampleHandle() {
	handlers := core.NewHandlers()
	core.Handle(handlers, "invoice.send", func(_ context.Context, fire *core.Fire, invoice Invoice) error {
		fmt.Printf("%s: %s, attempt %d\n", fire.Class, invoice.Number, fire.Attempt)
		return nil
	})
	// Tests run a handler without a database.
	err := coretest.Run(context.Background(), handlers, "invoice.send", Invoice{Number: "R-1"})
	fmt.Println(err)
	// Output:
	// invoice.send: R-1, attempt 1
	// <nil>
}

func ExampleMiddleware() {
	announce := func(next core.HandlerFunc) core.HandlerFunc {
		return func(ctx context.Context, fire *core.Fire) error {
			fmt.Println("before", fire.Class)
			defer fmt.Println("after", fire.Class)
			return next(ctx, fire)
		}
	}
	handlers := core.NewHandlers()
	handlers.Add("tidy", func(context.Context, *core.Fire) error {
		fmt.Println("tidying")
		return nil
	}, announce)
	_ = coretest.Run(context.Background(), handlers, "tidy", nil)
	// Output:
	// before tidy
	// tidying
	// after tidy
}

func ExampleFromEnv() {
	_ = os.Setenv("QUARTZ_APP", "billing")
	_ = os.Setenv("QUARTZ_STOP_TIMEOUT", "50s")
	defer func() { _, _ = os.Unsetenv("QUARTZ_APP"), os.Unsetenv("QUARTZ_STOP_TIMEOUT") }()
	config, err := core.FromEnv(core.Config{Slots: 20})
	fmt.Println(config.App, config.Slots, config.StopTimeout, err)
	// Output: billing 20 50s <nil>
}
