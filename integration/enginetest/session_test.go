package enginetest

import (
	"context"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"
	gormschema "gorm.io/gorm/schema"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/core"
	"github.com/quartz-cluster/quartz/integration/internal/lab"
	"github.com/quartz-cluster/quartz/integration/internal/testdb"
	"github.com/quartz-cluster/quartz/schema"
)

// loud counts what a user's gorm logger is told.
type loud struct{ heard atomic.Int64 }

func (l *loud) LogMode(logger.LogLevel) logger.Interface                        { return l }
func (l *loud) Info(context.Context, string, ...any)                            { l.heard.Add(1) }
func (l *loud) Warn(context.Context, string, ...any)                            { l.heard.Add(1) }
func (l *loud) Error(context.Context, string, ...any)                           { l.heard.Add(1) }
func (l *loud) Trace(context.Context, time.Time, func() (string, int64), error) { l.heard.Add(1) }

// Nothing that a user has set on the *gorm.DB reaches the statements of core and
// client, and it is left as it was.
func TestTheUsersGormSessionDoesNotMatter(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		log := &loud{}
		user := testdb.Open(t, l.DB.Kind)
		user.NamingStrategy = gormschema.NamingStrategy{TablePrefix: "acme_", SingularTable: true, NoLowerCase: true}
		user.Logger = log
		user = user.Session(&gorm.Session{
			PrepareStmt: true, DryRun: true, QueryFields: true, CreateBatchSize: 1, AllowGlobalUpdate: true, SkipHooks: true,
		}).Where("1 = 0").Scopes(func(db *gorm.DB) *gorm.DB { return db.Where("tenant = ?", 7).Limit(1) }).Table("acme")
		_ = user.AddError(gorm.ErrInvalidField)

		c, err := client.New(user)
		require.NoError(t, err)
		config := l.Config()
		config.Migrate = true
		node, err := core.New(user, config)
		require.NoError(t, err)
		require.NoError(t, node.Start(t.Context()))
		job, err := c.AddJob(t.Context(), client.Job{App: lab.App, Class: lab.Work, Name: "named"})
		require.NoError(t, err)
		id := l.ExecuteOf(job.ID, client.Every(100*time.Millisecond).Times(5))
		l.UntilState(id, schema.Complete)
		got, err := c.GetJobByName(t.Context(), lab.App, "named")
		require.NoError(t, err)
		require.Equal(t, job.ID, got.ID)
		require.NoError(t, node.Stop(context.Background()))
		require.Zero(t, log.heard.Load(), "the engine's statements are not the user's to log")
		require.True(t, user.DryRun)
		require.ErrorIs(t, user.Error, gorm.ErrInvalidField)
		require.True(t, strings.HasPrefix(user.NamingStrategy.TableName("x"), "acme_"))
	})
}

func TestNewSaysWhichTablesAreMissing(t *testing.T) {
	lab.EachKind(t, func(t *testing.T, kind testdb.Kind) {
		l := lab.Bare(t, kind, nil)
		_, err := core.New(l.DB.Gorm, l.Config())
		var problems *schema.VerifyError
		require.ErrorAs(t, err, &problems)
		for _, table := range []string{"QRTZ_APP", "QRTZ_NODE", "QRTZ_JOB", "QRTZ_EXECUTE"} {
			require.Contains(t, problems.Problems, "there is no table "+table+": run Migrate")
		}

		config := l.Config()
		config.Migrate = true
		for range 2 {
			_, err = core.New(l.DB.Gorm, config)
			require.NoError(t, err)
		}
		require.NoError(t, schema.Verify(t.Context(), l.DB.Gorm, schema.Options{Logger: slog.New(slog.DiscardHandler)}))
		_, err = core.New(l.DB.Gorm, l.Config())
		require.NoError(t, err)
		config.TablePrefix = "OTHER_"
		config.Migrate = false
		_, err = core.New(l.DB.Gorm, config)
		require.ErrorAs(t, err, &problems)
		require.Contains(t, problems.Problems, "there is no table OTHER_JOB: run Migrate")
	})
}

