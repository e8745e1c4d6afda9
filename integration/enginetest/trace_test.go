package enginetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/core"
	"github.com/quartz-cluster/quartz/core/observe"
	"github.com/quartz-cluster/quartz/integration/internal/lab"
	"github.com/quartz-cluster/quartz/schema"
)

// traces is a tracer of clients and nodes. A span is named by a trace context, which
// says whose child it is only by its trace.
type traces struct {
	mu     sync.Mutex
	spans  int
	starts []start
	ends   []observe.Event
	strays []string // what a fire was told outside its context
}

// start is the span of a run.
type start struct {
	execute      string
	attempt      int
	parent, link string
	own          string
}

type ownTrace struct{}

// span returns the context of a new span, in the trace of its parent or in another.
func (s *traces) span(parent string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.spans++
	trace := schema.TraceID(parent)
	if trace == "" {
		trace = fmt.Sprintf("%032x", s.spans)
	}
	return fmt.Sprintf("00-%s-%016x-01", trace, s.spans)
}

func (s *traces) Begin(ctx context.Context, _ string) (context.Context, func(error)) {
	return context.WithValue(ctx, ownTrace{}, s.span("")), func(error) {}
}

func (s *traces) TraceContext(ctx context.Context) string {
	own, _ := ctx.Value(ownTrace{}).(string)
	return own
}

func (s *traces) Start(ctx context.Context, e observe.Event) (context.Context, string) {
	own := s.span(e.Trace)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.starts = append(s.starts, start{e.Execute, e.Attempt, e.Trace, e.Link, own})
	return context.WithValue(ctx, ownTrace{}, own), own
}

// of returns the spans of an execute's runs, in the order of their starts.
func (s *traces) of(execute string) []start {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(s.starts), func(b start) bool { return b.execute != execute })
}

func (s *traces) Observe(ctx context.Context, e observe.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch e.Kind {
	case observe.Finished, observe.Failed, observe.Retrying, observe.Completed:
		if own := s.TraceContext(ctx); own == "" || own != e.Trace || ctx.Err() != nil {
			s.strays = append(s.strays, fmt.Sprintf("%s of %s: %q, %v", e.Kind, e.Execute, own, ctx.Err()))
		}
	}
	s.ends = append(s.ends, e)
}

// Every fire has one trace, whatever becomes of it: that of the call which scheduled
// it, where it is the only one of its execute; else one of its own that is linked to
// that. Its attempts follow each other there, on whatever node.
func TestTheAttemptsOfAFireShareATrace(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		s := &traces{}
		c, err := client.New(l.DB.Gorm, client.Config{Tracer: s})
		require.NoError(t, err)
		gate := lab.NewGate()
		defer gate.Open()
		node := func(key string) *lab.Node {
			return l.Start(lab.As(key), short, lab.With(func(c *core.Config) { c.Observer = observe.Multi{c.Observer, s} }),
				lab.Running(l.Handlers(func(ctx context.Context, f *core.Fire) error {
					if own := s.TraceContext(ctx); !slices.ContainsFunc(s.of(f.ExecuteName), func(b start) bool { return b.own == own }) {
						return core.NoRetry(fmt.Errorf("the run is not told its trace, but %q", own))
					}
					switch {
					case key == "dying" && (f.ExecuteName == "often" || f.Attempt == 2):
						return gate.Wait(ctx, f)
					case f.Attempt == 1 && !f.RunNow && f.ExecuteName != "all" && f.NextTime.IsZero() == (f.ExecuteName == "once"):
						if f.ExecuteName == "beside" {
							l.UntilRuns(f.ExecuteID, 2)
						}
						return errors.New("the first attempt fails")
					}
					return nil
				})))
		}
		add := func(name string, sched client.Schedule, options ...client.ExecuteOption) (id client.ID, call string) {
			e, err := c.AddExecute(t.Context(), l.Job(), sched, append(options, client.Named(name), client.Retry(1, time.Millisecond), client.Recover())...)
			require.NoError(t, err)
			return e.ID, l.Row(int64(e.ID)).Trace
		}
		dying := node("dying")
		once, onceCall := add("once", client.Now())
		often, oftenCall := add("often", client.Every(time.Hour).Times(2))
		l.Until(func() bool { return len(s.of("once")) == 2 && len(s.of("often")) == 1 }, "both run")
		dying.Pool.Cut()
		node("living")
		l.UntilState(int64(once), schema.Complete)
		l.Until(func() bool { return len(s.of("often")) == 2 }, "it is recovered")
		run := s.of("once")
		require.Len(t, run, 3)
		require.Equal(t, []start{
			{"once", 1, onceCall, "", run[0].own},
			{"once", 2, run[0].own, onceCall, run[1].own},
			{"once", 3, run[0].own, onceCall, run[2].own}, // what the node that died would have left
		}, run)
		for _, b := range run {
			require.Equal(t, schema.TraceID(onceCall), schema.TraceID(b.own))
		}
		run = s.of("often")
		require.Equal(t, []start{{"often", 1, "", oftenCall, run[0].own}, {"often", 2, "", oftenCall, run[1].own}}, run)

		_, err = c.RunNow(t.Context(), often)
		require.NoError(t, err)
		l.Until(func() bool { return len(s.of("often")) == 3 }, "it is run now")
		run = s.of("often")
		require.Equal(t, oftenCall, run[2].link)
		require.NotEmpty(t, run[2].parent)
		require.NotEqual(t, oftenCall, run[2].parent)

		beside, besideCall := add("beside", client.Every(500*time.Millisecond).Times(2))
		l.UntilState(int64(beside), schema.Complete)
		run = s.of("beside")
		require.Len(t, run, 3)
		if run[2].parent == run[1].own { // the second fire began first
			run[0], run[1] = run[1], run[0]
		}
		require.Equal(t, []start{
			{"beside", 1, "", besideCall, run[0].own}, {"beside", 1, "", besideCall, run[1].own}, {"beside", 2, run[0].own, besideCall, run[2].own},
		}, run)
		require.NotEqual(t, schema.TraceID(run[0].own), schema.TraceID(run[1].own), "another fire")

		all, allCall := add("all", client.Every(time.Hour).Times(2), client.OnAllNodes())
		l.Everywhere(int64(all))
		l.Until(func() bool { return len(s.of("all")) == 1 }, "its copy runs")
		require.Equal(t, start{"all", 1, "", allCall, s.of("all")[0].own}, s.of("all")[0])

		s.mu.Lock()
		defer s.mu.Unlock()
		require.Empty(t, strings.Join(s.strays, "\n"))
		over := slices.DeleteFunc(slices.Clone(s.ends), func(e observe.Event) bool { return e.Kind != observe.Failed && e.Kind != observe.Finished })
		for _, e := range over {
			require.Equal(t, e.Kind == observe.Finished, e.State == string(schema.Succeeded), "every failure is tried again: %+v", e)
		}
	})
}
