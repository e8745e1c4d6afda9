package soak

import (
	"os"
	"testing"
	"time"

	"github.com/quartz-cluster/quartz/integration/internal/leak"
	"github.com/quartz-cluster/quartz/integration/internal/testdb"
	"github.com/quartz-cluster/quartz/integration/internal/worker"
)

func TestMain(m *testing.M) {
	worker.MainIfAsked()
	leak.Main(m)
}

// each runs test on every database that processes can share, which the emulation
// of Oracle inside a process is not.
func each(t *testing.T, test func(t *testing.T, db testdb.DB)) {
	t.Helper()
	for _, kind := range testdb.Kinds(t) {
		if kind != testdb.OracleH2 {
			t.Run(string(kind), func(t *testing.T) { test(t, testdb.New(t, kind)) })
		}
	}
}

// soakEnv says how long the load lasts.
const soakEnv = "QUARTZ_SOAK"

func soakTime(t *testing.T) time.Duration {
	t.Helper()
	text := os.Getenv(soakEnv)
	switch {
	case text == "" && testing.Short():
		return 5 * time.Second
	case text == "":
		return 10 * time.Second
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < 5*time.Second {
		t.Fatalf("%s: %q is no duration of at least 5s", soakEnv, text)
	}
	return d
}

// perSecond is how many fires a second the load has. SQLite is one file with one
// writer, for embedding.
func perSecond(kind testdb.Kind) int {
	if kind == testdb.SQLite {
		return 20
	}
	return 330 // of which some end early, by their count or by an edit
}
