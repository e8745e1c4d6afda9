// Package flawstest holds one test for each fault of the Java edition that a
// user who moves from it must not meet again. Each is named after the fault and
// fails where the fault is there. The files follow the faults' kinds:
//
//	lost_test.go        fires that never ran
//	double_test.go      fires that ran twice
//	clock_test.go       clocks, zones and the times that a handler is told
//	throughput_test.go  slots, claims and indexes
//	control_test.go     pausing, stopping, dying
//	input_test.go       what is let in
package flawstest

import (
	"testing"

	"github.com/quartz-cluster/quartz/integration/internal/lab"
	"github.com/quartz-cluster/quartz/integration/internal/leak"
)

func TestMain(m *testing.M) {
	lab.ManyAtOnce()
	leak.Main(m)
}
