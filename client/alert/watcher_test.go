package alert_test

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
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

func TestNoLiveNode(t *testing.T) {
	at(t, alert.Config{OverdueAfter: -1}, func(t *testing.T, p *place) {
		p.pass(time.Minute, false)
		p.are() // there is nothing to fire
		e := p.execute("x")
		p.pass(10*time.Second, false)
		told := p.are("+no_live_node")[0]
		require.Equal(t, "a", told.App)
		require.Contains(t, told.Message, e.NextFire.Format(time.RFC3339))
		p.pass(5*time.Minute, false)
		p.are()
		p.node(1, "x")
		p.pass(10*time.Second, true)
		p.are("-no_live_node")
		p.pass(time.Minute, true)
		p.are()
		p.pass(35*time.Second, false) // its row stays: nobody is there to remove it
		p.pass(10*time.Second, false)
		p.are("+no_live_node")
		_, err := p.PauseApp(t.Context(), "a")
		require.NoError(t, err)
		p.pass(10*time.Second, false)
		p.are("-no_live_node")
		_, err = p.ResumeApp(t.Context(), "a")
		require.NoError(t, err)
		p.pass(10*time.Second, false)
		p.are("+no_live_node")
		require.NoError(t, p.DeleteExecute(t.Context(), e.ID))
		p.pass(10*time.Second, false)
		p.are("-no_live_node")

		// An app that comes back has its time, too.
		p.exec("DELETE FROM QRTZ_JOB")
		p.exec("DELETE FROM QRTZ_NODE")
		p.exec("UPDATE QRTZ_APP SET TIME_PRE = 5")
		p.pass(time.Minute, false)
		require.NoError(t, p.DeleteApp(t.Context(), "a"))
		p.pass(10*time.Second, false)
		_, err = p.EnsureApp(t.Context(), "a")
		require.NoError(t, err)
		p.exec("UPDATE QRTZ_APP SET TIME_PRE = 5")
		p.execute("x")
		p.pass(20*time.Second, false)
		p.are()
		p.pass(20*time.Second, false)
		p.are("+no_live_node")
	})
}

func TestAStandaloneNodeLivesByItsPasses(t *testing.T) {
	at(t, alert.Config{OverdueAfter: -1}, func(_ *testing.T, p *place) {
		p.execute("x")
		p.exec("UPDATE QRTZ_APP SET MASTER = -5")
		for range 60 {
			p.pass(3*time.Second, false)
			p.exec("UPDATE QRTZ_APP SET TIME_PRE = ?", time.Now().UnixMilli())
		}
		p.are()
		p.pass(40*time.Second, false)
		p.are("+no_live_node")
	})
}

func TestOverdueAndNoHandler(t *testing.T) {
	at(t, alert.Config{}, func(t *testing.T, p *place) {
		p.node(1, "x")
		mine, theirs := p.execute("x"), p.execute("y")
		p.pass(9*time.Second, true)
		p.are()
		p.pass(11*time.Second, true)
		told := p.are("+no_handler")[0]
		require.Equal(t, "y", told.Class)
		require.Equal(t, "job-y", told.Job)
		require.Equal(t, theirs.NextFire, told.Since)
		require.Contains(t, told.Message, theirs.ID.String()+" (now)")
		p.pass(50*time.Second, true)
		told = p.are("+overdue")[0]
		require.Contains(t, told.Message, "2 executes of app a are overdue by more than 1m0s")
		require.Equal(t, mine.NextFire.Add(time.Minute), told.Since)

		p.exec("UPDATE QRTZ_EXECUTE SET FIRE_TIME = 1, FIRE_NODE = 1 WHERE ID = ?", int64(mine.ID)) // it runs at last
		p.pass(10*time.Second, true)
		p.are()
		p.node(2, "y")
		p.pass(10*time.Second, true)
		require.Equal(t, "y", p.are("-no_handler")[0].Class)
		_, err := p.PauseExecute(t.Context(), theirs.ID)
		require.NoError(t, err)
		p.pass(10*time.Second, true)
		require.Contains(t, p.are("-overdue")[0].Message, "nothing of app a is overdue")
	})
}

