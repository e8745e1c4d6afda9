package clienttest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/schema"
)

// spans is a tracer that numbers the calls and keeps what they have come to.
type spans struct {
	began []string
	ended []error
}

type spanKey struct{}

func (s *spans) Begin(ctx context.Context, call string) (context.Context, func(error)) {
	s.began, s.ended = append(s.began, call), append(s.ended, nil)
	n := len(s.began)
	return context.WithValue(ctx, spanKey{}, n), func(err error) { s.ended[n-1] = err }
}

func (s *spans) TraceContext(ctx context.Context) string {
	n, _ := ctx.Value(spanKey{}).(int)
	return traceparent(n)
}

// traceparent is the context of the n-th call.
func traceparent(n int) string { return fmt.Sprintf("00-4bf92f3577b34da6a3ce929d0e0e4736-%016x-01", n) }

func TestWhatIsScheduledKeepsTheTraceOfItsCall(t *testing.T) {
	each(t, func(f *fixture) {
		s := &spans{}
		c := f.another(client.Config{Tracer: s})
		job, err := c.AddJob(f.ctx, client.Job{App: "billing", Class: "x"})
		require.NoError(f, err)
		one, err := c.AddExecute(f.ctx, job.ID, client.Every(time.Hour))
		require.NoError(f, err)
		require.Equal(f, traceparent(2), f.row(one.ID).Trace)
		more, err := c.AddExecutes(f.ctx, job.ID, []client.Execute{{Schedule: client.Now()}, {Schedule: client.Now()}})
		require.NoError(f, err)
		for _, e := range more {
			require.Equal(f, traceparent(3), f.row(e.ID).Trace)
		}
		_, err = c.RunNow(f.ctx, one.ID)
		require.NoError(f, err)
		require.Equal(f, traceparent(4), f.onlyChild(one.ID).Trace)
		edited, err := c.UpdateExecute(f.ctx, one.ID, one.Version, client.SetName("hourly"))
		require.NoError(f, err)
		require.Equal(f, traceparent(2), f.row(one.ID).Trace, "its schedule is the old one")
		edited, err = c.UpdateExecute(f.ctx, one.ID, edited.Version, client.SetSchedule(client.Every(time.Minute)))
		require.NoError(f, err)
		require.Equal(f, traceparent(6), f.row(one.ID).Trace)
		ensured, err := c.Ensure(f.ctx, client.Declaration{
			Job: client.Job{App: "billing", Name: "n", Class: "x"}, Executes: []client.Execute{{Name: "e", Schedule: client.Now()}},
		})
		require.NoError(f, err)
		require.Equal(f, traceparent(7), f.row(ensured.Executes[0].ID).Trace)
		f.setExecuteState(one.ID, schema.Error)
		_, err = c.ResetExecute(f.ctx, one.ID)
		require.NoError(f, err)
		require.Equal(f, traceparent(8), f.row(one.ID).Trace)
		f.exec("UPDATE QRTZ_EXECUTE SET LAST_STATE = 'FAILED', LAST_FIRE_TIME = 1 WHERE ID = ?", int64(more[0].ID))
		_, err = c.RetryFire(f.ctx, more[0].ID)
		require.NoError(f, err)
		require.Equal(f, traceparent(9), f.onlyChild(more[0].ID).Trace)
		copied, err := c.CopyJob(f.ctx, job.ID, "billing")
		require.NoError(f, err)
		require.Len(f, copied.Executes, 3)
		for _, e := range copied.Executes {
			require.Equal(f, traceparent(10), f.row(e.ID).Trace)
		}
		_, err = c.AddExecute(f.ctx, 1, client.Now())
		require.ErrorIs(f, err, client.ErrNotFound)
		require.Equal(f, []string{
			"add job", "add execute", "add executes", "run now", "update execute", "update execute", "ensure",
			"reset execute", "retry fire", "copy job", "add execute",
		}, s.began)
		require.Equal(f, append(make([]error, 10), err), s.ended)

		_, err = f.UpdateExecute(f.ctx, one.ID, edited.Version+1, client.SetSchedule(client.Every(time.Hour)))
		require.NoError(f, err)
		require.Empty(f, f.row(one.ID).Trace, "nobody says who has scheduled it")
	})
}

// broken is a tracer whose trace contexts are none.
type broken struct {
	spans
	text string
}

func (b *broken) TraceContext(context.Context) string { return b.text }

func TestWhatIsNoTraceContextIsNotKept(t *testing.T) {
	each(t, func(f *fixture) {
		for _, text := range []string{"", "x", "'", traceparent(1) + "-" + fmt.Sprintf("%0100d", 0)} {
			e, err := f.another(client.Config{Tracer: &broken{text: text}}).AddExecute(f.ctx, f.job().ID, client.Now())
			require.NoError(f, err)
			require.Empty(f, f.row(e.ID).Trace)
		}
	})
}
