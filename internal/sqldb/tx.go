package sqldb

import (
	"context"
	"database/sql"
	"time"

	"github.com/quartz-cluster/quartz/internal/wait"
	"gorm.io/gorm"
)

// LockTimeout bounds how long a transaction of the product's own waits for a
// row, and IdleTimeout how long it may stand still between two statements
// before PostgreSQL ends it: a stopped process must not hold rows for hours.
const (
	LockTimeout = 3 * time.Second
	IdleTimeout = 4 * time.Second
)

const attempts = 5

// Tx runs fn in a READ COMMITTED transaction and commits it. A deadlock, a
// lock timeout or a serialization failure runs fn again from its start, up to
// five times, so fn must keep nothing from a run that failed. Inside a
// transaction of the caller's it is that transaction, and is never repeated.
func (d *DB) Tx(ctx context.Context, fn func(tx *DB) error) error {
	if d.inTx {
		return fn(d)
	}
	var err error
	for i := range attempts {
		if err = d.once(ctx, fn); err == nil || !Retryable(err) {
			return err
		}
		if !wait.For(ctx, time.Duration(i+1)*20*time.Millisecond) {
			return err
		}
	}
	return err
}

// TxOnce is Tx without the repeats.
func (d *DB) TxOnce(ctx context.Context, fn func(tx *DB) error) error {
	if d.inTx {
		return fn(d)
	}
	return d.once(ctx, fn)
}

func (d *DB) once(ctx context.Context, fn func(tx *DB) error) error {
	var opts []*sql.TxOptions
	// It is Oracle's own level, whose driver refuses to be told, and SQLite has none.
	if d.dialect != SQLite && d.dialect != Oracle {
		opts = append(opts, &sql.TxOptions{Isolation: sql.LevelReadCommitted})
	}
	return d.fresh(ctx).Transaction(func(tx *gorm.DB) error {
		in := *d
		in.session, in.inTx = tx, true
		if d.dialect == Postgres {
			_, err := in.Exec(ctx, "SELECT set_config('lock_timeout', ?, true), set_config('idle_in_transaction_session_timeout', ?, true)",
				LockTimeout.String(), IdleTimeout.String())
			if err != nil {
				return err
			}
		}
		return fn(&in)
	}, opts...)
}
