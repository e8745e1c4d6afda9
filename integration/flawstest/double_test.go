package flawstest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/core"
	"github.com/quartz-cluster/quartz/integration/internal/lab"
	"github.com/quartz-cluster/quartz/integration/internal/testdb"
	"github.com/quartz-cluster/quartz/schema"
)

// deferred lets others write on SQLite between a transaction's begin and its
// first statement.
func deferred(l *lab.Lab) lab.Option {
	if l.DB.Kind != testdb.SQLite {
		return lab.Connected()
	}
	return lab.Connected(testdb.Param("_txlock", "deferred"))
}

func TestAFailedCommitCountsAsAClaim(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		failed := lab.Fail(1)
		hook := lab.Hook{Commit: failed.Next}
		if l.DB.Kind == testdb.Postgres { // there a claim is one statement, which commits by itself
			hook = lab.Hook{Before: func(string, []any) error { return failed.Next() }}
		}
		gate := lab.NewGate()
		l.Start(lab.Running(l.Handlers(gate.Wait)), lab.Through(func(p *lab.Pool) { p.Hook(lab.Take, hook) }))
		id := l.Execute(client.Now())
		l.UntilRuns(id, 1)
		require.Zero(t, failed.Left())
		require.NotZero(t, l.Row(id).FireTime, "what runs is claimed")
		gate.Open()
		require.EqualValues(t, 1, l.UntilState(id, schema.Complete).FireCount)
		require.Len(t, l.Runs(id), 1)
	})
}

func TestAnEditFiresAgainWhatHasFired(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		l.Start()
		id := l.Execute(client.Every(200 * time.Millisecond))
		first := l.UntilRuns(id, 3)[0].NominalTime
		e, err := l.Client.GetExecute(t.Context(), client.ID(id))
		require.NoError(t, err)
		// Both schedules hold the instants that have fired.
		_, err = l.Client.UpdateExecute(t.Context(), client.ID(id), e.Version, client.SetSchedule(client.Every(100*time.Millisecond).StartAt(first)))
		require.NoError(t, err)
		l.UntilRuns(id, len(l.Runs(id))+3)
		l.Set(id, "NEXT_FIRE_TIME = ?, PREV_FIRE_TIME = ?", first.UnixMilli(), first.UnixMilli()-1000)
		l.UntilRuns(id, len(l.Runs(id))+3) // that none ran twice is checked at the end
	})
}

func TestAFailedFireIsRefiredInATightLoop(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		l.Start(lab.Running(l.Handlers(func(context.Context, *core.Fire) error { return errors.New("no") })))
		id := l.Execute(client.Every(200 * time.Millisecond).Times(3))
		row := l.UntilState(id, schema.Complete)
		l.Passes(2)
		require.Len(t, l.Runs(id), 3)
		require.EqualValues(t, 3, row.FailCount)
	})
}
