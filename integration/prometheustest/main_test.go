package prometheustest

import (
	"testing"

	"github.com/quartz-cluster/quartz/integration/internal/leak"
	"github.com/quartz-cluster/quartz/integration/internal/worker"
)

func TestMain(m *testing.M) {
	worker.MainIfAsked()
	leak.Main(m)
}