// A database that does not answer changes nothing of what is known, and is told when it
// does not for long.
func TestTheDatabaseIsAway(t *testing.T) {
	at(t, alert.Config{OverdueAfter: -1}, func(t *testing.T, p *place) {
		p.execute("x")
		p.pass(40*time.Second, false)
		p.are("+no_live_node")
		p.exec("ALTER TABLE QRTZ_APP RENAME TO QRTZ_GONE")
		p.pass(25*time.Second, false)
		p.exec("ALTER TABLE QRTZ_GONE RENAME TO QRTZ_APP")
		p.pass(10*time.Second, false)
		p.are()
		p.exec("ALTER TABLE QRTZ_APP RENAME TO QRTZ_GONE")
		p.pass(50*time.Second, false)
		require.Contains(t, p.are("+database_away")[0].Message, "QRTZ_APP")
		p.exec("ALTER TABLE QRTZ_GONE RENAME TO QRTZ_APP")
		p.pass(10*time.Second, false)
		p.are("-database_away")
	})
}

// One watcher of several is at it, and what it told is over when it passes the watch on
// or ends it.
func TestWhoWatches(t *testing.T) {
	var mine atomic.Bool
	at(t, alert.Config{While: mine.Load, Apps: []string{"a"}, OverdueAfter: -1}, func(t *testing.T, p *place) {
		_, err := p.EnsureApp(t.Context(), "other")
		require.NoError(t, err)
		job, err := p.AddJob(t.Context(), client.Job{App: "other", Class: "x"})
		require.NoError(t, err)
		_, err = p.AddExecute(t.Context(), job.ID, client.Now())
		require.NoError(t, err)
		p.execute("x")
		p.pass(time.Minute, false)
		p.are()
		mine.Store(true)
		p.pass(time.Minute, false)
		require.Equal(t, "a", p.are("+no_live_node")[0].App)
		mine.Store(false)
		p.pass(10*time.Second, false)
		require.Equal(t, "another watcher is at it now", p.are("-no_live_node")[0].Message)
		mine.Store(true)
		p.pass(time.Minute, false)
		p.are("+no_live_node")
		p.stop()
		require.Equal(t, "the watch has ended", p.are("-no_live_node")[0].Message)
	})
}

func TestKindsThatAreOff(t *testing.T) {
	at(t, alert.Config{OverdueAfter: -1, NoNodeAfter: -1, DatabaseAwayFor: -1}, func(_ *testing.T, p *place) {
		p.node(1, "x")
		p.execute("x")
		p.pass(2*time.Minute, false)
		p.exec("DROP TABLE QRTZ_APP")
		p.pass(2*time.Minute, false)
		p.are()
	})
}

func TestNewNamesTheFieldOfABadConfig(t *testing.T) {
	t.Parallel()
	db, err := gorm.Open(sqlite.Open(":memory:"), &gorm.Config{Logger: logger.Discard})
	require.NoError(t, err)
	pool, err := db.DB()
	require.NoError(t, err)
	defer func() { require.NoError(t, pool.Close()) }()
	c, err := client.New(db)
	require.NoError(t, err)
	good := alert.Config{Listener: func(context.Context, alert.Alert) {}, Logger: slog.Default()}
	_, err = alert.New(nil, good)
	require.ErrorContains(t, err, "the client is nil")
	for _, test := range []struct {
		spoil func(c *alert.Config)
		says  string
	}{
		{func(c *alert.Config) { c.Listener = nil }, "listener"},
		{func(c *alert.Config) { c.Apps = []string{"a", ""} }, "apps[1]"},
		{func(c *alert.Config) { c.Interval = -1 }, `interval "-1ns": must be from 1s to 1h0m0s`},
		{func(c *alert.Config) { c.OverdueAfter = 14 * time.Second }, `overdueAfter "14s": must be from 15s to 24h0m0s, or below zero for none`},
		{func(c *alert.Config) { c.NoNodeAfter = 25 * time.Hour }, `noNodeAfter "25h0m0s"`},
		{func(c *alert.Config) { c.DatabaseAwayFor = 25 * time.Hour }, `databaseAwayFor "25h0m0s"`},
		{func(c *alert.Config) { c.Timeout = -1 }, `timeout "-1ns": must be from 0s to 1h0m0s`},
	} {
		cfg := good
		test.spoil(&cfg)
		_, err := alert.New(c, cfg)
		require.ErrorContains(t, err, test.says)
		var bad *client.FieldError
		require.ErrorAs(t, err, &bad)
	}
	_, err = alert.New(c, good)
	require.NoError(t, err)
}
