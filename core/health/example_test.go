package health_test

import (
	"context"
	"fmt"
	"log"
	"log/slog"
	"net/http"
	"net/http/httptest"

	"github.com/glebarez/sqlite"
	"gorm.io/gorm"

	"github.com/quartz-cluster/quartz/core"
	"github.com/quartz-cluster/quartz/core/health"
)

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

	handlers := core.NewHandlers()
	handlers.Add("invoice.send", func(context.Context, *core.Fire) error { return nil })
	node, err := core.New(db, core.Config{
		App: "billing", NodeKey: "a", Handlers: handlers, Migrate: true, Standalone: true, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		log.Fatal(err)
	}
	h, err := health.New(health.Config{}, node)
	if err != nil {
		log.Fatal(err)
	}
	mux := http.NewServeMux() // of a server of the worker's
	mux.Handle("/livez", h.Live())
	mux.Handle("/readyz", h.Ready())

	ask := func(path string) {
		answer := httptest.NewRecorder()
		mux.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, path, nil))
		fmt.Print(path, " ", answer.Code, " ", answer.Body)
	}
	ask("/livez")
	ask("/readyz")
	if err := node.Start(context.Background()); err != nil {
		log.Fatal(err)
	}
	<-node.Ready()
	ask("/readyz")
	if err := node.Stop(context.Background()); err != nil {
		log.Fatal(err)
	}
	// Output:
	// /livez 200 {"ok":true,"nodes":[{"app":"billing","node":"a","state":"new","ok":true,"problems":[{"code":"not_started","text":"it was not started"}]}]}
	// /readyz 503 {"ok":false,"nodes":[{"app":"billing","node":"a","state":"new","ok":false,"problems":[{"code":"not_started","text":"it was not started"}]}]}
	// /readyz 200 {"ok":true,"nodes":[{"app":"billing","node":"a","state":"running","ok":true}]}
}
