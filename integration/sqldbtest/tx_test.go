package sqldbtest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/integration/internal/testdb"
	"github.com/quartz-cluster/quartz/internal/sqldb"
)

func TestTxCommitsOrUndoes(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		d := migrated(t, db, 1)
		single(t, db.Gorm) // a pool of one must do
		failure := errors.New("no")
		require.ErrorIs(t, d.Tx(t.Context(), func(tx *sqldb.DB) error {
			require.True(t, tx.InTx())
			_, err := set(t, tx, 1, "undone")
			require.NoError(t, err)
			return failure
		}), failure)
		require.PanicsWithValue(t, "bug", func() {
			_ = d.Tx(t.Context(), func(tx *sqldb.DB) error {
				_, err := set(t, tx, 1, "undone")
				require.NoError(t, err)
				panic("bug")
			})
		})
		require.Equal(t, "c", jobs(t, d)[0].Class)
		require.NoError(t, d.Tx(t.Context(), func(tx *sqldb.DB) error {
			return tx.Tx(t.Context(), func(tx *sqldb.DB) error {
				_, err := set(t, tx, 1, "done")
				return err
			})
		}))
		require.Equal(t, "done", jobs(t, d)[0].Class)
	})
}

type busy struct{}

func (busy) Error() string    { return "deadlock detected" }
func (busy) SQLState() string { return "40P01" }

func TestTxRepeatsWhatMayMend(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		d := migrated(t, db, 1)
		runs := 0
		require.NoError(t, d.Tx(t.Context(), func(tx *sqldb.DB) error {
			runs++
			if _, err := set(t, tx, 1, "run "+string(rune('0'+runs))); err != nil {
				return err
			}
			if runs < 3 {
				return busy{}
			}
			return nil
		}))
		require.Equal(t, 3, runs)
		require.Equal(t, "run 3", jobs(t, d)[0].Class)

		runs = 0
		require.ErrorIs(t, d.Tx(t.Context(), func(*sqldb.DB) error { runs++; return busy{} }), busy{})
		require.Equal(t, 5, runs, "not for ever")
		runs = 0
		require.ErrorIs(t, d.TxOnce(t.Context(), func(*sqldb.DB) error { runs++; return busy{} }), busy{})
		require.Equal(t, 1, runs)
		runs = 0
		ctx, cancel := context.WithCancel(t.Context())
		require.Error(t, d.Tx(ctx, func(*sqldb.DB) error { runs++; cancel(); return busy{} }))
		require.Equal(t, 1, runs)
	})
}

// At REPEATABLE READ, MySQL's own default, the second reading would not see it,
// and sub-selects of an UPDATE would lock what they read.
func TestTxIsReadCommitted(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		if db.Kind == testdb.SQLite {
			return // nobody else writes meanwhile
		}
		d := migrated(t, db, 1)
		other := another(t, db)
		require.NoError(t, d.Tx(t.Context(), func(tx *sqldb.DB) error {
			require.Equal(t, "c", jobs(t, tx)[0].Class)
			_, err := set(t, other, 1, "meanwhile")
			require.NoError(t, err)
			require.Equal(t, "meanwhile", jobs(t, tx)[0].Class)
			return nil
		}))
	})
}

// A stopped process must not hold rows for hours, and none of it stays with the
// caller's connection.
func TestTxBoundsItsWaitsOnPostgres(t *testing.T) {
	db := testdb.New(t, testdb.Postgres)
	d := migrated(t, db, 0)
	single(t, db.Gorm)
	setting := func(d *sqldb.DB, name string) (value string) {
		_, err := d.One(t.Context(), []any{sqldb.Null(&value)}, "SELECT current_setting('"+name+"')")
		require.NoError(t, err)
		return value
	}
	inside := func(d *sqldb.DB) error {
		require.Equal(t, sqldb.LockTimeout.String(), setting(d, "lock_timeout"))
		require.Equal(t, sqldb.IdleTimeout.String(), setting(d, "idle_in_transaction_session_timeout"))
		return nil
	}
	require.NoError(t, d.Tx(t.Context(), inside))
	require.NoError(t, d.Exclusive(t.Context(), inside))
	require.Equal(t, "0", setting(d, "lock_timeout"))
	require.Equal(t, "0", setting(d, "idle_in_transaction_session_timeout"))
}

func TestSkipLockedLeavesOutWhatIsHeld(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		if db.Kind == testdb.SQLite {
			return
		}
		d := migrated(t, db, 3)
		other := another(t, db)
		require.NoError(t, d.Tx(t.Context(), func(tx *sqldb.DB) error {
			var id int64
			found, err := tx.One(t.Context(), []any{sqldb.Null(&id)}, "SELECT ID FROM QRTZ_JOB WHERE ID = 2 {for update}")
			require.NoError(t, err)
			require.True(t, found)
			return other.Tx(t.Context(), func(tx *sqldb.DB) error {
				var ids []int64
				rows, err := sqldb.Select[struct {
					ID int64 `gorm:"column:ID"`
				}](t.Context(), tx, "SELECT ID FROM QRTZ_JOB WHERE ID IN ? ORDER BY ID {skip locked}", []int64{1, 2, 3})
				for _, r := range rows {
					ids = append(ids, r.ID)
				}
				require.Equal(t, []int64{1, 3}, ids)
				return err
			})
		}))
	})
}

func TestTheDatabaseTellsItsTime(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		d := migrated(t, db, 1)
		now, err := d.Now(t.Context())
		require.NoError(t, err)
		require.WithinDuration(t, time.Now(), now, time.Hour, "UTC, whatever the server's zone")
		require.NoError(t, d.Tx(t.Context(), func(tx *sqldb.DB) error {
			first, err := tx.Now(t.Context())
			require.NoError(t, err)
			require.Eventually(t, func() bool {
				later, err := tx.Now(t.Context())
				return err == nil && later.After(first)
			}, time.Minute, 5*time.Millisecond, "it goes on inside a transaction")
			return nil
		}))
		n, err := d.Exec(t.Context(), "UPDATE QRTZ_JOB SET UPDATE_TIME = {now} WHERE UPDATE_TIME < {now}")
		require.NoError(t, err)
		require.EqualValues(t, 1, n)
	})
}
