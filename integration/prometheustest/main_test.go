package prometheustest

import (
	"testing"

	"go.uber.org/goleak"

	"github.com/quartz-cluster/quartz/integration/internal/worker"
)

func TestMain(m *testing.M) {
	worker.MainIfAsked()
	goleak.VerifyTestMain(m)
}
