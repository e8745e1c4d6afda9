package coreotel

import (
	"maps"
	"sync"
	"sync/atomic"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"
)

// other stands for all names beyond the bound of an attribute.
const other = "_OTHER"

// label is the attributes of a measurement, empty ones left out.
type label struct {
	app, class, job string
	key             attribute.Key
	value           string
}

func (l label) with(key attribute.Key, value string) label {
	l.key, l.value = key, value
	return l
}

// labels are all labels that were used so far, each as options that are made once:
// measuring allocates nothing, and reading takes no lock. There are few, so that a
// new one may cost a copy of all.
type labels struct {
	mu    sync.Mutex
	known atomic.Pointer[map[label]*options]
}

// options are the label of a measurement, and of the span of a run of its class.
type options struct {
	add    []metric.AddOption
	record []metric.RecordOption
	name   string
	start  trace.SpanStartEventOption
}

func (l *labels) of(k label) *options {
	if known := l.known.Load(); known != nil {
		if o := (*known)[k]; o != nil {
			return o
		}
	}
	return l.add(k)
}

func (l *labels) add(k label) *options {
	l.mu.Lock()
	defer l.mu.Unlock()
	next := map[label]*options{}
	if known := l.known.Load(); known != nil {
		next = maps.Clone(*known)
	}
	var attributes []attribute.KeyValue
	for _, a := range []attribute.KeyValue{keyApp.String(k.app), keyClass.String(k.class), keyJob.String(k.job), k.key.String(k.value)} {
		if a.Value.AsString() != "" {
			attributes = append(attributes, a)
		}
	}
	set := metric.WithAttributeSet(attribute.NewSet(attributes...))
	next[k] = &options{[]metric.AddOption{set}, []metric.RecordOption{set}, "process " + k.class, trace.WithAttributes(
		semconv.MessagingSystemKey.String("quartz"), semconv.MessagingOperationTypeProcess, semconv.MessagingOperationName("process"),
		semconv.MessagingDestinationName(k.app), keyClass.String(k.class),
	)}
	l.known.Store(&next)
	return next[k]
}

// jobs are the names of jobs that are told apart.
type jobs struct {
	limit int // for each app

	mu    sync.Mutex
	known atomic.Pointer[map[[2]string]string]
	count map[string]int // by app
}

// of returns the name of a job, or what it is counted with.
func (j *jobs) of(app, name string) string {
	if name == "" || j.limit < 0 {
		return ""
	}
	key := [2]string{app, name}
	if known := j.known.Load(); known != nil {
		if as, ok := (*known)[key]; ok {
			return as
		}
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	next := map[[2]string]string{}
	if known := j.known.Load(); known != nil {
		if as, ok := (*known)[key]; ok {
			return as
		}
		if j.count[app] >= j.limit {
			return other
		}
		next = maps.Clone(*known)
	}
	j.count[app]++
	next[key] = name
	j.known.Store(&next)
	return name
}
