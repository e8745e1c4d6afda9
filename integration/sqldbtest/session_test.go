package sqldbtest

import (
	"context"
	"errors"
	"reflect"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"
	"gorm.io/gorm/schema"

	"github.com/quartz-cluster/quartz/integration/internal/testdb"
	"github.com/quartz-cluster/quartz/internal/sqldb"
)

// loud counts what it is told.
type loud struct{ lines *atomic.Int64 }

func (l loud) LogMode(logger.LogLevel) logger.Interface                        { return l }
func (l loud) Info(context.Context, string, ...any)                            { l.lines.Add(1) }
func (l loud) Warn(context.Context, string, ...any)                            { l.lines.Add(1) }
func (l loud) Error(context.Context, string, ...any)                           { l.lines.Add(1) }
func (l loud) Trace(context.Context, time.Time, func() (string, int64), error) { l.lines.Add(1) }

// Whatever a caller has made of its session, our statements run as written and
// the caller keeps the session that it had.
func TestTheCallersSessionDoesNotReachUs(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		migrated(t, db, 2)
		var lines atomic.Int64
		failed := db.Gorm.Session(&gorm.Session{})
		_ = failed.AddError(errors.New("of the caller's last statement"))
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		for name, caller := range map[string]*gorm.DB{
			"prepared":  db.Gorm.Session(&gorm.Session{PrepareStmt: true}),
			"dry run":   db.Gorm.Session(&gorm.Session{DryRun: true}),
			"scoped":    db.Gorm.Where("1 = 0").Limit(1).Order("nothing"),
			"scope":     db.Gorm.Scopes(func(tx *gorm.DB) *gorm.DB { return tx.Where("tenant = 7") }),
			"model":     db.Gorm.Table("nowhere").Select("nothing"),
			"unscoped":  db.Gorm.Unscoped(),
			"loud":      db.Gorm.Session(&gorm.Session{Logger: loud{&lines}}),
			"debug":     db.Gorm.Session(&gorm.Session{Logger: loud{&lines}}).Debug(),
			"failed":    failed,
			"cancelled": db.Gorm.WithContext(ended),
			"naming": func() *gorm.DB {
				s := db.Gorm.Session(&gorm.Session{})
				s.Config.NamingStrategy = schema.NamingStrategy{TablePrefix: "t_", SingularTable: true, NoLowerCase: true}
				s.Config.TranslateError = true
				return s
			}(),
		} {
			t.Run(name, func(t *testing.T) {
				config := *caller.Config
				clauses, failure, ctx := len(caller.Statement.Clauses), caller.Error, caller.Statement.Context

				d := open(t, caller)
				before := lines.Load()
				require.Len(t, jobs(t, d), 2)
				n, err := set(t, d, 1, "by "+name)
				require.NoError(t, err)
				require.EqualValues(t, 1, n)
				require.NoError(t, d.Tx(t.Context(), func(tx *sqldb.DB) error {
					n, err := set(t, tx, 2, "by "+name)
					require.EqualValues(t, 1, n)
					return err
				}))
				require.Equal(t, "by "+name, jobs(t, open(t, db.Gorm))[1].Class)
				_, err = d.Exec(t.Context(), "SELEKT")
				require.Error(t, err)
				require.NotErrorIs(t, sqldb.Insert(t.Context(), d, "QRTZ_JOB", job(1)), gorm.ErrDuplicatedKey)
				require.Equal(t, before, lines.Load(), "our statements are not the caller's to log")

				require.True(t, sameConfig(config, *caller.Config))
				require.Len(t, caller.Statement.Clauses, clauses)
				require.Equal(t, failure, caller.Error)
				require.Equal(t, ctx, caller.Statement.Context)
			})
		}
	})
}

// sameConfig compares what a session can change.
func sameConfig(a, b gorm.Config) bool {
	return a.PrepareStmt == b.PrepareStmt && a.DryRun == b.DryRun && a.TranslateError == b.TranslateError &&
		a.SkipDefaultTransaction == b.SkipDefaultTransaction && a.ConnPool == b.ConnPool &&
		reflect.DeepEqual(a.Logger, b.Logger) && reflect.DeepEqual(a.NamingStrategy, b.NamingStrategy)
}

// A statement of ours inside a caller's transaction ends with it.
func TestInTheCallersTransaction(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		d := migrated(t, db, 1)
		for name, begin := range map[string]func() (in *sqldb.DB, rollback func() error){
			"gorm": func() (*sqldb.DB, func() error) {
				tx := db.Gorm.Begin()
				return d.WithTx(tx), func() error { return tx.Rollback().Error }
			},
			"gorm, opened in it": func() (*sqldb.DB, func() error) {
				tx := db.Gorm.Begin()
				return open(t, tx), func() error { return tx.Rollback().Error }
			},
			"gorm, prepared": func() (*sqldb.DB, func() error) {
				tx := db.Gorm.Session(&gorm.Session{PrepareStmt: true}).Begin()
				return open(t, tx), func() error { return tx.Rollback().Error }
			},
			"database/sql": func() (*sqldb.DB, func() error) {
				pool, err := db.Gorm.DB()
				require.NoError(t, err)
				tx, err := pool.BeginTx(t.Context(), nil)
				require.NoError(t, err)
				return d.WithSQLTx(tx), tx.Rollback
			},
		} {
			t.Run(name, func(t *testing.T) {
				in, rollback := begin()
				require.True(t, in.InTx())
				require.False(t, d.InTx())
				runs := 0
				failure := errors.New("deadlock of its own")
				require.ErrorIs(t, in.Tx(t.Context(), func(tx *sqldb.DB) error {
					runs++
					_, err := set(t, tx, 1, "undone")
					require.NoError(t, err)
					require.Equal(t, "undone", jobs(t, tx)[0].Class)
					return failure
				}), failure)
				require.Equal(t, 1, runs)
				require.Equal(t, "undone", jobs(t, in)[0].Class, "ended by the caller alone")
				require.ErrorContains(t, in.Exclusive(t.Context(), func(*sqldb.DB) error { return nil }), "not a transaction")
				require.NoError(t, rollback())
				require.Equal(t, "c", jobs(t, d)[0].Class)
			})
		}
	})
}
