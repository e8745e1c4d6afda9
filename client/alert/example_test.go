package alert_test

import (
	"context"
	"fmt"
	"log"
	"log/slog"
	"time"

	"github.com/glebarez/sqlite"
	"gorm.io/gorm"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/client/alert"
	"github.com/quartz-cluster/quartz/schema"
)

// A back office watches an app that nobody works for.
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
	pool.SetMaxOpenConns(1)
	ctx, stop := context.WithCancel(context.Background())
	if err := schema.Migrate(ctx, db, schema.Options{Logger: slog.New(slog.DiscardHandler)}); err != nil {
		log.Fatal(err)
	}
	c, err := client.New(db)
	if err != nil {
		log.Fatal(err)
	}
	if _, err := c.EnsureApp(ctx, "billing"); err != nil {
		log.Fatal(err)
	}
	job, err := c.AddJob(ctx, client.Job{App: "billing", Class: "invoice.send"})
	if err != nil {
		log.Fatal(err)
	}
	if _, err := c.AddExecute(ctx, job.ID, client.Every(time.Hour)); err != nil {
		log.Fatal(err)
	}

	watcher, err := alert.New(c, alert.Config{
		NoNodeAfter: time.Nanosecond, // at once
		Listener: func(_ context.Context, a alert.Alert) { // mail it, post it
			if a.Over.IsZero() {
				fmt.Println("begins:", a.Kind, a.App)
				stop()
			} else {
				fmt.Println("is over:", a.Kind, a.App, "-", a.Message)
			}
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	if err := watcher.Run(ctx); err != nil { // until ctx ends
		log.Fatal(err)
	}
	// Output:
	// begins: no_live_node billing
	// is over: no_live_node billing - the watch has ended
}
