package enginetest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/integration/internal/lab"
	"github.com/quartz-cluster/quartz/integration/internal/testdb"
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

// An execute is not claimed while it is unknown what became of an earlier claim of the
// same fire: the answer could not tell the two apart.
func TestNothingIsClaimedTwiceInDoubt(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		id := l.Execute(client.Now())
		lost, asked := lab.Fail(1), lab.NewGate()
		n := l.Start(lab.Running(l.Handlers(asked.Wait)), lab.Through(func(p *lab.Pool) {
			p.Hook(lab.Claim, lab.Hook{Before: func(string, []any) error { return lost.Next() }})
			p.Hook(lab.ReadBack, lab.Hook{Before: func(string, []any) error { <-asked.Opened(); return nil }})
		}))
		t.Cleanup(asked.Open)
		l.Until(func() bool { return lost.Left() == 0 }, "the failure was injected")
		n.Scans(3)
		require.Zero(t, l.Row(id).FireTime)
		asked.Open()
		l.UntilState(id, schema.Complete)
		require.Len(t, l.Runs(id), 1)
	})
}

// Somebody who holds a row keeps a node from knowing what became of its claim of it,
// and from nothing else.
func TestAClaimInDoubtOfARowThatSomebodyHolds(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		if l.DB.Kind == testdb.SQLite {
			return // whoever writes holds the whole database
		}
		id := l.Execute(client.Now())
		lost := lab.Fail(1)
		holding := l.DB.Gorm.Begin()
		require.NoError(t, holding.Error)
		t.Cleanup(func() { holding.Rollback() })
		n := l.Start(lab.Through(func(p *lab.Pool) {
			p.Hook(lab.Claim, lab.Hook{Before: func(string, []any) error {
				err := lost.Next()
				if err != nil {
					require.NoError(t, holding.Exec("UPDATE QRTZ_EXECUTE SET UPDATED_BY = 'ada' WHERE ID = ?", id).Error)
				}
				return err
			}})
		}))
		l.Until(func() bool { return n.Pool.Count(lab.ReadBack) > 2 }, "the node asks")
		l.UntilState(l.Execute(client.Now()), schema.Complete)
		require.Empty(t, l.Runs(id))
		require.NoError(t, holding.Rollback().Error)
		l.UntilState(id, schema.Complete)
		require.Len(t, l.Runs(id), 1)
	})
}

// A node that cannot ask what became of a claim until its lease ends does not run the
// fire, which is recorded as lost.
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
