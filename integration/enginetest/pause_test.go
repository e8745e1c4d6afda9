package enginetest

import (
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
	t.Parallel()
	for _, level := range []string{"app", "node", "job", "execute"} {
		t.Run(level, func(t *testing.T) {
			lab.Each(t, func(t *testing.T, l *lab.Lab) {
				n := l.Start()
				job := l.Job()
				id := l.ExecuteOf(job, client.Every(100*time.Millisecond), client.OnMisfire(schema.FireAll))
				l.UntilRuns(id, 2)
				ctx := t.Context()
				flip := func(pause bool) {
					var err error
					switch {
					case level == "app" && pause:
						_, err = l.Client.PauseApp(ctx, lab.App)
					case level == "app":
						_, err = l.Client.ResumeApp(ctx, lab.App)
					case level == "node" && pause:
						_, err = l.Client.PauseNode(ctx, lab.App, n.Key())
					case level == "node":
						_, err = l.Client.ResumeNode(ctx, lab.App, n.Key())
					case level == "job" && pause:
						_, err = l.Client.PauseJob(ctx, job)
					case level == "job":
						_, err = l.Client.ResumeJob(ctx, job)
					case pause:
						_, err = l.Client.PauseExecute(ctx, client.ID(id))
					default:
						_, err = l.Client.ResumeExecute(ctx, client.ID(id))
					}
					require.NoError(t, err)
				}
				flip(true)
				at := l.Now()
				l.Passes(3)
				n.Beats(3)
				row := l.UntilRow(id, func(e schema.Execute) bool { return e.FireTime == 0 }, "nothing is in flight")
				require.LessOrEqual(t, row.FireStart, at.UnixMilli(), "claimed after the pause")
				runs := len(l.Runs(id))
				l.Passes(2)
				require.Len(t, l.Runs(id), runs)

				flip(false)
				l.UntilRuns(id, runs+5)
				nominals := l.Nominals(id)
				for i := range nominals[1:] {
					require.Equal(t, 100*time.Millisecond, nominals[i+1].Sub(nominals[i]), "late by less than the threshold: none is left out")
				}
			})
		})
	}
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
