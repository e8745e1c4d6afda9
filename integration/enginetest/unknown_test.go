package enginetest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/integration/internal/lab"
	"github.com/quartz-cluster/quartz/schema"
)

// A claim whose outcome the node does not know is neither taken for granted nor
// given up: the node asks, and runs each fire exactly once.
func TestAClaimOfUnknownOutcome(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		for name, hook := range map[string]func(f *lab.Failures) (lab.Kind, lab.Hook){
			"committed and the answer lost": func(f *lab.Failures) (lab.Kind, lab.Hook) {
				return lab.Take, lab.Hook{After: f.Next}
			},
			"not sent": func(f *lab.Failures) (lab.Kind, lab.Hook) {
				return lab.Claim, lab.Hook{Before: func(string, []any) error { return f.Next() }}
			},
			"failed at the commit": func(f *lab.Failures) (lab.Kind, lab.Hook) {
				return lab.Take, lab.Hook{Commit: f.Next}
			},
		} {
			job := l.Job()
			var ids []int64
			for range 3 {
				ids = append(ids, l.ExecuteOf(job, client.Now()))
			}
			ids = append(ids, l.ExecuteOf(job, client.Every(500*time.Millisecond).Times(3)))
			f := lab.Fail(1)
			kind, h := hook(f)
			l.Start(lab.Through(func(p *lab.Pool) { p.Hook(kind, h) }))
			if h.Commit == nil { // on PostgreSQL a claim has no commit of its own
				l.Until(func() bool { return f.Left() == 0 }, "%s: the failure was injected", name)
			}
			l.Start() // a peer that would take what is given up
			for i, id := range ids {
				row := l.UntilState(id, schema.Complete)
				want := 1
				if i == 3 {
					want = 3
				}
				require.Len(t, l.Runs(id), want, name)
				require.EqualValues(t, want, row.FireCount, name)
				require.Zero(t, row.LostCount+row.SkipCount, name)
			}
			l.Clear()
		}
	})
}

// While a node asks what became of a claim, it claims nothing else under the
// same registration; if it cannot ask until its lease ends, the fire is recorded
// as lost and not run.
func TestAClaimOfUnknownOutcomeThatNobodyCanAskFor(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		id := l.Execute(client.Now())
		var pool *lab.Pool
		once := lab.Fail(1)
		l.Start(short, lab.As("cut"), lab.Through(func(p *lab.Pool) {
			pool = p
			p.Hook(lab.Take, lab.Hook{After: func() error {
				err := once.Next()
				if err != nil {
					p.Cut()
				}
				return err
			}})
		}))
		l.Until(func() bool { return once.Left() == 0 }, "the node claimed and was cut off")
		l.Start(short, lab.As("peer"))
		row := l.UntilState(id, schema.Complete)
		require.Equal(t, schema.Lost, row.LastState)
		require.EqualValues(t, 1, row.LostCount)
		pool.Mend()
		l.Until(func() bool { return len(l.LiveNodes()) == 2 }, "the node came back")
		l.Passes(2)
		require.Empty(t, l.Runs(id))
	})
}
