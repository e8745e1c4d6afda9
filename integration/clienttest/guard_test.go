package clienttest

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/integration/internal/testdb"
	"github.com/quartz-cluster/quartz/internal/sqldb"
)

// shortly bounds a call that is expected to wait for somebody else's
// transaction for as long as it may.
const shortly = 300 * time.Millisecond

// begin opens a transaction of the caller's that is rolled back at the end of
// the test unless it was ended before.
func (f *fixture) begin() (*gorm.DB, *client.Client) {
	f.Helper()
	tx := f.db.Begin()
	require.NoError(f, tx.Error)
	f.Cleanup(func() { tx.Rollback() })
	return tx, f.WithTx(tx)
}

// concurrent reports whether transactions write side by side. On SQLite, where
// nobody writes while another does, there is nothing to guard.
func (f *fixture) concurrent() bool { return f.kind != testdb.SQLite }

func TestJobIsNotDeletedUnderAnExecuteThatIsBeingAdded(t *testing.T) {
	each(t, func(f *fixture) {
		if !f.concurrent() {
			return
		}
		job := f.job()
		impatient := f.another(client.Config{CallTimeout: shortly})
		tx, in := f.begin()
		_, err := in.AddExecute(f.ctx, job.ID, client.Now())
		require.NoError(f, err)
		require.Error(f, impatient.DeleteJob(f.ctx, job.ID))
		_, err = impatient.DeleteJobWithExecutes(f.ctx, job.ID)
		require.Error(f, err)
		require.NoError(f, tx.Commit().Error)
		requireConflict(f, f.DeleteJob(f.ctx, job.ID), client.KindJob)
		n, err := f.DeleteJobWithExecutes(f.ctx, job.ID)
		require.NoError(f, err)
		require.Equal(f, 1, n)
	})
}

func TestNoExecuteIsAddedUnderAJobThatIsBeingDeleted(t *testing.T) {
	each(t, func(f *fixture) {
		if !f.concurrent() {
			return
		}
		job := f.job()
		impatient := f.another(client.Config{CallTimeout: shortly})
		tx, in := f.begin()
		require.NoError(f, in.DeleteJob(f.ctx, job.ID))
		_, err := impatient.AddExecute(f.ctx, job.ID, client.Now())
		require.Error(f, err)
		require.NotErrorIs(f, err, client.ErrNotFound, "the deletion may yet be rolled back")
		require.NoError(f, tx.Commit().Error)
		_, err = f.AddExecute(f.ctx, job.ID, client.Now())
		require.ErrorIs(f, err, client.ErrNotFound)
	})
}

func TestAppIsNotDeletedUnderWhatIsBeingAdded(t *testing.T) {
	each(t, func(f *fixture) {
		if !f.concurrent() || f.sql.Dialect() == sqldb.Oracle {
			return // Oracle has no lock that keeps an app and lets its nodes write it
		}
		impatient := f.another(client.Config{CallTimeout: shortly})
		for name, add := range map[string]func(c *client.Client) error{
			"job": func(c *client.Client) error {
				_, err := c.AddJob(f.ctx, client.Job{App: "other", Class: "x"})
				return err
			},
			"node": func(c *client.Client) error {
				_, err := c.AddNode(f.ctx, client.Node{App: "other", Key: "k"})
				return err
			},
		} {
			_, err := f.EnsureApp(f.ctx, "other")
			require.NoError(f, err)
			tx, in := f.begin()
			require.NoError(f, add(in), name)
			require.Error(f, impatient.DeleteApp(f.ctx, "other"), name)

			// Meanwhile the nodes of the app go on locking and writing its row.
			ctx, cancel := context.WithTimeout(f.ctx, time.Minute)
			var n int64
			err = f.sql.Tx(ctx, func(tx *sqldb.DB) error {
				var app string
				found, err := tx.One(ctx, []any{&app}, "SELECT APPLICATION FROM QRTZ_APP WHERE APPLICATION = 'other' {skip locked}")
				if err != nil || !found {
					return err
				}
				n, err = tx.Exec(ctx, "UPDATE QRTZ_APP SET TIME_NEXT = TIME_NEXT + 1 WHERE APPLICATION = 'other'")
				return err
			})
			cancel()
			require.NoError(f, err, name)
			require.EqualValues(f, 1, n)

			require.NoError(f, tx.Rollback().Error)
			require.NoError(f, f.DeleteApp(f.ctx, "other"), name)
		}
	})
}

// race runs two calls at once, many times over, and lets check look at what
// they left.
func (f *fixture) race(rounds int, prepare func() (a, b func() error), check func()) {
	f.Helper()
	for range rounds {
		a, b := prepare()
		var both sync.WaitGroup
		gate := make(chan struct{})
		for _, call := range []func() error{a, b} {
			both.Go(func() {
				<-gate
				err := call()
				var conflict *client.StateConflictError
				if err != nil && !errors.Is(err, client.ErrNotFound) && !errors.As(err, &conflict) {
					f.Errorf("neither done nor refused: %v", err)
				}
			})
		}
		close(gate)
		both.Wait()
		check()
	}
}

const orphans = `SELECT COUNT(*) FROM QRTZ_EXECUTE E WHERE NOT EXISTS (SELECT 1 FROM QRTZ_JOB J WHERE J.ID = E.PID)`

func TestDeletingAJobAgainstAddingAnExecute(t *testing.T) {
	each(t, func(f *fixture) {
		f.race(30, func() (a, b func() error) {
			id := f.job().ID
			return func() error { return f.DeleteJob(f.ctx, id) },
				func() error { _, err := f.AddExecute(f.ctx, id, client.Now()); return err }
		}, func() { require.Zero(f, f.count(orphans)) })
		f.race(15, func() (a, b func() error) {
			e := f.execute(client.Now())
			return func() error { _, err := f.DeleteJobWithExecutes(f.ctx, e.JobID); return err },
				func() error { _, err := f.AddExecute(f.ctx, e.JobID, client.Now()); return err }
		}, func() { require.Zero(f, f.count(orphans)) })
	})
}

func TestDeletingAnAppAgainstAddingBelowIt(t *testing.T) {
	each(t, func(f *fixture) {
		app := func() {
			_, err := f.EnsureApp(f.ctx, "other")
			require.NoError(f, err)
		}
		var job *client.JobInfo
		f.race(30, func() (a, b func() error) {
			app()
			job = nil
			return func() error { return f.DeleteApp(f.ctx, "other") },
				func() (err error) { job, err = f.AddJob(f.ctx, client.Job{App: "other", Class: "x"}); return err }
		}, func() {
			require.Zero(f, f.count(`SELECT COUNT(*) FROM QRTZ_JOB J WHERE NOT EXISTS (SELECT 1 FROM QRTZ_APP A WHERE A.APPLICATION = J.APPLICATION)`))
			if job != nil {
				require.NoError(f, f.DeleteJob(f.ctx, job.ID))
			}
		})
		var node *client.NodeInfo
		f.race(30, func() (a, b func() error) {
			app()
			node = nil
			return func() error { return f.DeleteApp(f.ctx, "other") },
				func() (err error) { node, err = f.AddNode(f.ctx, client.Node{App: "other", Key: "k"}); return err }
		}, func() {
			require.Zero(f, f.count(`SELECT COUNT(*) FROM QRTZ_NODE N WHERE NOT EXISTS (SELECT 1 FROM QRTZ_APP A WHERE A.APPLICATION = N.APPLICATION)`))
			if node != nil {
				require.NoError(f, f.DeleteNode(f.ctx, "other", "k"))
			}
		})
	})
}
