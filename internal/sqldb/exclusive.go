package sqldb

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"hash/fnv"
	"strings"
	"time"

	"gorm.io/gorm"
)

// Exclusive runs fn while no other process runs an Exclusive on the same
// tables, and waits for its turn until ctx ends. fn must keep to the DB that it
// is given, which is one connection, so that a pool of one suffices. How it is
// kept out of the others' way, and what is undone when it fails:
//
//	PostgreSQL   an advisory lock of a transaction    all
//	SQLite       a transaction that begins IMMEDIATE  all
//	MySQL        GET_LOCK on the connection           nothing: DDL commits by itself
//	Oracle       nothing: DBMS_LOCK needs a grant     nothing: DDL commits by itself
//
// On Oracle fn has to expect others that do the same at the same time: see
// [Exists] and [Retryable]. Statements of fn wait for a lock on a table or a row
// for [LockTimeout] and then fail with an error that is Retryable, where the
// database lets a session say so.
func (d *DB) Exclusive(ctx context.Context, fn func(in *DB) error) error {
	if d.inTx {
		return errors.New("sqldb: an exclusive section needs a connection of its own, not a transaction")
	}
	switch d.dialect {
	case Postgres:
		return d.exclusiveTx(ctx, fn)
	case MySQL:
		return d.exclusiveNamed(ctx, fn)
	case SQLite:
		return d.exclusiveFile(ctx, fn)
	default:
		return fn(d)
	}
}

func (d *DB) exclusiveTx(ctx context.Context, fn func(in *DB) error) error {
	h := fnv.New64a()
	_, _ = h.Write([]byte("quartz " + strings.ToLower(d.config.Table(""))))
	return d.once(ctx, func(in *DB) error {
		// The wait for the others is bounded by ctx alone.
		if _, err := in.Exec(ctx, "SELECT set_config('lock_timeout', '0', true)"); err != nil {
			return err
		}
		if _, err := in.Exec(ctx, "SELECT pg_advisory_xact_lock(?)", int64(h.Sum64())); err != nil {
			return err
		}
		if _, err := in.Exec(ctx, "SELECT set_config('lock_timeout', ?, true)", LockTimeout.String()); err != nil {
			return err
		}
		return fn(in)
	})
}

func (d *DB) exclusiveNamed(ctx context.Context, fn func(in *DB) error) error {
	return d.connection(ctx, func(in *DB, conn *sql.Conn) (err error) {
		// Names are the server's, not the database's, and 64 characters at most,
		// which SHA-224 leaves room for. MySQL from 9.6 on has no MD5.
		var name string
		_, err = in.One(ctx, []any{Null(&name)}, "SELECT CONCAT('quartz ', SHA2(CONCAT(COALESCE(?, DATABASE(), ''), '.', ?), 224))",
			orNull(d.config.Schema), d.config.Prefix)
		if err != nil {
			return err
		}
		for got := int64(0); got != 1; {
			if _, err := in.One(ctx, []any{Null(&got)}, "SELECT GET_LOCK(?, 5)", name); err != nil {
				return err
			}
			if err := ctx.Err(); err != nil {
				return err
			}
		}
		var wait int64
		restore := func() error {
			ctx, cancel := afterwards(ctx)
			defer cancel()
			if wait > 0 {
				if _, err := in.Exec(ctx, fmt.Sprintf("SET SESSION lock_wait_timeout = %d", wait)); err != nil {
					return err
				}
			}
			_, err := in.Exec(ctx, "DO RELEASE_LOCK(?)", name)
			return err
		}
		defer func() {
			if restore() != nil {
				discard(conn) // the server lets go of what the connection held
			}
		}()
		// A statement that changes a table waits up to a day by default, and all
		// others wait behind it.
		if _, err := in.One(ctx, []any{Null(&wait)}, "SELECT @@SESSION.lock_wait_timeout"); err != nil {
			return err
		}
		if _, err := in.Exec(ctx, fmt.Sprintf("SET SESSION lock_wait_timeout = %d", int(LockTimeout.Seconds()))); err != nil {
			return err
		}
		return fn(in)
	})
}

func (d *DB) exclusiveFile(ctx context.Context, fn func(in *DB) error) error {
	return d.connection(ctx, func(in *DB, conn *sql.Conn) (err error) {
		if _, err := in.Exec(ctx, "BEGIN IMMEDIATE"); err != nil {
			return err
		}
		in.inTx = true
		done := false
		defer func() {
			if done {
				return
			}
			ctx, cancel := afterwards(ctx)
			defer cancel()
			if _, err := in.Exec(ctx, "ROLLBACK"); err != nil && !strings.Contains(err.Error(), "no transaction is active") {
				discard(conn)
			}
		}()
		if err := fn(in); err != nil {
			return err
		}
		_, err = in.Exec(ctx, "COMMIT")
		done = err == nil
		return err
	})
}

// connection runs fn on one connection of the pool.
func (d *DB) connection(ctx context.Context, fn func(in *DB, conn *sql.Conn) error) error {
	return d.fresh(ctx).Connection(func(tx *gorm.DB) error {
		in := *d
		in.session = tx
		return fn(&in, tx.Statement.ConnPool.(*sql.Conn))
	})
}

// afterwards is the context in which a connection is put in order once the work
// on it has ended, ctx with it perhaps.
func afterwards(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
}

// discard keeps the connection from going back to the pool.
func discard(conn *sql.Conn) {
	_ = conn.Raw(func(any) error { return driver.ErrBadConn })
}

func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}
