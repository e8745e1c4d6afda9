// Package enginetest is the conformance suite of the engine: nodes in this
// process, on every database, and what they must and must not do.
package enginetest

import (
	"testing"

	"go.uber.org/goleak"

	"github.com/quartz-cluster/quartz/integration/internal/lab"
	"github.com/quartz-cluster/quartz/integration/internal/leak"
)

func TestMain(m *testing.M) {
	lab.ManyAtOnce()
	// The cache of gorm's PrepareStmt, which a test gives to the caller's session,
	// has a goroutine that nothing ends.
	leak.Main(m, goleak.IgnoreAnyFunction("gorm.io/gorm/internal/lru.NewLRU[...].func1"))
}
