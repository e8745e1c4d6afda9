package javaconfig_test

import (
	"fmt"
	"strings"

	"github.com/quartz-cluster/quartz/core/javaconfig"
)

func ExampleLoad() {
	config, report, err := javaconfig.Load(strings.NewReader(`
org.quartz.scheduler.instanceName = billing
org.quartz.threadPool.threadCount = 25
org.quartz.jobStore.isClustered = true
org.quartz.jobStore.cleverness = 11
`))
	fmt.Println(config.App, config.Slots, err)
	fmt.Println("dropped:", report.Dropped)
	fmt.Println("unknown:", report.Unknown)
	// Output:
	// billing 25 <nil>
	// dropped: map[org.quartz.jobStore.isClustered:every node is one of a cluster, unless Standalone is set]
	// unknown: [org.quartz.jobStore.cleverness]
}
