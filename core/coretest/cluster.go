package coretest

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/glebarez/sqlite"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"

	"github.com/quartz-cluster/quartz/core"
	"github.com/quartz-cluster/quartz/core/observe"
	"github.com/quartz-cluster/quartz/internal/sqldb"
	"github.com/quartz-cluster/quartz/schema"
)

// Cluster is a database in memory and the nodes on it.
type Cluster struct {
	// DB is the database, with the four tables in it, for client.New and for
	// looking at the rows. Its clock is time.Now of the test.
	DB *gorm.DB

	t      testing.TB
	mu     sync.Mutex
	events []observe.Event
}

// Open makes a cluster without nodes. At the end of the test its nodes are
// stopped and the database is gone.
func Open(t testing.TB) *Cluster {
	t.Helper()
	db, err := gorm.Open(sqlite.Open(":memory:"), &gorm.Config{Logger: logger.Discard})
	if err != nil {
		t.Fatalf("coretest: open SQLite in memory: %v", err)
	}
	pool, err := db.DB()
	if err != nil {
		t.Fatalf("coretest: %v", err)
	}
	pool.SetMaxOpenConns(1) // a second connection would be a second database
	t.Cleanup(func() { _ = pool.Close() })
	if err := db.Use(sqldb.Clock(func() int64 { return time.Now().UnixMilli() })); err != nil {
		t.Fatalf("coretest: %v", err)
	}
	if err := schema.Migrate(context.Background(), db, schema.Options{Logger: slog.New(slog.DiscardHandler)}); err != nil {
		t.Fatalf("coretest: create the tables: %v", err)
	}
	return &Cluster{DB: db, t: t}
}

// Start makes and starts a node and waits until it has registered. The node is
// stopped at the end of the test. Unless config says otherwise it logs nothing.
func (c *Cluster) Start(config core.Config) *core.Node {
	c.t.Helper()
	if config.Logger == nil {
		config.Logger = slog.New(slog.DiscardHandler)
	}
	observers := observe.Multi{observe.Func(func(_ context.Context, e observe.Event) {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.events = append(c.events, e)
	})}
	if config.Observer != nil {
		observers = append(observers, config.Observer)
	}
	config.Observer = observers
	node, err := core.New(c.DB, config)
	if err != nil {
		c.t.Fatalf("coretest: %v", err)
	}
	if err := node.Start(context.Background()); err != nil {
		c.t.Fatalf("coretest: %v", err)
	}
	c.t.Cleanup(func() { _ = node.Stop(context.Background()) })
	select {
	case <-node.Ready():
	case <-time.After(30 * time.Second):
		c.t.Fatal("coretest: the node did not register within 30 s")
	}
	return node
}

// Advance lets d pass on the clock of the synctest bubble and waits until all
// that follows from it has happened. Outside a bubble it panics.
func (c *Cluster) Advance(d time.Duration) {
	time.Sleep(d) //nolint:forbidigo // the bubble's clock, not the world's
	synctest.Wait()
}

// Events returns what the nodes have told so far, in order; only of the given
// kinds, if there are any.
func (c *Cluster) Events(kinds ...observe.Kind) []observe.Event {
	c.mu.Lock()
	defer c.mu.Unlock()
	var out []observe.Event
	for _, e := range c.events {
		if len(kinds) == 0 || slices.Contains(kinds, e.Kind) {
			out = append(out, e)
		}
	}
	return out
}
