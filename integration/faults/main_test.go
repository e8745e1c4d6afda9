package faults

import (
	"os"
	"testing"
	"time"

	"github.com/quartz-cluster/quartz/integration/internal/lab"
	"github.com/quartz-cluster/quartz/integration/internal/leak"
	"github.com/quartz-cluster/quartz/integration/internal/testdb"
	"github.com/quartz-cluster/quartz/integration/internal/worker"
)

func TestMain(m *testing.M) {
	worker.MainIfAsked()
	lab.AtOnce(7) // fewer would only wait, more would keep each other waiting
	leak.Main(m)
}

// levelEnv says how long a fault lasts.
const levelEnv = "QUARTZ_FAULTS"

// level returns how long a fault disturbs its cluster: short, or as it was told.
func level(t *testing.T, short time.Duration) time.Duration {
	t.Helper()
	text := os.Getenv(levelEnv)
	if text == "" {
		return short
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < time.Second {
		t.Fatalf("%s: %q is no duration of at least 1s", levelEnv, text)
	}
	return max(d, short)
}

// long reports whether a fault was told how long to last.
func long() bool { return os.Getenv(levelEnv) != "" }

// each runs a fault on PostgreSQL and on MariaDB, beside others.
func each(t *testing.T, fault string, test func(t *testing.T, c *cluster)) {
	t.Helper()
	kinds(t, func(t *testing.T, kind testdb.Kind) { test(t, newCluster(t, fault, testdb.New(t, kind))) })
}

func kinds(t *testing.T, test func(t *testing.T, kind testdb.Kind)) {
	t.Helper()
	t.Parallel()
	for _, kind := range testdb.Kinds(t) {
		if kind != testdb.Postgres && kind != testdb.MariaDB && kind != testdb.MySQL {
			continue
		}
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			test(t, kind)
		})
	}
}

// rate is about how many fires a second the usual load has.
func rate() int {
	if long() {
		return 60
	}
	return 16
}
