package oteltest

import (
	"testing"

	"github.com/quartz-cluster/quartz/integration/internal/lab"
	"github.com/quartz-cluster/quartz/integration/internal/leak"
	"github.com/quartz-cluster/quartz/integration/internal/worker"
)

func TestMain(m *testing.M) {
	worker.MainIfAsked()
	lab.AtOnce(4) // a test mostly waits for a lease to end
	leak.Main(m)
}
