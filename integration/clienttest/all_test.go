package clienttest

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/client"
)

// drain ranges over a list to its end.
func drain[T any](f *fixture, list iter.Seq2[*T, error]) []*T {
	f.Helper()
	var items []*T
	for item, err := range list {
		require.NoError(f, err)
		items = append(items, item)
	}
	return items
}

func idsOf(executes []*client.ExecuteInfo) []client.ID {
	ids := make([]client.ID, len(executes))
	for i, e := range executes {
		ids[i] = e.ID
	}
	return ids
}

// jobWith adds a job with n executes, numbered by their names.
func (f *fixture) jobWith(n int) (job client.ID, executes []client.ID) {
	f.Helper()
	job = f.job().ID
	for from := 0; from < n; from += client.MaxBatch {
		part := make([]client.Execute, min(n-from, client.MaxBatch))
		for i := range part {
			part[i] = client.Execute{Name: fmt.Sprintf("e-%d", from+i), Schedule: client.Every(time.Hour)}
		}
		added, err := f.AddExecutes(f.ctx, job, part)
		require.NoError(f, err)
		executes = append(executes, idsOf(added)...)
	}
	return job, executes
}

func TestAllOfAListComesWithoutPages(t *testing.T) {
	each(t, func(f *fixture) {
		job, want := f.jobWith(7)
		f.job()
		for _, name := range []string{"a", "b", "c"} {
			_, err := f.AddAppWithNode(f.ctx, client.Node{App: name, Key: name})
			require.NoError(f, err)
		}
		for _, id := range want[:3] {
			f.fires(id, noon, 1, 7)
		}
		two := client.PageOptions{Limit: 2}
		for _, part := range []client.PageOptions{{}, {Limit: 1}, two, {Limit: 7}} {
			require.Equal(f, want, idsOf(drain(f, f.AllExecutes(f.ctx, client.ExecuteFilter{PageOptions: part, Job: job}))))
		}
		require.Len(f, drain(f, f.AllApps(f.ctx, client.AppFilter{PageOptions: two})), 4)
		require.Len(f, drain(f, f.AllNodes(f.ctx, client.NodeFilter{PageOptions: two})), 3)
		require.Len(f, drain(f, f.AllJobs(f.ctx, client.JobFilter{PageOptions: two, App: "billing"})), 2)
		require.Len(f, drain(f, f.AllRunning(f.ctx, client.RunningFilter{PageOptions: two})), 3)
		require.Empty(f, drain(f, f.AllJobs(f.ctx, client.JobFilter{App: "a"})))

		// It goes on where a page ended, in its order.
		page, err := f.ListExecutes(f.ctx, client.ExecuteFilter{PageOptions: client.PageOptions{Limit: 4, Descending: true}, Job: job})
		require.NoError(f, err)
		rest := client.ExecuteFilter{PageOptions: client.PageOptions{Limit: 2, Descending: true, Cursor: page.Next}, Job: job}
		require.Equal(f, []client.ID{want[2], want[1], want[0]}, idsOf(drain(f, f.AllExecutes(f.ctx, rest))))
	})
}

func TestAllGoesOnBehindAnEmptyPage(t *testing.T) {
	each(t, func(f *fixture) {
		job, ids := f.jobWith(client.MaxLook + 50)
		_, err := f.PauseExecute(f.ctx, ids[len(ids)-1])
		require.NoError(f, err)
		filter := client.ExecuteFilter{Job: job, Text: fmt.Sprintf("e-%d", len(ids)-1)}
		first, err := f.ListExecutes(f.ctx, filter)
		require.NoError(f, err)
		require.Empty(f, first.Items)
		require.NotEmpty(f, first.Next)
		require.Equal(f, ids[len(ids)-1:], idsOf(drain(f, f.AllExecutes(f.ctx, filter))))
	})
}

func TestAllEndsWithTheLoop(t *testing.T) {
	each(t, func(f *fixture) {
		job, want := f.jobWith(5)
		s := &spans{}
		c := f.another(client.Config{Tracer: s})
		list := c.AllExecutes(f.ctx, client.ExecuteFilter{PageOptions: client.PageOptions{Limit: 2}, Job: job})
		require.Empty(f, s.began, "it asks when it is ranged over")
		for range 2 { // each time from the beginning
			s.began = nil
			var seen []client.ID
			for e, err := range list {
				require.NoError(f, err)
				// The rows are read: the connection is free for other calls.
				_, err := f.GetExecute(f.ctx, e.ID)
				require.NoError(f, err)
				if seen = append(seen, e.ID); len(seen) == 3 {
					break
				}
			}
			require.Equal(f, want[:3], seen)
			require.Equal(f, []string{"list executes", "list executes"}, s.began, "the third page was not asked for")
		}
	})
}

func TestWhatGoesWrongEndsAll(t *testing.T) {
	each(t, func(f *fixture) {
		job, want := f.jobWith(5)
		filter := client.ExecuteFilter{PageOptions: client.PageOptions{Limit: 2}, Job: job}
		walk := func(ctx context.Context, filter client.ExecuteFilter, at func(n int)) (seen []client.ID, errs []error) {
			for e, err := range f.AllExecutes(ctx, filter) {
				if err != nil {
					require.Nil(f, e)
					errs = append(errs, err)
					continue // it is the last
				}
				seen = append(seen, e.ID)
				at(len(seen))
			}
			return seen, errs
		}

		ctx, cancel := context.WithCancel(f.ctx)
		seen, errs := walk(ctx, filter, func(n int) {
			if n == 3 {
				cancel()
			}
		})
		require.Equal(f, want[:4], seen, "the page was there")
		require.Len(f, errs, 1)
		require.ErrorIs(f, errs[0], context.Canceled)

		seen, errs = walk(f.ctx, client.ExecuteFilter{Job: -1}, func(int) {})
		require.Empty(f, seen)
		require.Len(f, errs, 1)
		requireField(f, errs[0], "job")

		// The database fails in the middle.
		seen, errs = walk(f.ctx, filter, func(n int) {
			if n == 2 {
				_, err := f.sql.Exec(f.ctx, "ALTER TABLE QRTZ_EXECUTE RENAME TO QRTZ_OTHER")
				require.NoError(f, err)
			}
		})
		require.Equal(f, want[:2], seen)
		require.Len(f, errs, 1)
		require.ErrorContains(f, errs[0], "list executes: ")
	})
}

func TestAllSeesWhatChangesBetweenItsPages(t *testing.T) {
	each(t, func(f *fixture) {
		job, want := f.jobWith(6)
		var seen, added []client.ID
		for e, err := range f.AllExecutes(f.ctx, client.ExecuteFilter{PageOptions: client.PageOptions{Limit: 2}, Job: job}) {
			require.NoError(f, err)
			if seen = append(seen, e.ID); len(seen) == 1 { // one before, one on this page, one ahead
				for _, id := range []client.ID{want[0], want[1], want[3]} {
					require.NoError(f, f.DeleteExecute(f.ctx, id))
				}
				more, err := f.AddExecute(f.ctx, job, client.Now())
				require.NoError(f, err)
				added = append(added, more.ID)
			}
		}
		require.Equal(f, slices.Concat(want[:3], want[4:], added), seen)
	})
}
