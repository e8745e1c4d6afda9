package core_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"os"
	"time"

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

// A handler goes on from where an earlier attempt of the fire was. A test gives it the
// checkpoint of such an attempt.
func ExampleFire_Checkpoint() {
	handlers := core.NewHandlers()
	handlers.Add("mail.all", func(ctx context.Context, fire *core.Fire) error {
		var sent int // none, without a checkpoint
		if _, err := fire.Resume(&sent); err != nil {
			return err
		}
		for ; sent < 5; sent++ {
			if ctx.Err() != nil {
				return context.Cause(ctx) // nil would say that all are sent
			}
			fmt.Println("sending mail", sent+1)
			if err := fire.Checkpoint(ctx, sent+1); err != nil {
				return err
			}
		}
		return nil
	})

	ctx := context.Background()
	fire, err := coretest.NewFire("mail.all", nil)
	if err != nil {
		log.Fatal(err)
	}
	fire.Attempt = 2
	if err := fire.Checkpoint(ctx, 3); err != nil {
		log.Fatal(err)
	}
	fmt.Println(coretest.RunFire(ctx, handlers, fire))
	// Output:
	// sending mail 4
	// sending mail 5
	// <nil>
}

// A handler knows better than the policy of its execute when to try again, or that there
// is no use.
func ExampleRetryAfter() {
	errBusy, errUnknown := errors.New("the mail server is busy"), errors.New("there is no such invoice")
	handlers := core.NewHandlers()
	core.Handle(handlers, "invoice.send", func(_ context.Context, _ *core.Fire, invoice Invoice) error {
		if invoice.Number == "" {
			return core.NoRetry(errUnknown)
		}
		return core.RetryAfter(errBusy, time.Minute)
	})
	err := coretest.Run(context.Background(), handlers, "invoice.send", Invoice{Number: "R-1"})
	fmt.Println(err, errors.Is(err, errBusy))
	err = coretest.Run(context.Background(), handlers, "invoice.send", Invoice{})
	fmt.Println(err, errors.Is(err, errUnknown))
	// Output:
	// the mail server is busy true
	// there is no such invoice true
}

func ExampleFromEnv() {
	_ = os.Setenv("QUARTZ_APP", "billing")
	_ = os.Setenv("QUARTZ_STOP_TIMEOUT", "50s")
	defer func() { _, _ = os.Unsetenv("QUARTZ_APP"), os.Unsetenv("QUARTZ_STOP_TIMEOUT") }()
	config, err := core.FromEnv(core.Config{Slots: 20})
	fmt.Println(config.App, config.Slots, config.StopTimeout, err)
	// Output: billing 20 50s <nil>
}
