package enginetest

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/core/observe"
	"github.com/quartz-cluster/quartz/integration/internal/lab"
	"github.com/quartz-cluster/quartz/schema"
)

// A pause holds for every claim that begins after it, at whichever level it is
// laid; resuming goes on where things were.
func TestPauseAndResume(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		n := l.Start(lab.As("key"))
		ctx := t.Context()
		job := l.Job()
		id := l.ExecuteOf(job, client.Every(100*time.Millisecond), client.OnMisfire(schema.FireAll))
		for _, level := range []struct {
			name          string
			pause, resume func() error
		}{
			{
				"app", func() error { _, err := l.Client.PauseApp(ctx, lab.App); return err },
				func() error { _, err := l.Client.ResumeApp(ctx, lab.App); return err },
			},
			{
				"node", func() error { _, err := l.Client.PauseNode(ctx, lab.App, "key"); return err },
				func() error { _, err := l.Client.ResumeNode(ctx, lab.App, "key"); return err },
			},
			{
				"job", func() error { _, err := l.Client.PauseJob(ctx, job); return err },
				func() error { _, err := l.Client.ResumeJob(ctx, job); return err },
			},
			{
				"execute", func() error { _, err := l.Client.PauseExecute(ctx, client.ID(id)); return err },
				func() error { _, err := l.Client.ResumeExecute(ctx, client.ID(id)); return err },
			},
		} {
			l.UntilRuns(id, len(l.Runs(id))+2)
			require.NoError(t, level.pause(), level.name)
			at := l.Now()
			l.Passes(2)
			n.Beats(3)
			row := l.UntilIdle(id)
			require.LessOrEqual(t, row.FireStart, at.UnixMilli(), "%s: claimed after the pause", level.name)
			runs := len(l.Runs(id))
			l.Passes(1)
			require.Len(t, l.Runs(id), runs, level.name)
			require.NoError(t, level.resume(), level.name)
		}
		l.UntilRuns(id, len(l.Runs(id))+3)
		require.NoError(t, n.Stop(context.Background())) // with each run that began
		nominals := l.Nominals(id)                       // late by less than the threshold: none is left out
		requireSteps(t, nominals, nominals[0], 100*time.Millisecond, "paused and resumed")
	})
}

// Instants that pass during a long pause are misfires.
func TestWhatPassesDuringAPauseIsMissed(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		l.Start()
		id := l.Execute(client.Every(time.Hour), client.Paused())
		start := l.Now().Add(-150 * time.Minute).Truncate(time.Millisecond)
		l.Set(id, "START_TIME = ?, NEXT_FIRE_TIME = ?", start.UnixMilli(), start.UnixMilli())
		l.Passes(2)
		require.Empty(t, l.Runs(id))
		_, err := l.Client.ResumeExecute(t.Context(), client.ID(id))
		require.NoError(t, err)
		row := l.UntilRow(id, func(e schema.Execute) bool { return e.FireCount == 1 && e.FireTime == 0 }, "it ran")
		require.EqualValues(t, 2, row.SkipCount)
		require.Equal(t, start.Add(2*time.Hour), l.Runs(id)[0].NominalTime)
	})
}

// Each level keeps its own pause.
func TestResumingOneLevelLeavesTheOthersPaused(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		n := l.Start()
		ctx := t.Context()
		job := l.Job()
		id := l.ExecuteOf(job, client.Every(100*time.Millisecond))
		l.UntilRuns(id, 1)
		_, err := l.Client.PauseNode(ctx, lab.App, n.Key())
		require.NoError(t, err)
		_, err = l.Client.PauseApp(ctx, lab.App)
		require.NoError(t, err)
		_, err = l.Client.PauseJob(ctx, job)
		require.NoError(t, err)
		_, err = l.Client.PauseExecute(ctx, client.ID(id))
		require.NoError(t, err)
		l.UntilEvents(observe.NodePaused, 1)

		_, err = l.Client.ResumeApp(ctx, lab.App)
		require.NoError(t, err)
		_, err = l.Client.ResumeJob(ctx, job)
		require.NoError(t, err)
		l.Passes(2)
		require.Equal(t, schema.Off, l.NodeRows()[0].State)
		require.Equal(t, schema.Paused, l.Row(id).State)
		_, err = l.Client.ResumeExecute(ctx, client.ID(id))
		require.NoError(t, err)
		l.Passes(2)
		runs := len(l.Runs(id))
		_, err = l.Client.ResumeNode(ctx, lab.App, n.Key())
		require.NoError(t, err)
		l.UntilEvents(observe.NodeResumed, 1)
		l.UntilRuns(id, runs+2)
	})
}

// A fire that was claimed before a pause runs, and its last one does not end the
// pause.
func TestAFireClaimedBeforeThePauseRuns(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		gate := lab.NewGate()
		l.Start(lab.Running(l.Handlers(gate.Wait)))
		id := l.Execute(client.Now())
		l.UntilRuns(id, 1)
		_, err := l.Client.PauseExecute(t.Context(), client.ID(id))
		require.NoError(t, err)
		gate.Open()
		row := l.UntilRow(id, func(e schema.Execute) bool { return e.FireTime == 0 }, "it is completed")
		require.EqualValues(t, 1, row.FireCount)
		require.Equal(t, schema.Paused, row.State, "an operator's word stays")
	})
}
