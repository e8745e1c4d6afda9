package enginetest

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gorm.io/driver/mysql"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/core"
	"github.com/quartz-cluster/quartz/core/observe"
	"github.com/quartz-cluster/quartz/integration/internal/lab"
	"github.com/quartz-cluster/quartz/integration/internal/testdb"
	"github.com/quartz-cluster/quartz/schema"
)

// separate gives a node a control pool of two connections.
func separate(t *testing.T, l *lab.Lab) lab.Option {
	t.Helper()
	db := testdb.Open(t, l.DB.Kind)
	pool, err := db.DB()
	require.NoError(t, err)
	pool.SetMaxOpenConns(2)
	return lab.With(func(c *core.Config) { c.ControlDB = db })
}

// A claim whose outcome is unknown, and that cannot be asked for as the jobs hold every
// connection, does not keep a stop from ending those jobs.
func TestAStopDoesNotWaitForAClaimForEver(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		running, doubtful := make(chan struct{}), make(chan struct{})
		var pool *lab.Pool
		n := l.Start(separate(t, l), lab.Running(l.Handlers(func(ctx context.Context, _ *core.Fire) error {
			close(running)
			<-ctx.Done()
			return context.Cause(ctx)
		})), lab.Through(func(p *lab.Pool) { pool = p }), lab.With(func(c *core.Config) {
			c.StopTimeout, c.StopGrace = 500*time.Millisecond, time.Second
		}))
		l.Execute(client.Now())
		<-running
		pool.Hook(lab.Claim, lab.Hook{Before: func(string, []any) error {
			pool.Cut()
			close(doubtful)
			return lab.ErrInjected
		}})
		l.Execute(client.Now())
		<-doubtful
		stopped := make(chan error, 1)
		go func() { stopped <- n.Stop(context.Background()) }()
		select {
		case err := <-stopped:
			require.NoError(t, err)
		case <-time.After(time.Minute):
			pool.Mend()
			t.Fatalf("it waits for the claim: %v", <-stopped)
		}
	})
}

// Jobs that hold all connections of the pool for longer than the lease cost the
// node nothing: its heartbeats and its passes go on, and so do its completions.
func TestJobsThatHoldEveryConnection(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		var pool *lab.Pool
		gate := lab.NewGate()
		held := make(chan struct{}, 2)
		greedy := func(ctx context.Context, f *core.Fire) error {
			conn, err := pool.Conn(ctx)
			if err != nil {
				return err
			}
			held <- struct{}{}
			return errors.Join(gate.Wait(ctx, f), conn.Close())
		}
		l.Start(lab.As("key"), short, separate(t, l), lab.Running(l.Handlers(greedy)), lab.Through(func(p *lab.Pool) {
			pool = p
			p.SetMaxOpenConns(2)
		}), lab.With(func(c *core.Config) { c.Slots = 2 }))
		job := l.Job()
		first, second := l.ExecuteOf(job, client.Now()), l.ExecuteOf(job, client.Now())
		<-held
		<-held
		row := nodeRow(t, l, "key")
		l.Until(func() bool {
			now := nodeRow(t, l, "key")
			return now.Beat > row.Beat+3 && now.TimeCheck > row.TimeCheck+(8*time.Second).Milliseconds()
		}, "it beats for longer than its lease")
		l.Passes(1)
		require.Equal(t, row.NodeID, nodeRow(t, l, "key").NodeID)
		require.Empty(t, l.Events(observe.LeaseLost))
		gate.Open()
		for _, id := range []int64{first, second} {
			require.Equal(t, schema.Succeeded, l.UntilState(id, schema.Complete).LastState)
		}
	})
}

func TestAControlPoolIsLookedAt(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		config := l.Config()
		config.ControlDB = l.DB.Gorm
		_, err := core.New(l.DB.Gorm, config)
		require.ErrorContains(t, err, "Config.ControlDB must have connections of its own")

		config.ControlDB = &gorm.DB{}
		_, err = core.New(l.DB.Gorm, config)
		require.ErrorContains(t, err, "ControlDB: db is not open")

		elsewhere, err := gorm.Open(mysql.New(mysql.Config{DSN: "root@tcp(127.0.0.1:1)/", SkipInitializeWithVersion: true}),
			&gorm.Config{DisableAutomaticPing: true, Logger: logger.Discard})
		require.NoError(t, err)
		pool, err := elsewhere.DB()
		require.NoError(t, err)
		defer func() { require.NoError(t, pool.Close()) }()
		config.ControlDB = elsewhere
		if l.DB.Gorm.Name() != elsewhere.Name() {
			_, err = core.New(l.DB.Gorm, config)
			require.ErrorContains(t, err, "Config.ControlDB must be a pool on the same database as db")
		}

		narrow := testdb.Open(t, l.DB.Kind)
		narrowPool, err := narrow.DB()
		require.NoError(t, err)
		narrowPool.SetMaxOpenConns(1)
		config.ControlDB = narrow
		_, err = core.New(l.DB.Gorm, config)
		if l.DB.Kind == testdb.SQLite {
			require.NoError(t, err)
		} else {
			require.ErrorContains(t, err, "the connection pool of ControlDB holds 1 connection")
		}
		narrowPool.SetMaxOpenConns(2)
		main := testdb.Open(t, l.DB.Kind)
		mainPool, err := main.DB()
		require.NoError(t, err)
		mainPool.SetMaxOpenConns(1)
		_, err = core.New(main, config)
		require.NoError(t, err, "beside a control pool, one connection is enough to claim")
	})
}

// A control pool on another database is found out, and nothing is left there.
func TestAControlPoolOnAnotherDatabase(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		other := testdb.NewBeside(t, l.DB.Kind).Gorm
		require.NoError(t, schema.Migrate(t.Context(), other, schema.Options{}))
		for _, alone := range []bool{false, true} {
			config := l.Config()
			config.ControlDB, config.Standalone, config.Handlers = other, alone, l.Handlers(nil)
			node, err := core.New(l.DB.Gorm, config)
			require.NoError(t, err)
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute) // it ends by itself
			err = node.Run(ctx)
			cancel()
			var wrong *core.ConfigError
			require.ErrorAs(t, err, &wrong)
			require.Equal(t, "ControlDB", wrong.Field)
			var rows int64
			require.NoError(t, other.Raw("SELECT COUNT(*) FROM QRTZ_NODE").Scan(&rows).Error)
			require.Zero(t, rows)
		}
	})
}

// A registration that is removed while a node looks for it is no other database; and one
// that was found once is not looked for again.
func TestARegistrationThatGoesWhileItIsLookedFor(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		var looked atomic.Int64
		n := l.Launch(lab.As("key"), separate(t, l), lab.Through(func(p *lab.Pool) {
			p.Hook(lab.Other, lab.Hook{Before: func(query string, _ []any) error {
				if strings.HasPrefix(query, "SELECT NODE_ID FROM") && looked.Add(1) == 1 {
					return l.Client.DeleteNode(context.Background(), lab.App, "key")
				}
				return nil
			}})
		}))
		l.UntilEvents(observe.Registered, 2)
		require.NoError(t, l.Client.DeleteNode(t.Context(), lab.App, "key"))
		l.UntilEvents(observe.Registered, 3)
		require.EqualValues(t, 2, looked.Load())
		l.UntilState(l.Execute(client.Now()), schema.Complete)
		require.NoError(t, n.Stop(t.Context()))
	})
}
