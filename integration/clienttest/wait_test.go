package clienttest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/integration/internal/testdb"
	"github.com/quartz-cluster/quartz/internal/sqldb"
	"github.com/quartz-cluster/quartz/schema"
)

// lockWaits counts the statements of the test's own database that wait for a
// lock, on the servers that tell.
var lockWaits = map[testdb.Kind]string{
	testdb.Postgres: "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
	testdb.MariaDB:  innodbWaits,
	testdb.MySQL:    innodbWaits,
}

const innodbWaits = `SELECT COUNT(*) FROM information_schema.INNODB_TRX T JOIN information_schema.PROCESSLIST P ON P.ID = T.trx_mysql_thread_id
	WHERE T.trx_state = 'LOCK WAIT' AND P.DB = DATABASE()`

// overtake runs call, and commits change when call has read the row and waits
// to write it: so call has seen what was before, and meets what is after.
func (f *fixture) overtake(change string, id client.ID, call func() error) error {
	f.Helper()
	return f.overtakeBy(func(tx *sqldb.DB) {
		_, err := tx.Exec(f.ctx, change, int64(id))
		require.NoError(f, err)
	}, call)
}

func (f *fixture) overtakeBy(change func(tx *sqldb.DB), call func() error) error {
	f.Helper()
	tx := f.db.Begin()
	require.NoError(f, tx.Error)
	defer tx.Rollback()
	change(f.sql.WithTx(tx))
	done := make(chan error, 1)
	go func() { done <- call() }()
	require.Eventually(f, func() bool { return f.waits() > 0 }, time.Minute, 150*time.Millisecond) // InnoDB looks anew only for those who let 100 ms pass
	require.NoError(f, tx.Commit().Error)
	return <-done
}

// waits asks outside of the transaction that is waited for: PostgreSQL shows a
// transaction what it has looked at before.
func (f *fixture) waits() (n int64) {
	require.NoError(f, f.db.Raw(lockWaits[f.kind]).Row().Scan(&n))
	return n
}

func TestCallThatWasOvertakenDecidesAnew(t *testing.T) {
	each(t, func(f *fixture) {
		if lockWaits[f.kind] == "" {
			return // there is no telling when the call waits
		}
		e := f.execute(client.Every(time.Minute))
		err := f.overtake("UPDATE QRTZ_EXECUTE SET STATE = 'COMPLETE' WHERE ID = ?", e.ID, func() error {
			_, err := f.PauseExecute(f.ctx, e.ID)
			return err
		})
		requireConflict(f, err, client.KindExecute)
		require.Equal(f, schema.Complete, f.row(e.ID).State)

		e = f.execute(client.Every(time.Minute), client.Paused())
		err = f.overtake("UPDATE QRTZ_EXECUTE SET VERSION = VERSION + 1, NEXT_FIRE_TIME = NULL WHERE ID = ?", e.ID, func() error {
			_, err := f.ResumeExecute(f.ctx, e.ID)
			return err
		})
		require.NoError(f, err)
		require.NotZero(f, f.row(e.ID).NextFireTime, "computed for what was found")
		require.EqualValues(f, 2, f.row(e.ID).Version)

		e = f.execute(client.Every(time.Minute))
		err = f.overtake("UPDATE QRTZ_EXECUTE SET VERSION = VERSION + 1 WHERE ID = ?", e.ID, func() error {
			_, err := f.UpdateExecute(f.ctx, e.ID, e.Version, client.SetName("x"))
			return err
		})
		var version *client.VersionConflictError
		require.ErrorAs(f, err, &version)

		err = f.overtake("UPDATE QRTZ_JOB SET VERSION = VERSION + 1 WHERE ID = ?", e.JobID, func() error {
			_, err := f.UpdateJob(f.ctx, e.JobID, 0, client.SetClass("x"))
			return err
		})
		require.ErrorAs(f, err, &version)
		require.EqualValues(f, 1, version.Current)

		err = f.overtake("DELETE FROM QRTZ_JOB WHERE ID = ?", e.JobID, func() error {
			_, err := f.AddExecute(f.ctx, e.JobID, client.Now())
			return err
		})
		require.ErrorIs(f, err, client.ErrNotFound)
	})
}

func TestNodeEditThatMeetsAnother(t *testing.T) {
	each(t, func(f *fixture) {
		if lockWaits[f.kind] == "" {
			return // there is no telling when the call waits
		}
		f.register("k", node)
		for _, change := range []string{"HOST_NAME = 'renamed'", "BARRED = 'C'"} {
			err := f.overtake("UPDATE QRTZ_NODE SET "+change+" WHERE NODE_ID = ?", node, func() error {
				_, err := f.PauseNode(f.ctx, "billing", "k")
				return err
			})
			require.NoError(f, err)
			require.Equal(f, schema.Off, f.nodeRow("k").State)
			_, err = f.ResumeNode(f.ctx, "billing", "k")
			require.NoError(f, err)
		}
		row := f.nodeRow("k")
		require.Equal(f, "renamed", row.HostName, "an edit in between is not lost")
		require.EqualValues(f, "C", row.Barred)
		err := f.overtake("UPDATE QRTZ_NODE SET STATE = 'N' WHERE NODE_ID = ?", node, func() error {
			_, err := f.BarNode(f.ctx, "billing", "k")
			return err
		})
		require.NoError(f, err)
		require.Equal(f, schema.Off, f.nodeRow("k").State)
	})
}
