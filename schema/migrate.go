package schema

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"

	"github.com/quartz-cluster/quartz/internal/sqldb"
	"github.com/quartz-cluster/quartz/internal/wait"
)

// A statement that could not have its table is tried again: others may hold it
// for a while, and on Oracle another Migrate may be at work.
const (
	tries    = 20
	tryAgain = 500 * time.Millisecond
)

// Migrate creates the four tables, or brings those that are there up to date: an
// older version's, the Java edition's v1.3, or what a Migrate that was
// interrupted left. All rows are kept. It may be called at every start, by any
// number of processes at once: one works, the others wait and find it done; where
// nothing is amiss it only reads. db must not be a transaction.
//
// # What it changes
//
// Columns and indexes that are missing are added, columns that are too small are
// widened, and where a column must allow null it is made to. On MySQL the tables
// are moved to InnoDB and the utf8mb4_bin collation. Nothing is dropped, narrowed
// or renamed. Then rows that the Java edition's client wrote are taken over, in
// short transactions: see [AdoptStart] and [Options].DefaultZone. Rows with a zone that
// is no IANA name are left as they are; the worker puts them into ERROR and says
// why.
//
// # What waits meanwhile
//
// With rows in the tables, plan for it. Each statement waits three seconds at
// most for its table, and others wait behind it for as long; then it lets go and
// tries again, some twenty times, before Migrate fails.
//
//	PostgreSQL  One transaction: once it has its tables, reads and writes wait until
//	            the end. New columns take no time; two integer columns that become
//	            bigint rewrite QRTZ_EXECUTE, and the new indexes are built, together
//	            some seconds per million rows. It all happens or nothing does.
//	MySQL       One statement per table copies it: writes wait, reads go on. Then an
//	            index at a time, during which writes go on.
//	Oracle      New columns and widening change the dictionary alone; each index
//	            is built while writes wait.
//	SQLite      One transaction: writers wait, readers go on in WAL mode.
func Migrate(ctx context.Context, db *gorm.DB, opts Options) error {
	t, err := open(db, opts)
	if err != nil {
		return err
	}
	if t.db.InTx() {
		return errors.New("schema: Migrate needs db itself, not a transaction on it: most databases commit at every change of a table")
	}
	if err := t.shape(ctx); err != nil {
		return err
	}
	return t.takeOver(ctx)
}

// shape makes the tables what they should be.
func (t *tables) shape(ctx context.Context) error {
	// Most starts find nothing to do, and need not wait for each other.
	state, err := t.compare(ctx, t.db)
	if err != nil || len(state.problems) == 0 {
		return err
	}
	return t.alone(ctx, func(in *sqldb.DB) error { return t.mend(ctx, in) })
}

// alone runs fn while no other process migrates these tables, and again when the
// database gave up on a statement of it.
func (t *tables) alone(ctx context.Context, fn func(in *sqldb.DB) error) error {
	for try := 1; ; try++ {
		err := t.db.Exclusive(ctx, fn)
		if err == nil || try == tries || !sqldb.Retryable(err) && !sqldb.Exists(err) {
			return err
		}
		t.opts.logger().InfoContext(ctx, "schema: a table is in use, trying again", "try", try, "of", tries, "error", err)
		if !wait.For(ctx, tryAgain) {
			return fmt.Errorf("%w while a table was in use: %w", ctx.Err(), err)
		}
	}
}

// mend compares again, now that nobody else changes the tables, and sends what
// is still to do.
func (t *tables) mend(ctx context.Context, in *sqldb.DB) error {
	state, err := t.compare(ctx, in)
	if err != nil {
		return err
	}
	if err := state.beyondUs(); err != nil {
		return err
	}
	began := time.Now()
	for _, statement := range state.statements {
		start := time.Now()
		if err := in.ExecAsIs(ctx, statement); err != nil {
			return fmt.Errorf("schema: %w in: %s", err, statement)
		}
		t.opts.logger().DebugContext(ctx, "schema: done", "statement", statement, "took", time.Since(start))
	}
	if len(state.statements) > 0 {
		t.opts.logger().InfoContext(ctx, "schema: brought the tables up to date", "prefix", t.names.Config.Table(""),
			"statements", len(state.statements), "took", time.Since(began).Round(time.Millisecond))
	}
	return nil
}
