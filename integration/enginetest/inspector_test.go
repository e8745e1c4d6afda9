package enginetest

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/core"
	"github.com/quartz-cluster/quartz/integration/internal/lab"
	"github.com/quartz-cluster/quartz/schema"
)

// firstFails is a handler of which the first attempt of a fire fails.
func firstFails(_ context.Context, f *core.Fire) error {
	if f.Attempt == 1 {
		return errFailed
	}
	return nil
}

func TestAClientRetriesAFailedFire(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		l.Start(lab.Running(l.Handlers(firstFails)))
		for _, overlap := range schema.Overlaps {
			id := l.Execute(client.Now(), client.OnOverlap(overlap), client.WithData([]int{1}))
			require.Equal(t, schema.Failed, l.UntilState(id, schema.Complete).LastState)
			fires, err := l.Client.RetryFire(t.Context(), client.ID(id))
			require.NoError(t, err)
			row := l.UntilRow(id, func(e schema.Execute) bool { return e.LastState == schema.Succeeded }, "it succeeds")
			require.Equal(t, []any{schema.Complete, int64(2), int64(1), 0}, []any{row.State, row.FireCount, row.FailCount, row.FailStreak})
			runs := l.Runs(id)
			require.Len(t, runs, 2)
			require.True(t, runs[1].NominalTime.Equal(runs[0].NominalTime))
			require.True(t, fires[0].Time.Equal(runs[0].NominalTime))
			require.Equal(t, 2, runs[1].Attempt)
			require.False(t, runs[1].RunNow)
			require.JSONEq(t, "[1]", string(runs[1].Data))
			require.Empty(t, l.Children(id))
			_, err = l.Client.RetryFire(t.Context(), client.ID(id))
			var conflict *client.StateConflictError
			require.ErrorAs(t, err, &conflict)
		}
	})
}

func TestAClientRetriesOnAllNodes(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		l.Start(lab.Running(l.Handlers(firstFails)))
		l.Start(lab.Running(l.Handlers(firstFails)))
		id := onAll(l, l.Job(), client.Now()) // which one pass copies to both
		l.UntilRuns(id, 2)
		failing := client.ExecuteFilter{App: lab.App, Failing: true}
		l.Until(func() bool {
			n := 0
			for _, copied := range copiesOf(t, l, id) {
				n += copied.FailStreak
			}
			return n == 2
		}, "both copies have failed")
		page, err := l.Client.ListExecutes(t.Context(), failing)
		require.NoError(t, err)
		require.Len(t, page.Items, 1)
		require.Equal(t, client.ID(id), page.Items[0].ID)
		fires, err := l.Client.RetryFire(t.Context(), client.ID(id))
		require.NoError(t, err)
		require.Len(t, fires, 2)
		l.UntilRuns(id, 4)
		runs := l.Runs(id)
		nodes := map[int64]int{}
		for _, run := range runs {
			require.True(t, run.NominalTime.Equal(runs[0].NominalTime))
			nodes[run.Fence]++
		}
		require.Len(t, nodes, 2)
		for _, n := range nodes {
			require.Equal(t, 2, n, "each on its own node")
		}
		l.Until(func() bool {
			page, err := l.Client.ListExecutes(t.Context(), failing)
			require.NoError(t, err)
			return len(page.Items) == 0
		}, "nothing fails any more")
	})
}

func TestAClientResetsWhatHasEnded(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		l.Start(lab.Running(l.Handlers(func(_ context.Context, f *core.Fire) error {
			if string(f.Data) == `["fails"]` {
				return errFailed
			}
			return nil
		})))
		counted := l.Execute(client.Every(50 * time.Millisecond).Times(3))
		fails := l.Execute(client.Every(50*time.Millisecond), client.WithData([]string{"fails"}), client.PauseAfter(2))
		l.UntilState(counted, schema.Complete)
		before := l.UntilRow(fails, func(e schema.Execute) bool { return e.State == schema.Error && e.FireTime == 0 }, "it has failed twice")
		for _, id := range []int64{counted, fails} {
			_, err := l.Client.ResetExecute(t.Context(), client.ID(id))
			require.NoError(t, err)
		}
		row := l.UntilState(counted, schema.Complete)
		require.EqualValues(t, 6, row.FireCount+row.SkipCount)
		row = l.UntilState(fails, schema.Error)
		require.GreaterOrEqual(t, row.FireCount, before.FireCount+2, "it may fail twice once more")
		seen := map[time.Time]bool{}
		for _, run := range l.Runs(counted) {
			require.False(t, seen[run.NominalTime])
			seen[run.NominalTime] = true
		}
	})
}

func TestAClientLooksAtLiveNodes(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		l.Start(lab.Running(l.Handlers(untilEnd)), lab.With(func(c *core.Config) { c.NodeKey, c.Slots = "a", 5 }))
		l.Start(lab.Running(l.Handlers(untilEnd)), lab.With(func(c *core.Config) { c.NodeKey, c.Slots = "b", 7 }))
		id := l.Execute(client.Now())
		fire := onlyRunning(t, l, id, 1)
		require.Contains(t, []string{"a", "b"}, fire.NodeKey)
		require.NotEmpty(t, fire.Class)
		l.Until(func() bool {
			all, err := l.Client.Overview(t.Context(), lab.App)
			require.NoError(t, err)
			return all.Apps[0].Nodes == client.NodeCounts{Live: 2, Capacity: 12, Running: 1} && all.Apps[0].Running == 1
		}, "both nodes are counted with their slots")
		answers, err := l.Client.PingNodes(t.Context(), lab.App)
		require.NoError(t, err)
		require.Len(t, answers, 2)
		for i, key := range []string{"a", "b"} {
			require.Equal(t, key, answers[i].Key)
			require.NotNil(t, answers[i].Answer, answers[i].Error)
		}
		_, err = l.Client.Cancel(t.Context(), client.ID(id))
		require.NoError(t, err)
	})
}
