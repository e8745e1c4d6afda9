package oteltest

import (
	"testing"

	"go.uber.org/goleak"

	"github.com/quartz-cluster/quartz/integration/internal/lab"
	"github.com/quartz-cluster/quartz/integration/internal/worker"
)

func TestMain(m *testing.M) {
	worker.MainIfAsked()
	lab.AtOnce(4) // a test mostly waits for a lease to end
	goleak.VerifyTestMain(m)
}
