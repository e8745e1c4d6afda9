package soak

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/integration/internal/ledger"
	"github.com/quartz-cluster/quartz/integration/internal/testdb"
	"github.com/quartz-cluster/quartz/internal/sqldb"
)

// The clock that decides what is due is the database's, cut to milliseconds: were
// it ahead by a fraction of one, runs would start before their time.
func TestTheProductsClockIsNeverAheadOfTheDatabases(t *testing.T) {
	each(t, func(t *testing.T, db testdb.DB) {
		clock, err := ledger.NewClock(t.Context(), db.Gorm)
		require.NoError(t, err)
		defer clock.Close()
		own, err := sqldb.New(db.Gorm, sqldb.Config{})
		require.NoError(t, err)
		for range 200 {
			earliest := clock.Earliest()
			now, err := own.Now(t.Context())
			require.NoError(t, err)
			require.False(t, now.After(clock.Latest()), "%s is still to come", now)
			require.False(t, now.Add(time.Millisecond).Before(earliest), "%s has long passed", now)
		}
	})
}
