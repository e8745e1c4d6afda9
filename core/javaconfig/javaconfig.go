package javaconfig

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/magiconair/properties"

	"github.com/quartz-cluster/quartz/core"
)

// Report says what became of the properties that did not become a field.
type Report struct {
	// Dropped are known keys that no field of core.Config stands for, each with the
	// reason.
	Dropped map[string]string
	// Unknown are keys of org.quartz.* that nothing is known about, sorted.
	Unknown []string
}

// key is a known property: it becomes a field, or has a reason for being dropped.
type key struct {
	set     func(c *core.Config, value string) error
	dropped string
	noop    string // the value that needs no counterpart
}

const pool = "your program opens the database: take it over into its DSN"

// keys are the known properties; a name that ends in a dot stands for all below it.
var keys = map[string]key{
	"org.quartz.scheduler.instanceName":                                          {set: func(c *core.Config, v string) error { c.App = v; return nil }},
	"org.quartz.scheduler.instanceId":                                            {set: setInstance},
	"org.quartz.threadPool.threadCount":                                          {set: setSlots},
	"org.quartz.jobStore.tablePrefix":                                            {set: func(c *core.Config, v string) error { c.TablePrefix = v; return nil }},
	"org.quartz.jobStore.misfireThreshold":                                       {set: millis(func(c *core.Config) *time.Duration { return &c.MisfireThreshold })},
	"org.quartz.jobStore.clusterCheckinInterval":                                 {dropped: "a heartbeat is sent every second: set Heartbeat if that does not suit"},
	"org.quartz.jobStore.isClustered":                                            {set: setClustered, noop: "true", dropped: "every node is one of a cluster, unless Standalone is set"},
	"org.quartz.jobStore.class":                                                  {dropped: "there is one job store: the four tables"},
	"org.quartz.jobStore.driverDelegateClass":                                    {dropped: "the dialect is read from the gorm dialector"},
	"org.quartz.jobStore.dataSource":                                             {dropped: pool},
	"org.quartz.jobStore.useProperties":                                          {dropped: "data is JSON"},
	"org.quartz.jobStore.acquireTriggersWithinLock":                              {dropped: "claims are guarded updates"},
	"org.quartz.jobStore.maxMisfiresToHandleAtATime":                             {dropped: "misfires are decided by the claim, in bounded batches"},
	"org.quartz.scheduler.batchTriggerAcquisitionMaxCount":                       {dropped: "batches grow with the load"},
	"org.quartz.scheduler.idleWaitTime":                                          {dropped: "the node wakes up for the next fire: set ScanInterval for how late a new execute may start"},
	"org.quartz.scheduler.skipUpdateCheck":                                       {dropped: "there is no update check"},
	"org.quartz.scheduler.makeSchedulerThreadDaemon":                             {dropped: "goroutines end with Stop"},
	"org.quartz.scheduler.threadName":                                            {dropped: "goroutines have no names"},
	"org.quartz.threadPool.class":                                                {dropped: "slots are goroutines"},
	"org.quartz.threadPool.threadPriority":                                       {dropped: "goroutines have no priority"},
	"org.quartz.threadPool.threadNamePrefix":                                     {dropped: "goroutines have no names"},
	"org.quartz.threadPool.threadsInheritContextClassLoaderOfInitializingThread": {dropped: "there are no class loaders"},
	"org.quartz.dataSource.":                                                     {dropped: pool},
	"org.quartz.plugin.":                                                         {dropped: "use Config.Observer and Config.Middleware"},
	"org.quartz.jobListener.":                                                    {dropped: "use Config.Middleware"},
	"org.quartz.triggerListener.":                                                {dropped: "use Config.Observer"},
	"org.quartz.scheduler.rmi.":                                                  {dropped: "manage schedules through package client"},
	"org.quartz.scheduler.jmx.":                                                  {dropped: "use Config.Observer"},
}

// Load returns a Config with the fields that the properties set. Keys outside
// org.quartz are not looked at. Errors name the key and its value.
func Load(r io.Reader) (core.Config, Report, error) {
	text, err := io.ReadAll(r)
	if err != nil {
		return core.Config{}, Report{}, fmt.Errorf("javaconfig: %w", err)
	}
	loader := properties.Loader{Encoding: properties.UTF8, DisableExpansion: true}
	props, err := loader.LoadBytes(text)
	if err != nil {
		return core.Config{}, Report{}, fmt.Errorf("javaconfig: %w", err)
	}
	var config core.Config
	report := Report{Dropped: make(map[string]string)}
	for _, name := range props.Keys() {
		if !strings.HasPrefix(name, "org.quartz.") {
			continue
		}
		k, known := find(name)
		value := strings.TrimSpace(props.MustGet(name))
		switch {
		case !known:
			report.Unknown = append(report.Unknown, name)
		case k.set == nil || k.noop != "" && strings.EqualFold(value, k.noop):
			report.Dropped[name] = k.dropped
		default:
			if err := k.set(&config, value); err != nil {
				return core.Config{}, Report{}, fmt.Errorf("javaconfig: %s: %w", name, err)
			}
		}
	}
	slices.Sort(report.Unknown)
	return config, report, nil
}

func find(name string) (key, bool) {
	if k, ok := keys[name]; ok {
		return k, true
	}
	for known, k := range keys {
		if strings.HasSuffix(known, ".") && strings.HasPrefix(name, known) {
			return k, true
		}
	}
	return key{}, false
}

// setInstance takes an instance id as node key. AUTO is what a node does by itself.
func setInstance(c *core.Config, value string) error {
	if !strings.EqualFold(value, "AUTO") && !strings.EqualFold(value, "SYS_PROP") && value != "NON_CLUSTERED" {
		c.NodeKey = value
	}
	return nil
}

func setClustered(c *core.Config, value string) error {
	if !strings.EqualFold(value, "false") {
		return fmt.Errorf("%q is neither true nor false", value)
	}
	c.Standalone = true
	return nil
}

func setSlots(c *core.Config, value string) error {
	n, err := strconv.Atoi(value)
	if err != nil || n < 1 {
		return fmt.Errorf("%q is not a number of threads", value)
	}
	c.Slots = n
	return nil
}

func millis(field func(*core.Config) *time.Duration) func(*core.Config, string) error {
	return func(c *core.Config, value string) error {
		n, err := strconv.ParseInt(value, 10, 32)
		if err != nil || n < 1 {
			return fmt.Errorf("%q is not a number of milliseconds", value)
		}
		*field(c) = time.Duration(n) * time.Millisecond
		return nil
	}
}
