package schematest

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/integration/internal/testdb"
	"github.com/quartz-cluster/quartz/schema"
)

func TestMigrateRefusesATransaction(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		tx := db.Gorm.Begin()
		defer tx.Rollback()
		require.ErrorContains(t, schema.Migrate(t.Context(), tx, quiet()), "not a transaction")
	})
}

// Verify must not take a failing database for one without tables.
func TestADatabaseErrorIsReportedAsSuch(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		require.NoError(t, schema.Migrate(t.Context(), db.Gorm, quiet()))
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		var problems *schema.VerifyError
		for _, err := range []error{schema.Verify(ctx, db.Gorm, quiet()), schema.Migrate(ctx, db.Gorm, quiet())} {
			require.ErrorIs(t, err, context.Canceled)
			require.NotErrorAs(t, err, &problems)
		}
	})
}
