package enginetest

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/core/observe"
	"github.com/quartz-cluster/quartz/integration/internal/lab"
	"github.com/quartz-cluster/quartz/schema"
)

// An answer that is lost on its way back was given all the same, and what it was the
// answer to is done.
func TestAnOrderWhoseAnswerIsLost(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		lost := lab.Fail(1)
		n := l.Start(lab.As("key"), lab.Through(func(p *lab.Pool) { p.Hook(lab.Answer, lab.Hook{After: lost.Next}) }))
		order(t, l, "key", schema.Command{ID: "1", Verb: schema.Halt, By: "ada"})
		l.UntilEvents(observe.StopOrdered, 1)
		<-n.Done()
		require.Zero(t, lost.Left())
		require.Empty(t, l.NodeRows())
		kinds := []string{}
		for _, e := range schema.Events(l.AppRow().Events) {
			if e.Kind != schema.EventElected { // before or after the answer
				kinds = append(kinds, e.Kind)
			}
		}
		require.Equal(t, []string{schema.EventAnswer, schema.EventLeft}, kinds[len(kinds)-2:])
	})
}

// Nor does it matter whether the node reaches the database again under that registration.
func TestAnOrderWhoseAnswerIsLostWithTheLease(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		n := l.Start(lab.As("key"), short)
		n.Pool.Hook(lab.Answer, lab.Hook{After: func() error { n.Pool.Cut(); return lab.ErrInjected }})
		order(t, l, "key", schema.Command{ID: "1", Verb: schema.Halt, By: "ada"})
		l.UntilEvents(observe.LeaseLost, 1)
		n.Pool.Mend()
		l.UntilEvents(observe.StopOrdered, 1)
		<-n.Done()
		require.Len(t, l.Events(observe.Registered), 1)
	})
}

// An answer that arrives late, just before it is given again, is the same one, whatever
// becomes of the second.
func TestAnOrderWhoseAnswerIsLate(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		for _, second := range []error{nil, lab.ErrInjected} {
			n := l.Start(lab.As("key"))
			var late []any
			n.Pool.Hook(lab.Answer, lab.Hook{Before: func(query string, args []any) error {
				if late == nil {
					late = args
					return lab.ErrInjected
				}
				_, err := n.Pool.DB.ExecContext(t.Context(), query, late...)
				return errors.Join(err, second)
			}})
			order(t, l, "key", schema.Command{ID: "1", Verb: schema.Halt, By: "ada"})
			l.UntilEvents(observe.StopOrdered, 1)
			<-n.Done()
			l.Clear()
		}
	})
}