func TestNewSaysWhatTheConnectionLacks(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		if l.DB.Kind == testdb.SQLite {
			without := testdb.Open(t, l.DB.Kind, testdb.Param("_pragma", "busy_timeout(0)"))
			_, err := core.New(without, l.Config())
			require.ErrorContains(t, err, "busy_timeout")
			for lock, advice := range map[string]string{"deferred": "add _txlock=immediate to the DSN", "immediate": ""} {
				var said strings.Builder
				config := l.Config()
				config.Logger = slog.New(slog.NewTextHandler(&said, nil))
				db := testdb.Open(t, l.DB.Kind, testdb.Param("_txlock", lock))
				_, err = core.New(db, config)
				require.NoError(t, err)
				require.Contains(t, said.String(), advice)
				require.Equal(t, advice == "", said.Len() == 0, said.String())
				var timeout int64
				require.NoError(t, db.Raw("PRAGMA busy_timeout").Scan(&timeout).Error)
				require.EqualValues(t, 10_000, timeout)
			}
			return
		}
		narrow := testdb.Open(t, l.DB.Kind)
		pool, err := narrow.DB()
		require.NoError(t, err)
		pool.SetMaxOpenConns(1)
		_, err = core.New(narrow, l.Config())
		require.ErrorContains(t, err, "the connection pool holds 1 connection")

		pool.SetMaxOpenConns(2)
		var said strings.Builder
		config := l.Config()
		config.Logger = slog.New(slog.NewTextHandler(&said, nil))
		_, err = core.New(narrow, config)
		require.NoError(t, err)
		require.Contains(t, said.String(), "the connection pool holds 2 connections")
	})
}

// Nobody else ends what a machine that is gone has begun.
func TestNewAdvisesToEndTransactionsThatStandStill(t *testing.T) {
	lab.EachKind(t, func(t *testing.T, kind testdb.Kind) {
		l := lab.New(t, kind)
		says := func(options ...testdb.Option) string {
			var said strings.Builder
			config := l.Config()
			config.Logger = slog.New(slog.NewTextHandler(&said, nil))
			config.ControlDB = testdb.Open(t, kind, options...)
			_, err := core.New(testdb.Open(t, kind, testdb.Param("wait_timeout", "10")), config)
			require.NoError(t, err)
			return said.String()
		}
		add := "add wait_timeout=10 to the DSN of ControlDB, and call SetConnMaxIdleTime with less"
		if kind == testdb.MariaDB {
			add = "add idle_transaction_timeout=4 to the DSN of ControlDB"
			require.Empty(t, says(testdb.Param("idle_transaction_timeout", "4")))
			require.Contains(t, says(testdb.Param("idle_transaction_timeout", "900")), "stand still for 900 s")
		}
		require.Contains(t, says(testdb.Param("wait_timeout", "28800")), "stand still for 28800 s")
		require.Contains(t, says(), add)
		require.Empty(t, says(testdb.Param("wait_timeout", "10")))
	}, testdb.SQLite, testdb.Postgres, testdb.Oracle, testdb.OracleH2)
}

// A pool that is just large enough does not lock itself up, however busy it is.
func TestAPoolOfTwoConnections(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		l.Start(lab.Through(func(p *lab.Pool) { p.SetMaxOpenConns(2) }))
		job := l.Job()
		var ids []int64
		for range 10 {
			ids = append(ids, l.ExecuteOf(job, client.Every(100*time.Millisecond).Times(5)))
		}
		for _, id := range ids {
			require.EqualValues(t, 5, l.UntilState(id, schema.Complete).FireCount)
		}
	})
}

// Tables under another prefix are other tables.
func TestAnotherPrefix(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		quiet := slog.New(slog.DiscardHandler)
		require.NoError(t, schema.Migrate(t.Context(), l.DB.Gorm, schema.Options{TablePrefix: "ACME_", Logger: quiet}))
		c, err := client.New(l.DB.Gorm, client.Config{TablePrefix: "ACME_"})
		require.NoError(t, err)
		l.Start(lab.With(func(c *core.Config) { c.TablePrefix = "ACME_" }))
		job, err := c.AddJob(t.Context(), client.Job{App: lab.App, Class: lab.Work})
		require.NoError(t, err)
		e, err := c.AddExecute(t.Context(), job.ID, client.Now())
		require.NoError(t, err)
		l.Until(func() bool {
			got, err := c.GetExecute(t.Context(), e.ID)
			require.NoError(t, err)
			return got.State == schema.Complete
		}, "it ran")
		require.Empty(t, l.NodeRows(), "the tables of the default prefix are not touched")
		require.EqualValues(t, -1, l.AppRow().TimePre)
	})
}
