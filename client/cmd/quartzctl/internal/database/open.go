package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/logger"
)

// AwayError says that a database could not be reached.
type AwayError struct{ Err error }

func (e *AwayError) Error() string { return fmt.Sprintf("cannot reach the database: %v", e.Err) }

// Unwrap returns the driver's error.
func (e *AwayError) Unwrap() error { return e.Err }

// ErrNoFile says that a SQLite file is not there.
var ErrNoFile = errors.New("there is no such file")

// Options say how a database is opened.
type Options struct {
	// Create makes a SQLite file that is not there. Otherwise a DSN with a
	// mistake in it is refused, and leaves no file behind.
	Create bool
	// Patience bounds the first connection. Defaults to 0: the driver's own.
	Patience time.Duration
}

// Open opens the database of a DSN as [Forms] describes it, and sees that it
// answers. Close the pool with [Close].
func Open(ctx context.Context, dsn string, options Options) (*gorm.DB, error) {
	p, err := parse(dsn)
	if err != nil {
		return nil, err
	}
	if !options.Create && !p.exists() {
		return nil, &AwayError{fmt.Errorf("%s: %w", p.file, ErrNoFile)}
	}
	pool, err := sql.Open(p.driver, p.dsn)
	if err != nil {
		return nil, &AwayError{p.discreet(err)}
	}
	var db *gorm.DB
	// Before the dialectors ask for the version, and wait for it as long as it takes.
	if err = ping(ctx, pool, options.Patience); err == nil {
		db, err = gorm.Open(p.dialector(pool), &gorm.Config{Logger: logger.Discard, DisableAutomaticPing: true})
	}
	if err != nil {
		_ = pool.Close()
		return nil, &AwayError{p.discreet(err)}
	}
	return db, nil
}

func ping(ctx context.Context, pool *sql.DB, patience time.Duration) error {
	if patience > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, patience)
		defer cancel()
	}
	return pool.PingContext(ctx)
}

// Close closes the pool of db; nil has none.
func Close(db *gorm.DB) error {
	if db == nil {
		return nil
	}
	pool, err := db.DB()
	if err != nil {
		return err
	}
	return pool.Close()
}
