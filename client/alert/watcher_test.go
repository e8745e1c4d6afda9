package alert_test

import (
	"context"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"github.com/glebarez/sqlite"
	"github.com/stretchr/testify/require"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/client/alert"
)

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
		_, err = p.PauseJob(t.Context(), e.JobID)
		require.NoError(t, err)
		p.pass(10*time.Second, false)
		p.are("-no_live_node")
		other := p.execute("other") // behind the one that is paused
		p.pass(10*time.Second, false)
		require.Contains(t, p.are("+no_live_node")[0].Message, other.NextFire.Format(time.RFC3339))
		require.NoError(t, p.DeleteExecute(t.Context(), other.ID))
		p.pass(10*time.Second, false)
		p.are("-no_live_node")
		p.exec("UPDATE QRTZ_EXECUTE SET FIRE_TIME = 1, FIRE_NODE = 1, FIRE_START = 1000 WHERE ID = ?", int64(e.ID))
		p.pass(10*time.Second, false)
		p.are()
		_, err = p.ResumeJob(t.Context(), e.JobID)
		require.NoError(t, err)
		p.pass(10*time.Second, false)
		p.are("+no_live_node")
		require.NoError(t, p.DeleteExecute(t.Context(), e.ID))
		p.pass(10*time.Second, false)
		p.are("-no_live_node")

		// Of a single fire nothing is left to fire once it is claimed.
		e = p.execute("once")
		p.exec("UPDATE QRTZ_EXECUTE SET NEXT_FIRE_TIME = NULL, FIRE_TIME = 1, FIRE_NODE = 1, FIRE_START = 1000 WHERE ID = ?", int64(e.ID))
		p.pass(10*time.Second, false)
		require.Contains(t, p.are("+no_live_node")[0].Message, "a fire of execute "+e.ID.String())
		p.exec("UPDATE QRTZ_EXECUTE SET FIRE_TIME = NULL WHERE ID = ?", int64(e.ID))
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
		require.Contains(t, told.Message, "1 executes of app a are overdue by more than 1m0s", "the other is told as no_handler")
		require.Equal(t, mine.NextFire.Add(time.Minute), told.Since)

		p.exec("UPDATE QRTZ_EXECUTE SET FIRE_TIME = 1, FIRE_NODE = 1, NEXT_FIRE_TIME = NULL WHERE ID = ?", int64(mine.ID)) // it runs at last
		p.pass(10*time.Second, true)
		require.Contains(t, p.are("-overdue")[0].Message, "nothing that can run in app a is overdue")
		p.exec("DELETE FROM QRTZ_NODE WHERE NODE_ID = 1")
		p.pass(40*time.Second, true)
		p.are("-no_handler", "+no_live_node", "+overdue") // with nobody there all of it is
		p.node(2, "y")
		p.pass(10*time.Second, true)
		p.are("-no_live_node")
		_, err := p.PauseExecute(t.Context(), theirs.ID)
		require.NoError(t, err)
		p.pass(10*time.Second, true)
		require.Contains(t, p.are("-overdue")[0].Message, "nothing that can run in app a is overdue")

		// It waits for a fire of its own that goes on in a child.
		p.node(3, "z")
		held := p.execute("z")
		p.exec("UPDATE QRTZ_EXECUTE SET OVERLAP = 'QUEUE' WHERE ID = ?", int64(held.ID))
		p.exec(`INSERT INTO QRTZ_EXECUTE (ID, PID, APPLICATION, STATE, JOB_TYPE, REPEAT_COUNT, START_TIME, NEXT_FIRE_TIME, ORIGIN, ORIGIN_ID, CHILD_KEY,
			HOST_IP, HOST_NAME, END_TIME, PREV_FIRE_TIME)
			SELECT 5, PID, 'a', 'EXECUTING', 'SIMPLE', 1, 1, NEXT_FIRE_TIME + 600000, 'RETRY', ID, 'k', 'h', 'h', -1, -1
			FROM QRTZ_EXECUTE WHERE ID = ?`, int64(held.ID))
		p.pass(2*time.Minute, true)
		p.are()
		p.exec("DELETE FROM QRTZ_EXECUTE WHERE ID = 5")
		p.pass(10*time.Second, true)
		p.are("+overdue")
	})
}

// Where all slots are held by runs that hang, whatever is due has a fire in flight.
func TestRunsThatHangAreNoExcuse(t *testing.T) {
	at(t, alert.Config{}, func(_ *testing.T, p *place) {
		p.node(1, "x")
		p.execute("x")
		p.exec("UPDATE QRTZ_EXECUTE SET FIRE_TIME = 1, FIRE_NODE = 1, OVERLAP = 'SKIP'")
		p.pass(2*time.Minute, true)
		p.are() // it waits for its own fire
		p.exec("UPDATE QRTZ_EXECUTE SET OVERLAP = 'ALLOW'")
		p.pass(10*time.Second, true)
		p.are("+overdue")
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
		{func(c *alert.Config) { c.Listener = nil }, `listener "": is required`},
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
