package store

import (
	"context"
	"database/sql"
	"time"

	"gorm.io/gorm"

	"github.com/quartz-cluster/quartz/internal/sqldb"
	"github.com/quartz-cluster/quartz/internal/wait"
	"github.com/quartz-cluster/quartz/schema"
)

// The tables have no foreign keys, so the client keeps the promises of one:
// nothing is added below a row that is being deleted.
//
// Executes below a job: whoever adds one holds the job's row, shared where the
// database can, until the end of the transaction, and whoever deletes the job
// locks it before looking for executes.
//
// Jobs and nodes below an app: the app's row is wanted by every node, so a
// transaction that lasts may not keep it from them. The child is inserted
// first, and the app is looked at afterwards:
//
//	            add a job or a node                delete the app
//	PostgreSQL  INSERT, app FOR KEY SHARE          app FOR UPDATE NOWAIT, look for children, DELETE
//	MySQL       INSERT, app read without a lock    look for children FOR UPDATE NOWAIT, DELETE
//	Oracle      INSERT, app FOR UPDATE             app FOR UPDATE NOWAIT, look for children, DELETE
//	SQLite      writers are alone
//
// KEY SHARE stands in the way of a DELETE, but of no UPDATE of the app. On
// MySQL the deleter's search is what locks: at REPEATABLE READ it meets the
// children that others have inserted and not yet committed, and bars new ones
// from the gap until it has committed; whoever waited there then finds the app
// gone. The deleter itself never waits with a lock on the app: it gives up and
// tries again.
//
// What is left: in a transaction of the caller's on Oracle the app is read
// without a lock, and on MySQL at REPEATABLE READ it is read as of the
// transaction's first read; an app that is deleted just then leaves the new row
// without one until a node registers under the name again.

// JobStays locks a job against deletion until the transaction ends and returns
// its state.
func (s Store) JobStays(ctx context.Context, id int64) (schema.Job, bool, error) {
	lock := ""
	switch s.Dialect() {
	case sqldb.Postgres:
		lock = " FOR KEY SHARE"
	case sqldb.MySQL:
		// A summary is about to be taken back: two sharers would deadlock.
		seen, found, err := s.Job(ctx, id)
		if err != nil || !found {
			return seen, found, err
		}
		lock = " LOCK IN SHARE MODE"
		if seen.State == schema.Complete || seen.State == schema.Error {
			lock = " FOR UPDATE"
		}
	case sqldb.Oracle:
		lock = " FOR UPDATE"
	case sqldb.SQLite:
	}
	return first[schema.Job](ctx, s, selectJob+" WHERE ID = ?"+lock, id)
}

// LockJob locks a job, also against those who want it to stay.
func (s Store) LockJob(ctx context.Context, id int64) (schema.Job, bool, error) {
	lock := " FOR UPDATE"
	if s.Dialect() == sqldb.SQLite {
		lock = ""
	}
	return first[schema.Job](ctx, s, selectJob+" WHERE ID = ?"+lock, id)
}

// HasExecutes reports whether a job that is locked has executes.
func (s Store) HasExecutes(ctx context.Context, job int64) (bool, error) {
	query := "SELECT ID FROM QRTZ_EXECUTE WHERE PID = ? AND ORIGIN IS NULL {limit}"
	if s.Dialect() == sqldb.MySQL {
		query += " LOCK IN SHARE MODE" // what is, not what a snapshot of the caller's has seen
	}
	return s.exists(ctx, query, job, 1)
}

// AppStays reports, after the insert of a child, whether the app is there and
// stays until the transaction ends.
func (s Store) AppStays(ctx context.Context, name string, callersTx bool) (bool, error) {
	lock := ""
	switch {
	case s.Dialect() == sqldb.Postgres:
		lock = " FOR KEY SHARE"
	case s.Dialect() == sqldb.Oracle && !callersTx:
		lock = " FOR UPDATE"
	}
	return s.exists(ctx, "SELECT APPLICATION FROM QRTZ_APP WHERE APPLICATION = ?"+lock, name)
}

// AppChildren reports whether an app has nodes and jobs. going locks them, and
// the gaps for others, where that is what keeps an app childless.
func (s Store) AppChildren(ctx context.Context, name string, going bool) (nodes, jobs bool, err error) {
	lock := ""
	if going && s.Dialect() == sqldb.MySQL {
		lock = " FOR UPDATE NOWAIT"
	}
	nodes, err = s.exists(ctx, "SELECT HOST_IP FROM QRTZ_NODE WHERE APPLICATION = ? {limit}"+lock, name, 1)
	if err != nil {
		return nodes, false, err
	}
	jobs, err = s.exists(ctx, "SELECT ID FROM QRTZ_JOB WHERE APPLICATION = ? {limit}"+lock, name, 1)
	return nodes, jobs, err
}

// AppGoes runs fn in the transaction in which an app may be deleted.
func (s Store) AppGoes(ctx context.Context, name string, fn func(tx Store) error) error {
	switch s.Dialect() {
	case sqldb.MySQL:
		return s.repeatableRead(ctx, fn)
	case sqldb.SQLite:
		return s.Tx(ctx, func(db *sqldb.DB) error { return fn(Store{db}) })
	case sqldb.Postgres, sqldb.Oracle:
	}
	return s.Tx(ctx, func(db *sqldb.DB) error {
		tx := Store{db}
		if _, err := tx.exists(ctx, "SELECT APPLICATION FROM QRTZ_APP WHERE APPLICATION = ? FOR UPDATE NOWAIT", name); err != nil {
			return err
		}
		return fn(tx)
	})
}

// repeatableRead is a transaction in which MySQL locks gaps. It is repeated like
// every other one.
func (s Store) repeatableRead(ctx context.Context, fn func(tx Store) error) error {
	const attempts = 5
	var err error
	for i := range attempts {
		err = s.Gorm().WithContext(ctx).Transaction(func(tx *gorm.DB) error {
			return fn(Store{s.WithTx(tx)})
		}, &sql.TxOptions{Isolation: sql.LevelRepeatableRead})
		if !sqldb.Retryable(err) {
			break
		}
		if !wait.For(ctx, time.Duration(i+1)*20*time.Millisecond) {
			return err
		}
	}
	return err
}
