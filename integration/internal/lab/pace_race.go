//go:build race

package lab

import (
	"time"

	"github.com/quartz-cluster/quartz/integration/internal/testdb"
)

// pace is the time unit of a node's periods. SQLite is Go code and ten times as
// slow under the race detector, so there its nodes do less.
func pace(kind testdb.Kind) time.Duration {
	if kind == testdb.SQLite || kind == testdb.OracleH2 {
		return 400 * time.Millisecond
	}
	return 100 * time.Millisecond
}
