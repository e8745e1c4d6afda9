//go:build !race

package lab

import (
	"time"

	"github.com/quartz-cluster/quartz/integration/internal/testdb"
)

// pace is the time unit of a node's periods.
func pace(testdb.Kind) time.Duration { return 100 * time.Millisecond }
