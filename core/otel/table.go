package coreotel

import (
	"errors"
	"slices"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
)

// The attributes of metrics.
const (
	keyApp       = attribute.Key("quartz.app")
	keyClass     = attribute.Key("quartz.class")
	keyJob       = attribute.Key("quartz.job")
	keyOutcome   = attribute.Key("quartz.outcome")
	keyPolicy    = attribute.Key("quartz.policy")
	keyOperation = attribute.Key("quartz.operation")
	keyStep      = attribute.Key("quartz.step")
	keyEvent     = attribute.Key("quartz.event")
	keyNode      = attribute.Key("quartz.node")
	keySlot      = attribute.Key("quartz.slot")
)

// instrument is one row of the table in docs/observability.md.
type instrument struct {
	name, kind, unit, about string
	attributes              []attribute.Key
	buckets                 []float64
}

// The kinds of instrument, as the table names them.
const (
	counter   = "counter"
	histogram = "histogram"
	gauge     = "gauge"
	upDown    = "updowncounter"
)

var (
	short = []float64{0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300}
	long  = []float64{0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600}
	sizes = []float64{1, 2, 5, 10, 20, 50, 100, 150, 200}
)

var table = []instrument{
	{"quartz.fires", counter, "{fire}", "Fires whose outcome is in the database", keys(keyApp, keyClass, keyJob, keyOutcome), nil},
	{"quartz.fire.lateness", histogram, "s", "From the nominal time of a fire to the start of its first attempt", keys(keyApp, keyClass), short},
	{"quartz.run.duration", histogram, "s", "How long runs took, each attempt by itself", keys(keyApp, keyClass, keyOutcome), long},
	{"quartz.retries", counter, "{retry}", "Failed runs that are to be tried again", keys(keyApp, keyClass), nil},
	{"quartz.recoveries", counter, "{fire}", "Fires of dead nodes that run again", keys(keyApp, keyClass), nil},
	{"quartz.misfires", counter, "{instant}", "Instants late by more than the misfire threshold that the misfire policy decided about", keys(keyApp, keyClass, keyPolicy), nil},
	{"quartz.skips", counter, "{instant}", "Instants that a policy has passed over", keys(keyApp, keyClass, keyPolicy), nil},
	{"quartz.batch.size", histogram, "{row}", "Rows that one statement has claimed or completed", keys(keyApp, keyOperation), sizes},
	{"quartz.claim.conflicts", counter, "{execute}", "Executes that were asked for and not claimed", keys(keyApp), nil},
	{"quartz.database.retries", counter, "{retry}", "Steps that gave way to others, by deadlock or lock timeout", keys(keyApp, keyStep), nil},
	{"quartz.handler.pass.duration", histogram, "s", "How long passes of the ClusterMisfireHandler took", keys(keyApp), short},
	{"quartz.events", counter, "{event}", "What else happened to nodes, executes and the application", keys(keyApp, keyEvent), nil},
	{"quartz.executes.overdue", gauge, "{execute}", "Executes due for some seconds that nobody has claimed, up to 10,000", keys(keyApp), nil},
	{"quartz.executes.overdue.age", gauge, "s", "For how long the oldest of them has been due", keys(keyApp), nil},
	{"quartz.executes.unrunnable", gauge, "{execute}", "How many of them no live node may run, of up to 200 looked at", keys(keyApp), nil},
	{"quartz.node.slots", upDown, "{slot}", "Slots of the node", keys(keyApp, keyNode, keySlot), nil},
	{"quartz.node.registered", gauge, "{node}", "1 while the node is registered, else 0", keys(keyApp, keyNode), nil},
	{"quartz.node.heartbeat.age", gauge, "s", "Since the database has taken a heartbeat", keys(keyApp, keyNode), nil},
	{"quartz.node.database.away", gauge, "s", "Since when the database takes none; 0 while it does", keys(keyApp, keyNode), nil},
	{"quartz.node.clock.skew", gauge, "s", "The clock of the machine minus the database's", keys(keyApp, keyNode), nil},
}

func keys(k ...attribute.Key) []attribute.Key { return k }

// maker makes the instruments of the table and keeps what went wrong.
type maker struct {
	meter metric.Meter
	err   error
}

func (m *maker) row(name, kind string) instrument {
	i := slices.IndexFunc(table, func(i instrument) bool { return i.name == name && i.kind == kind })
	return table[i] // a name that is not there is a mistake of ours, and of every test
}

func (m *maker) counter(name string) metric.Int64Counter {
	row := m.row(name, counter)
	c, err := m.meter.Int64Counter(name, metric.WithUnit(row.unit), metric.WithDescription(row.about))
	m.err = errors.Join(m.err, err)
	return c
}

func (m *maker) histogram(name string) metric.Float64Histogram {
	row := m.row(name, histogram)
	h, err := m.meter.Float64Histogram(name, metric.WithUnit(row.unit), metric.WithDescription(row.about),
		metric.WithExplicitBucketBoundaries(row.buckets...))
	m.err = errors.Join(m.err, err)
	return h
}

func (m *maker) gauge(name string) metric.Float64ObservableGauge {
	row := m.row(name, gauge)
	g, err := m.meter.Float64ObservableGauge(name, metric.WithUnit(row.unit), metric.WithDescription(row.about))
	m.err = errors.Join(m.err, err)
	return g
}

func (m *maker) upDown(name string) metric.Int64ObservableUpDownCounter {
	row := m.row(name, upDown)
	c, err := m.meter.Int64ObservableUpDownCounter(name, metric.WithUnit(row.unit), metric.WithDescription(row.about))
	m.err = errors.Join(m.err, err)
	return c
}
