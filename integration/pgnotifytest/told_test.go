package pgnotifytest

import (
	"bytes"
	"context"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/core/observe"
	"github.com/quartz-cluster/quartz/integration/internal/lab"
	"github.com/quartz-cluster/quartz/integration/internal/proxy"
	"github.com/quartz-cluster/quartz/integration/internal/testdb"
	"github.com/quartz-cluster/quartz/pgnotify"
	"github.com/quartz-cluster/quartz/schema"
)

// listen listens without a node and returns what hears: all hints up to one that
// is told now, which PostgreSQL delivers after all that was committed before.
func (b *bench) listen() (told func() []schema.Hint) {
	b.t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	over := make(chan error, 1)
	hints := make(chan string, 10_000)
	listener := b.listener(pgnotify.Config{})
	go func() { over <- listener.Listen(ctx, lab.App, func(hint string) { hints <- hint }) }()
	b.t.Cleanup(func() {
		stop()
		require.ErrorIs(b.t, <-over, context.Canceled)
	})
	require.Empty(b.t, <-hints)
	return func() (all []schema.Hint) {
		b.t.Helper()
		b.tell(schema.HintAll)
		for hint := range hints {
			if schema.ParseHint(hint) == schema.HintAll {
				break
			}
			all = append(all, schema.ParseHint(hint))
		}
		return all
	}
}

func TestNotificationsAreFewAndFollowTheirTransaction(t *testing.T) {
	b := newBench(t)
	told := b.listen()
	job := b.Job()
	ctx := t.Context()

	for _, e := range []client.Schedule{client.Now(), client.Every(time.Second)} {
		b.add(e)
		require.Len(t, told(), 1)
	}
	b.add(b.late())
	require.Empty(t, told(), "it is not due soon")

	many := make([]client.Execute, 100)
	for i := range many {
		many[i].Schedule = client.Now()
	}
	_, err := b.client.AddExecutes(ctx, job, many)
	require.NoError(t, err)
	require.Len(t, told(), 1)

	tx := b.DB.Gorm.Begin()
	var shards schema.Hint
	for range 40 {
		e, err := b.client.WithTx(tx).AddExecute(ctx, job, client.Now())
		require.NoError(t, err)
		shards |= schema.HintOf(schema.ShardOf(int64(e.ID)))
	}
	require.Empty(t, told(), "it is not committed")
	require.NoError(t, tx.Commit().Error)
	var sum, seen schema.Hint
	for _, h := range told() {
		require.Zero(t, seen&h, "each shard is told once")
		seen |= h
		sum += h
	}
	require.Equal(t, shards, sum)

	tx = b.DB.Gorm.Begin()
	_, err = b.client.WithTx(tx).AddExecute(ctx, job, client.Now())
	require.NoError(t, err)
	require.NoError(t, tx.Rollback().Error)
	require.Empty(t, told())

	require.NoError(t, pgnotify.Notifier{}.Notify(ctx, b.DB.Gorm, "another", schema.HintAll.String()))
	require.Empty(t, told(), "another application has another channel")
}

// pretend puts a function of the test's own before one of PostgreSQL's, for the
// sessions of the DSN that it returns.
func (b *bench) pretend(function, body string) (dsn string) {
	b.t.Helper()
	require.NoError(b.t, b.DB.Gorm.Exec("CREATE SCHEMA pretended").Error)
	require.NoError(b.t, b.DB.Gorm.Exec("CREATE FUNCTION pretended."+function+" LANGUAGE plpgsql AS $$ BEGIN "+body+" END $$").Error)
	return testdb.DSN(b.t, testdb.Postgres, testdb.Param("search_path", "pretended,pg_catalog,public"))
}

// What PostgreSQL refuses to tell is logged and takes nothing with it.
func TestANotificationThatIsRefused(t *testing.T) {
	b := newBench(t)
	db, err := testdb.OpenDSN(testdb.Postgres, b.pretend("pg_notify(text, text) RETURNS void", "RAISE 'told nothing';"))
	require.NoError(t, err)
	pool, err := db.DB()
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, pool.Close()) })
	var log bytes.Buffer
	c, err := client.New(db, client.Config{Notifier: pgnotify.Notifier{Logger: slog.New(slog.NewTextHandler(&log, nil))}})
	require.NoError(t, err)
	told := b.listen()
	e, err := c.AddExecute(t.Context(), b.Job(), client.Now())
	require.NoError(t, err)
	require.Equal(t, schema.Executing, b.Row(int64(e.ID)).State)
	require.Contains(t, log.String(), "told nothing")
	require.Empty(t, told())
}

// Behind a pooler whose sessions share connections a LISTEN is soon nobody's.
func TestASessionThatListensNoMore(t *testing.T) {
	b := newBench(t)
	dsn := b.pretend("pg_listening_channels() RETURNS SETOF text", "RETURN;")
	b.start(b.listener(pgnotify.Config{DSN: dsn, Check: time.Second}))
	b.soon(func() bool {
		return slices.ContainsFunc(b.Events(observe.Trouble), func(e observe.Event) bool {
			return e.Reason == "listen" && strings.Contains(e.Err.Error(), "the session listens no more")
		})
	}, "it is noticed and told")
}

// A connection that is silently dead is noticed, and its end leaves nothing behind.
func TestAConnectionThatIsSilentlyDead(t *testing.T) {
	b := newBench(t)
	wire := proxy.New(t, testdb.Postgres, b.DB.DSN)
	w := &witness{Listener: b.listener(pgnotify.Config{DSN: wire.DSN, Check: time.Second})}
	b.start(w)
	b.runs(b.add(client.Now()).ID, 1)
	b.soon(func() bool { return len(w.heard()) > 0 }, "it listens")
	before := len(w.breaks())
	wire.Cut()
	b.soon(func() bool { return len(w.breaks()) > before+1 }, "it notices, and cannot connect")
	away := b.add(client.Now())
	wire.Heal()
	b.runs(away.ID, 1)
}
