package sqldbtest

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/integration/internal/testdb"
	"github.com/quartz-cluster/quartz/internal/sqldb"
)

func TestExclusiveSectionsDoNotOverlap(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		d := migrated(t, db, 1)
		if d.Dialect() == sqldb.Oracle {
			return // has none: its callers expect each other
		}
		var inside, most atomic.Int64
		var wg sync.WaitGroup
		for range 6 {
			other := another(t, db)
			single(t, other.Gorm())
			wg.Go(func() {
				assertNoError(t, other.Exclusive(t.Context(), func(in *sqldb.DB) error {
					most.Store(max(most.Load(), inside.Add(1)))
					defer inside.Add(-1)
					for range 5 {
						if _, err := in.Now(t.Context()); err != nil {
							return err
						}
					}
					_, err := in.Exec(t.Context(), "UPDATE QRTZ_JOB SET VERSION = VERSION + 1 WHERE ID = 1")
					return err
				}))
			})
		}
		wg.Wait()
		require.EqualValues(t, 1, most.Load())
		require.EqualValues(t, 6, jobs(t, d)[0].Version)
	})
}

func assertNoError(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Errorf("unexpected: %v", err)
	}
}

// However it ends, the next one gets in, and the connection is as it was.
func TestExclusiveLetsGo(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		d := migrated(t, db, 1)
		single(t, db.Gorm)
		other := another(t, db)
		wait := func() (seconds int64) {
			if d.Dialect() == sqldb.MySQL {
				_, err := d.One(t.Context(), []any{sqldb.Null(&seconds)}, "SELECT @@SESSION.lock_wait_timeout")
				require.NoError(t, err)
			}
			return seconds
		}
		before := wait()
		failure := errors.New("no")
		require.ErrorIs(t, d.Exclusive(t.Context(), func(in *sqldb.DB) error {
			_, err := set(t, in, 1, "undone?")
			require.NoError(t, err)
			return failure
		}), failure)
		if d.Dialect() == sqldb.Postgres || d.Dialect() == sqldb.SQLite {
			require.Equal(t, "c", jobs(t, d)[0].Class, "undone")
		}
		require.PanicsWithValue(t, "bug", func() {
			_ = d.Exclusive(t.Context(), func(*sqldb.DB) error { panic("bug") })
		})
		ctx, cancel := context.WithCancel(t.Context())
		require.ErrorIs(t, d.Exclusive(ctx, func(*sqldb.DB) error {
			cancel()
			return ctx.Err()
		}), context.Canceled)
		for _, next := range []*sqldb.DB{other, d} {
			require.NoError(t, next.Exclusive(t.Context(), func(in *sqldb.DB) error {
				_, err := set(t, in, 1, "done")
				return err
			}))
		}
		require.Equal(t, "done", jobs(t, d)[0].Class)
		require.Equal(t, before, wait())
	})
}

// Waiting for one's turn ends with the context.
func TestExclusiveWaitsAsLongAsItsContext(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		d := migrated(t, db, 1)
		if d.Dialect() == sqldb.Oracle || d.Dialect() == sqldb.SQLite {
			return // the one has no turns, the other waits for its busy_timeout
		}
		other := another(t, db)
		require.NoError(t, d.Exclusive(t.Context(), func(*sqldb.DB) error {
			ctx, cancel := context.WithCancel(t.Context())
			ended := make(chan error)
			go func() {
				ended <- other.Exclusive(ctx, func(*sqldb.DB) error { return errors.New("let in") })
			}()
			cancel()
			require.ErrorIs(t, <-ended, context.Canceled)
			return nil
		}))
	})
}
