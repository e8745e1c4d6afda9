package testdb

import (
	"context"

	"github.com/quartz-cluster/quartz/integration/internal/oracleh2"
)

// createOracleH2 makes a database in the memory of an H2 that this process starts.
func createOracleH2(ctx context.Context) (string, func() error, error) {
	return oracleh2.Create(ctx, placeName())
}
