package alert_test

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/glebarez/sqlite"
	"github.com/stretchr/testify/require"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/client/alert"
	"github.com/quartz-cluster/quartz/internal/alert/alerttest"
	"github.com/quartz-cluster/quartz/internal/sqldb"
	"github.com/quartz-cluster/quartz/schema"
)

// place is a database in memory whose clock is the bubble's, and a watcher at work.
type place struct {
	*client.Client

	t    *testing.T
	db   *gorm.DB
	stop func()
	told alerttest.Told
}

// at runs a test in a bubble, with the app "a" in the tables.
func at(t *testing.T, config alert.Config, test func(t *testing.T, p *place)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &place{t: t}
		var err error
		p.db, err = gorm.Open(sqlite.Open(":memory:"), &gorm.Config{Logger: logger.Discard})
		require.NoError(t, err)
		pool, err := p.db.DB()
		require.NoError(t, err)
		pool.SetMaxOpenConns(1)
		defer func() { require.NoError(t, pool.Close()) }()
		require.NoError(t, p.db.Use(sqldb.Clock(func() int64 { return time.Now().UnixMilli() })))
		require.NoError(t, schema.Migrate(t.Context(), p.db, schema.Options{Logger: slog.New(slog.DiscardHandler)}))
		p.Client, err = client.New(p.db)
		require.NoError(t, err)
		_, err = p.EnsureApp(t.Context(), "a")
		require.NoError(t, err)

		config.Listener = p.told.Listen
		w, err := alert.New(p.Client, config)
		require.NoError(t, err)
		ctx, cancel := context.WithCancel(t.Context())
		over := make(chan error, 1)
		go func() { over <- w.Run(ctx) }()
		p.stop = sync.OnceFunc(func() {
			cancel()
			require.NoError(t, <-over)
		})
		defer p.stop()
		test(t, p)
	})
}

func (p *place) exec(query string, args ...any) {
	p.t.Helper()
	require.NoError(p.t, p.db.Exec(query, args...).Error)
}

// node puts the row of a live node there that has a handler for a class.
func (p *place) node(id int, class string) {
	p.t.Helper()
	p.exec(`INSERT INTO QRTZ_NODE (APPLICATION, HOST_IP, HOST_NAME, STATE, TIME_CHECK, NODE_ID, HANDLERS, CAPACITY)
		VALUES ('a', ?, 'h', 'Y', ?, ?, '["`+class+`"]', 1)`, class, time.Now().UnixMilli(), id)
}

// pass lets d pass, in which the nodes send heartbeats, or do not.
func (p *place) pass(d time.Duration, beats bool) {
	p.t.Helper()
	if !beats {
		time.Sleep(d)
	}
	for end := time.Now().Add(d); beats && time.Now().Before(end); {
		time.Sleep(time.Second)
		p.exec("UPDATE QRTZ_NODE SET TIME_CHECK = ?", time.Now().UnixMilli())
	}
	synctest.Wait()
}

func (p *place) execute(class string) *client.ExecuteInfo {
	p.t.Helper()
	job, err := p.AddJob(p.t.Context(), client.Job{App: "a", Class: class, Name: "job-" + class})
	require.NoError(p.t, err)
	e, err := p.AddExecute(p.t.Context(), job.ID, client.Now(), client.Named("now"))
	require.NoError(p.t, err)
	return e
}

// are asserts what was told since it was last asked for: "+" and a kind for a beginning,
// "-" for an end.
func (p *place) are(want ...string) []alert.Alert {
	p.t.Helper()
	synctest.Wait()
	have, told := p.told.Take()
	require.ElementsMatch(p.t, want, have)
	return told
}
