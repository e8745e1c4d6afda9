package clienttest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/integration/internal/testdb"
	"github.com/quartz-cluster/quartz/schema"
)

// lockWaits counts the statements that wait for a lock, on the databases that
// tell.
var lockWaits = map[testdb.Kind]string{
	testdb.Postgres: "SELECT COUNT(*) FROM pg_locks WHERE NOT granted",
	testdb.MariaDB:  "SELECT COUNT(*) FROM information_schema.INNODB_TRX WHERE trx_state = 'LOCK WAIT'",
	testdb.MySQL:    "SELECT COUNT(*) FROM information_schema.INNODB_TRX WHERE trx_state = 'LOCK WAIT'",
}

// overtake runs call, and commits change when call has read the row and waits
// to write it: so call has seen what was before, and meets what is after.
func (f *fixture) overtake(change string, id client.ID, call func() error) error {
	f.Helper()
	tx := f.db.Begin()
	require.NoError(f, tx.Error)
	defer tx.Rollback()
	require.NoError(f, tx.Exec(change, int64(id)).Error)
	done := make(chan error, 1)
	go func() { done <- call() }()
	require.Eventually(f, func() bool { return f.waits(tx) > 0 }, 20*time.Second, 150*time.Millisecond) // InnoDB looks anew only for those who let 100 ms pass
	require.NoError(f, tx.Commit().Error)
	return <-done
}

func (f *fixture) waits(tx *gorm.DB) (n int64) {
	require.NoError(f, tx.Raw(lockWaits[f.kind]).Row().Scan(&n))
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
