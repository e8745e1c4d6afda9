package clienttest

import (
	"cmp"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/schema"
)

// Executes by their next fire come from all shards and apps, each page where the
// one before ended, also where several fire at the same instant.
func TestListOfExecutesByNextFire(t *testing.T) {
	each(t, func(f *fixture) {
		_, err := f.AddApp(f.ctx, client.App{Name: "other"})
		require.NoError(f, err)
		job := f.job()
		other, err := f.AddJob(f.ctx, client.Job{App: "other", Class: "x"})
		require.NoError(f, err)
		var executes []client.Execute
		for i := range 40 {
			e := client.Execute{Schedule: client.Every(time.Hour).StartAt(noon.Add(time.Duration(i*7%20) * time.Minute)), Paused: i%5 == 0}
			if i%4 == 0 {
				e.RunOn = schema.RunOnMaster
			}
			executes = append(executes, e)
		}
		mine, err := f.AddExecutes(f.ctx, job.ID, executes)
		require.NoError(f, err)
		theirs, err := f.AddExecutes(f.ctx, other.ID, executes[:10])
		require.NoError(f, err)
		f.child(mine[0].ID, schema.ChildRetry, noon.UnixMilli(), nil)
		f.claimed(mine[1].ID, noon, time.Time{}) // nothing is left to fire
		sorted := func(executes []*client.ExecuteInfo, keep func(e *client.ExecuteInfo) bool) []client.ID {
			some := slices.DeleteFunc(slices.Clone(executes), func(e *client.ExecuteInfo) bool { return e.ID == mine[1].ID || !keep(e) })
			slices.SortFunc(some, func(a, b *client.ExecuteInfo) int {
				return cmp.Or(a.NextFire.Compare(b.NextFire), cmp.Compare(a.ID, b.ID))
			})
			ids := make([]client.ID, len(some))
			for i, e := range some {
				ids[i] = e.ID
			}
			return ids
		}
		every := func(*client.ExecuteInfo) bool { return true }
		for _, c := range []struct {
			filter client.ExecuteFilter
			want   []client.ID
		}{
			{client.ExecuteFilter{}, sorted(slices.Concat(mine, theirs), every)},
			{client.ExecuteFilter{App: "billing"}, sorted(mine, every)},
			{client.ExecuteFilter{App: "other"}, sorted(theirs, every)},
			{client.ExecuteFilter{App: "nowhere"}, nil},
			{client.ExecuteFilter{Job: other.ID}, sorted(theirs, every)},
			{client.ExecuteFilter{IDs: []client.ID{mine[7].ID, mine[3].ID}}, sorted([]*client.ExecuteInfo{mine[3], mine[7]}, every)},
			{
				client.ExecuteFilter{App: "billing", States: []schema.State{schema.Paused}},
				sorted(mine, func(e *client.ExecuteInfo) bool { return e.State == schema.Paused }),
			},
			{
				client.ExecuteFilter{DueBefore: noon.Add(4 * time.Minute)},
				sorted(slices.Concat(mine, theirs), func(e *client.ExecuteInfo) bool { return e.NextFire.Before(noon.Add(4 * time.Minute)) }),
			},
		} {
			for _, descending := range []bool{false, true} {
				for _, limit := range []int{1, 7, 1000} {
					c.filter.Sort, c.filter.Descending, c.filter.Limit = client.SortNextFire, descending, limit
					all := walk(f, func(cursor string) (*client.Page[client.ExecuteInfo], error) {
						c.filter.Cursor = cursor
						return f.ListExecutes(f.ctx, c.filter)
					}, func() {})
					var got []client.ID
					for _, e := range all {
						got = append(got, e.ID)
					}
					if descending {
						slices.Reverse(got)
					}
					require.Equal(f, c.want, got, "%+v", c.filter)
				}
			}
		}
	})
}
