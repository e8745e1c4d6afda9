package javaconfig_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/core"
	"github.com/quartz-cluster/quartz/core/javaconfig"
)

func TestLoad(t *testing.T) {
	t.Parallel()
	config, report, err := javaconfig.Load(strings.NewReader(`
# a comment
org.quartz.scheduler.instanceName = billing
org.quartz.scheduler.instanceId: AUTO
org.quartz.threadPool.threadCount=25
org.quartz.jobStore.misfireThreshold = \
    30000
org.quartz.jobStore.tablePrefix=QRTZ_
org.quartz.jobStore.isClustered=true
org.quartz.dataSource.main.URL=jdbc:postgresql://db/${user}
org.quartz.scheduler.nonsense=1
spring.something=else
`))
	require.NoError(t, err)
	require.Equal(t, core.Config{App: "billing", Slots: 25, MisfireThreshold: 30 * time.Second, TablePrefix: "QRTZ_"}, config)
	require.Equal(t, []string{"org.quartz.scheduler.nonsense"}, report.Unknown)
	require.Contains(t, report.Dropped, "org.quartz.jobStore.isClustered")
	require.Contains(t, report.Dropped, "org.quartz.dataSource.main.URL")
	require.Len(t, report.Dropped, 2)
}

func TestLoadWithoutACluster(t *testing.T) {
	t.Parallel()
	config, report, err := javaconfig.Load(strings.NewReader("org.quartz.jobStore.isClustered = False"))
	require.NoError(t, err)
	require.True(t, config.Standalone)
	require.Empty(t, report.Dropped)
}

func TestLoadNamesTheKeyAndTheValue(t *testing.T) {
	t.Parallel()
	for line, says := range map[string]string{
		"org.quartz.threadPool.threadCount=lots":     `org.quartz.threadPool.threadCount: "lots" is not a number of threads`,
		"org.quartz.jobStore.isClustered=perhaps":    `org.quartz.jobStore.isClustered: "perhaps" is neither true nor false`,
		"org.quartz.threadPool.threadCount=0":        `org.quartz.threadPool.threadCount: "0" is not a number of threads`,
		"org.quartz.jobStore.misfireThreshold=1 min": `org.quartz.jobStore.misfireThreshold: "1 min" is not a number of milliseconds`,
	} {
		_, _, err := javaconfig.Load(strings.NewReader(line))
		require.EqualError(t, err, "javaconfig: "+says)
	}
}
